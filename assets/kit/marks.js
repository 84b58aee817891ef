// Markers, icons and samples of lines, as every component has them.

/** The outline of a marker of radius r around the origin, as the text of an SVG path.
 * @param {string} name @param {number} r */
function markerOutline(name, r) {
  const join = (/** @type {number[][]} */ points) => `M${points.map(([x, y]) => `${(x * r).toFixed(2)} ${(y * r).toFixed(2)}`).join("L")}Z`;
  const corners = (/** @type {number} */ count, /** @type {number} */ turn, radius = 1) =>
    Array.from({ length: count }, (_, i) => {
      const angle = turn + (2 * Math.PI * i) / count;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
  const disc = (/** @type {number} */ radius) => {
    const a = (radius * r).toFixed(2);
    return `M${a} 0A${a} ${a} 0 1 1 -${a} 0A${a} ${a} 0 1 1 ${a} 0Z`;
  };
  const turned = (/** @type {number[][]} */ points) => points.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]);
  const arm = 0.36;
  const plus = [
    [-arm, -1.1], [arm, -1.1], [arm, -arm], [1.1, -arm], [1.1, arm], [arm, arm],
    [arm, 1.1], [-arm, 1.1], [-arm, arm], [-1.1, arm], [-1.1, -arm], [-arm, -arm],
  ];
  const up = -Math.PI / 2;
  const star = corners(5, up, 1.2).flatMap((tip, i) => [tip, corners(5, up + Math.PI / 5, 0.55)[i]]);
  /** @type {Record<string, () => string>} */
  const shapes = {
    circle: () => disc(1),
    ring: () => disc(1.1) + disc(0.5),
    square: () => join(corners(4, Math.PI / 4, 1.25)),
    diamond: () => join(corners(4, 0, 1.3)),
    triangle: () => join(corners(3, up, 1.3)),
    triangle_down: () => join(corners(3, -up, 1.3)),
    pentagon: () => join(corners(5, up, 1.15)),
    hexagon: () => join(corners(6, 0, 1.15)),
    star: () => join(star),
    plus: () => join(plus),
    cross: () => join(turned(plus)),
    hourglass: () => join([[-1, -1.1], [1, -1.1], [0.22, 0], [1, 1.1], [-1, 1.1], [-0.22, 0]]),
  };
  return (shapes[name] || shapes.circle)();
}

/** @type {Map<string, Path2D>} */
const markerCache = new Map();

/** @param {string} name @param {number} r */
function markerPath(name, r) {
  const key = `${name}/${r}`;
  if (!markerCache.has(key)) markerCache.set(key, new Path2D(markerOutline(name, r)));
  return markerCache.get(key);
}

/** @typedef {import("./canvas.js").Context} Context */

/** Draws a marker with a halo, so that it reads on any band of the surface.
 * @param {Context} ctx @param {string} name @param {number} x @param {number} y @param {number} r
 * @param {string} color @param {string} halo */
export function drawMarker(ctx, name, x, y, r, color, halo) {
  const path = markerPath(name, r);
  ctx.translate(x, y);
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = halo;
  ctx.stroke(path);
  ctx.fillStyle = color;
  ctx.fill(path, "evenodd");
  ctx.translate(-x, -y);
}

/** The mark of what diverged: a large x.
 * @param {Context} ctx @param {number} x @param {number} y @param {number} r @param {string} color @param {string} halo */
export function drawDiverged(ctx, x, y, r, color, halo) {
  ctx.lineCap = "round";
  for (const [style, width] of /** @type {[string, number][]} */ ([[halo, 8], [color, 4]])) {
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x + r, y - r);
    ctx.lineTo(x - r, y + r);
    ctx.stroke();
  }
}

export const SADDLE_OUTLINE = "M-5 -6Q0 0 -5 6M5 -6Q0 0 5 6";

/** @type {Record<string, string>} */
const ICONS = {
  first: "M6 5v14M19 5.5v13L9 12z",
  back: "M16.5 5.5v13L7 12z",
  play: "M8 4.8v14.4L19.5 12z",
  pause: "M7 5h3.4v14H7zM13.6 5H17v14h-3.4z",
  forward: "M7.5 5.5v13L17 12z",
  last: "M18 5v14M5 5.5v13L15 12z",
  loop: "M6 15.5a6.8 6.8 0 0 1 0-7A6.6 6.6 0 0 1 17.6 8M18 8.5a6.8 6.8 0 0 1 0 7A6.6 6.6 0 0 1 6.4 16M17.9 3.6V8.2h-4.6M6.1 20.4v-4.6h4.6",
  closer: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.3 15.3 20.5 20.5M7.6 10.5h5.8M10.5 7.6v5.8",
  wider: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.3 15.3 20.5 20.5M7.6 10.5h5.8",
  whole: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9.5 9.5h5v5h-5z",
  knobs: "M4 7h9.5M17.5 7H20M4 17h2.5M10.5 17H20M15.5 4.5v5M8.5 14.5v5",
  close: "M6 6l12 12M18 6 6 18",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
};
const FILLED_ICONS = new Set(["first", "back", "play", "pause", "forward", "last"]);

/** @param {string} name */
export function icon(name) {
  const fill = FILLED_ICONS.has(name) ? "currentColor" : "none";
  return (
    `<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="${fill}" stroke="currentColor" ` +
    `stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="${ICONS[name]}"/></svg>`
  );
}

/** A short piece of a racer's line with its marker, for chips and table rows.
 * @param {{dash: number[], marker: string}} racer @param {string} color @param {string} halo */
export function lineSample(racer, color, halo) {
  return (
    `<svg viewBox="0 0 54 20" width="54" height="20" aria-hidden="true">` +
    `<path d="M1 10H53" fill="none" stroke="${color}" stroke-width="3" stroke-dasharray="${racer.dash.join(" ")}"/>` +
    `<path d="${markerOutline(racer.marker, 6)}" transform="translate(27 10)" fill="${color}" ` +
    `fill-rule="evenodd" stroke="${halo}" stroke-width="3" paint-order="stroke"/></svg>`
  );
}

/** The samples of the picture's own marks, for the key beside the chips. @param {string} kind @param {string} color */
export function keySample(kind, color) {
  /** @type {Record<string, string>} */
  const paths = {
    minimum: `<path d="${markerOutline("star", 7)}" fill="${color}"/>`,
    saddle: `<path d="${SADDLE_OUTLINE}" fill="none" stroke="${color}" stroke-width="2.5"/>`,
    diverged: `<path d="M-6 -6L6 6M6 -6L-6 6" fill="none" stroke="${color}" stroke-width="3.5" stroke-linecap="round"/>`,
  };
  return `<svg viewBox="-10 -10 20 20" width="20" height="20" aria-hidden="true">${paths[kind]}</svg>`;
}
