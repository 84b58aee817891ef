// Arrows and outlines over the picture, and their samples in the legend.

export const LEAST = 26; // pixels: no arrow is drawn shorter, because its direction could not be seen

/** @typedef {import("../payloads.js").Arrow} Style */
/** @typedef {CanvasRenderingContext2D} Context */

/** The head of an arrow whose tip is at (x, y) and which comes from the direction (ux, uy).
 * @param {number} x @param {number} y @param {number} ux @param {number} uy @param {number} size */
function arrowHead(x, y, ux, uy, size) {
  const [wx, wy] = [-uy * 0.5 * size, ux * 0.5 * size];
  const [bx, by] = [x - ux * size, y - uy * size];
  return [[bx + wx, by + wy], [x, y], [bx - wx, by - wy]];
}

/** Draws an arrow by (dx, dy) pixels from (x, y), over a halo, in a style of the theme.
 * @param {Context} ctx @param {number} x @param {number} y @param {number} dx @param {number} dy
 * @param {Style} style @param {string} color @param {string} halo */
export function drawArrow(ctx, x, y, dx, dy, style, color, halo) {
  const long = Math.hypot(dx, dy);
  const [ux, uy] = [dx / long, dy / long];
  const size = Math.min(8 + 2 * style.width, long);
  const [tx, ty] = [x + dx, y + dy];
  const inset = style.head === "full" ? size * 0.8 : 0;
  const head = arrowHead(tx, ty, ux, uy, size);
  for (const [stroke, more] of /** @type {[string, number][]} */ ([[halo, 3], [color, 0]])) {
    ctx.strokeStyle = ctx.fillStyle = stroke;
    ctx.lineWidth = style.width + more;
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.setLineDash([]);
    ctx.beginPath();
    head.forEach(([hx, hy], i) => (i ? ctx.lineTo(hx, hy) : ctx.moveTo(hx, hy)));
    if (style.head === "full") ctx.closePath();
    if (style.head === "full" && !more) ctx.fill();
    else ctx.stroke();
    ctx.lineCap = "butt";
    ctx.setLineDash(more ? [] : style.dash);
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(tx - ux * inset, ty - uy * inset);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

/** Draws an outline over a halo.
 * @param {Context} ctx @param {Path2D} path @param {Pick<Style, "width" | "dash">} style
 * @param {string | CanvasGradient} color @param {string | CanvasGradient} halo @param {number} [more] width */
export function drawOutline(ctx, path, style, color, halo, more = 0) {
  /** @type {[string | CanvasGradient, number, number[]][]} */
  const strokes = [[halo, 2.5, []], [color, 0, style.dash]];
  for (const [stroke, wider, dash] of strokes) {
    ctx.strokeStyle = stroke;
    ctx.globalAlpha = wider ? 0.7 : 1;
    ctx.lineWidth = style.width + more + wider;
    ctx.lineCap = "butt";
    ctx.setLineDash(dash);
    ctx.stroke(path);
  }
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
}

/** @param {number} x @param {number} y @param {number} across @param {number} up */
export function ellipseAround(x, y, across, up) {
  const path = new Path2D();
  path.ellipse(x, y, across, up, 0, 0, 2 * Math.PI);
  return path;
}

/** What stands beside a name in the legend: a piece of the arrow or outline itself.
 * @param {string} kind @param {Style} style @param {string} color */
export function arrowSample(kind, style, color) {
  const line = `fill="none" stroke="${color}" stroke-width="${style.width}" stroke-dasharray="${style.dash.join(" ")}"`;
  const outline =
    kind === "place" ? `<circle cx="27" cy="10" r="6" ${line}/>` : `<ellipse cx="27" cy="10" rx="24" ry="7" ${line}/>`;
  const size = 8 + 2 * style.width;
  const head = arrowHead(52, 10, 1, 0, size).map((point) => point.join(" ")).join("L");
  const full = style.head === "full";
  const arrow =
    `<path d="M2 10H${full ? 52 - size * 0.8 : 52}" ${line}/>` +
    `<path d="M${head}${full ? "Z" : ""}" fill="${full ? color : "none"}" stroke="${color}" ` +
    `stroke-width="${full ? 1 : style.width}" stroke-linejoin="round"/>`;
  return `<svg viewBox="0 0 56 20" width="56" height="20" aria-hidden="true">${style.head ? arrow : outline}</svg>`;
}
