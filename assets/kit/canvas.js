// What is drawn on canvases in more than one place.

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */
/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */

/** @type {OffscreenCanvasRenderingContext2D} */
let pixel;

/** Any CSS colour as [red, green, blue, alpha]; the canvas does the parsing. @param {string} color */
export function rgb(color) {
  pixel ||= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  return pixel.getImageData(0, 0, 1, 1).data;
}

/**
 * A canvas context whose unit is the CSS pixel.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {number} width @param {number} height @param {number} ratio
 * @returns {any} the context of either kind of canvas
 */
export function sizeCanvas(canvas, width, height, ratio) {
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const ctx = /** @type {Context} */ (canvas.getContext("2d"));
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  return ctx;
}

export const cutEnds = new Float64Array(4);

/**
 * The part of a segment inside a rectangle, left in cutEnds; false where nothing is inside (Liang and Barsky).
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {Box} rect
 */
export function cutSegment(x0, y0, x1, y1, rect) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  let [enter, leave] = [0, 1];
  for (let side = 0; side < 4; side++) {
    const slope = side === 0 ? -dx : side === 1 ? dx : side === 2 ? -dy : dy;
    const room =
      side === 0 ? x0 - rect.left : side === 1 ? rect.right - x0 : side === 2 ? y0 - rect.top : rect.bottom - y0;
    if (slope === 0 && room < 0) return false;
    if (slope < 0) enter = Math.max(enter, room / slope);
    if (slope > 0) leave = Math.min(leave, room / slope);
  }
  if (!(enter <= leave)) return false;
  cutEnds[0] = x0 + enter * dx;
  cutEnds[1] = y0 + enter * dy;
  cutEnds[2] = x0 + leave * dx;
  cutEnds[3] = y0 + leave * dy;
  return true;
}

/** Saves the context, and cuts off what lies outside a box. @param {Context} ctx @param {Box} box @param {number} [more] */
export function clipTo(ctx, { left, right, top, bottom }, more = 0) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left - more, top - more, right - left + 2 * more, bottom - top + 2 * more);
  ctx.clip();
}

/** @param {Context} ctx @param {number} x @param {number} y @param {number} radius @param {string} color @param {number} width */
export function drawRing(ctx, x, y, radius, color, width) {
  ctx.lineWidth = width;
  ctx.strokeStyle = color;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.stroke();
}

/** Lines across a box through a point, over a halo.
 * @param {Context} ctx @param {number} x @param {number} y @param {Box} box @param {string} color @param {string} halo */
export function drawCross(ctx, x, y, box, color, halo) {
  for (const [style, width] of /** @type {[string, number][]} */ ([[halo, 3], [color, 1]])) {
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(box.left, y);
    ctx.lineTo(box.right, y);
    ctx.moveTo(x, box.top);
    ctx.lineTo(x, box.bottom);
    ctx.stroke();
  }
}
