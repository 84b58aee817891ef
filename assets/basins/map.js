// The map of one racer: what its starts reach as colours, contour lines above, and on a second canvas
// what moves: minima, the start, the path from it and the cross under the pointer.

import { clipTo, cutEnds, cutSegment, drawCross, drawRing, rgb } from "../kit/canvas.js";
import { Figure } from "../kit/figure.js";
import { drawMarker } from "../kit/marks.js";
import { clamp, Scale } from "../kit/scale.js";

/** @typedef {{header: import("../payloads.js").Basins, arrays: Record<string, any>}} Data */

export const [NONE, DIVERGED] = [254, 255]; // in the bytes, for starts that reach no minimum
const HATCH = 9; // pixels between two lines of the hatch

export class BasinMap extends Figure {
  /** @type {Data} */ data = null;
  r = 0;
  /** @type {OffscreenCanvas} */ image = null;
  /** @type {Uint32Array[]} */ shades = [];
  /** @type {Uint8Array} */ reached = null;
  /** @type {Uint16Array} */ steps = null;

  /** @param {HTMLElement} figure */
  constructor(figure) {
    super(figure.querySelector(".map"));
    this.figure = figure;
  }

  /** @param {Data} data @param {number} r */
  setData(data, r) {
    const { header, arrays } = data;
    const count = header.side * header.side;
    Object.assign(this, { data, r, image: null });
    this.reached = arrays.reached.subarray(r * count, (r + 1) * count);
    this.steps = arrays.steps.subarray(r * count, (r + 1) * count);
    const [left, right, bottom, top] = header.window;
    this.across = new Scale({ low: left, high: right });
    this.scale = new Scale({ low: bottom, high: top });
  }

  /** @param {number} size */
  margins(size) {
    return { left: size * 2.6, right: 2, top: 2, bottom: size * 1.8 };
  }

  /** The cell [column, row] under a pixel of the box. @param {number} px @param {number} py */
  cellAt(px, py) {
    const { left, right, top, bottom } = this.plot;
    const { side } = this.data.header;
    const cell = (/** @type {number} */ part) => clamp(Math.floor(part * side), 0, side - 1);
    return [cell((px - left) / (right - left)), cell((bottom - py) / (bottom - top))];
  }

  /** What becomes of the start in a cell. @param {number[]} cell */
  fate([column, row]) {
    const at = row * this.data.header.side + column;
    return { code: this.reached[at], steps: this.steps[at] };
  }

  /** The starts as an image of one pixel each, row 0 on top. */
  paint() {
    const { header } = this.data;
    const { side } = header;
    const canvas = new OffscreenCanvas(side, side);
    const ctx = canvas.getContext("2d");
    const image = ctx.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    for (let row = 0; row < side; row++) {
      for (let column = 0, at = row * side, to = (side - 1 - row) * side; column < side; column++, at++, to++) {
        const code = this.reached[at];
        if (code < NONE) pixels[to] = this.shades[Math.min(code, header.own)][shadeOf(header, this.steps[at])];
      }
    }
    ctx.putImageData(image, 0, 0);
    return canvas;
  }

  /** The diverged starts as an image of one opaque pixel each, or null. */
  paintDiverged() {
    if (!this.reached.includes(DIVERGED)) return null;
    const { side } = this.data.header;
    const canvas = new OffscreenCanvas(side, side);
    const ctx = canvas.getContext("2d");
    const image = ctx.createImageData(side, side);
    for (let row = 0; row < side; row++) {
      for (let column = 0, at = row * side, to = (side - 1 - row) * side; column < side; column++, at++, to++) {
        image.data[4 * to + 3] = this.reached[at] === DIVERGED ? 255 : 0;
      }
    }
    ctx.putImageData(image, 0, 0);
    return canvas;
  }

  /** @param {Path2D} contours */
  drawBack(contours) {
    const { backCtx: ctx, plot, look } = this;
    const [x, y, w, h] = [plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top];
    this.image ||= this.paint();
    this.drawPanel(ctx);
    this.drawContours(ctx, contours, look.line, 1); // seen where nothing is reached
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.image, x, y, w, h);
    const mask = this.paintDiverged();
    if (mask) this.drawHatch(ctx, mask, x, y, w, h);
    this.drawContours(ctx, contours, look.ink, 0.3);
    this.drawFrame(ctx);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Path2D} contours @param {string} color @param {number} alpha */
  drawContours(ctx, contours, color, alpha) {
    const { plot, look } = this;
    clipTo(ctx, plot);
    ctx.translate(plot.left, plot.top);
    ctx.scale(1 / look.ratio, 1 / look.ratio);
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = color;
    ctx.lineWidth = look.ratio;
    ctx.stroke(contours);
    ctx.restore();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {OffscreenCanvas} mask
   * @param {number} x @param {number} y @param {number} w @param {number} h */
  drawHatch(ctx, mask, x, y, w, h) {
    const { look } = this;
    const layer = new OffscreenCanvas(Math.ceil(w * look.ratio), Math.ceil(h * look.ratio));
    const ink = layer.getContext("2d");
    ink.imageSmoothingEnabled = false;
    ink.drawImage(mask, 0, 0, layer.width, layer.height);
    ink.globalCompositeOperation = "source-in";
    ink.fillStyle = look.panel;
    ink.fillRect(0, 0, layer.width, layer.height);
    ink.globalCompositeOperation = "source-atop";
    ink.strokeStyle = look.alarm;
    ink.lineWidth = 2 * look.ratio;
    ink.beginPath();
    for (let at = -layer.height; at < layer.width; at += HATCH * look.ratio) {
      ink.moveTo(at, layer.height);
      ink.lineTo(at + layer.height, 0);
    }
    ink.stroke();
    ctx.drawImage(layer, x, y, w, h);
  }

  /** `played`: the step up to which the path is drawn; `place`: the start; `cross`: a point, or null.
   * @param {number} played @param {number[]} place @param {number[] | null} cross */
  drawFront(played, place, cross) {
    const { frontCtx: ctx, plot, look } = this;
    ctx.clearRect(0, 0, this.width, this.height);
    clipTo(ctx, plot);
    this.drawPath(ctx, played);
    if (cross) drawCross(ctx, this.pixelX(cross[0]), this.pixelY(cross[1]), plot, look.ink, look.halo);
    ctx.restore();
    for (const one of this.data.header.places) this.drawPlace(ctx, one);
    this.drawStart(ctx, place);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} played */
  drawPath(ctx, played) {
    const { look } = this;
    const { header, arrays } = this.data;
    const racer = header.racers[this.r];
    const last = Math.min(Math.floor(played), racer.length - 1);
    if (last < 0) return;
    const first = 2 * this.r * (header.steps + 1);
    const path = new Path2D();
    let [x, y] = [NaN, NaN];
    const bounds = { left: -50, right: this.width + 50, top: -50, bottom: this.height + 50 };
    for (let step = 0; step <= last; step++) {
      const [px, py] = [this.pixelX(arrays.path[first + 2 * step]), this.pixelY(arrays.path[first + 2 * step + 1])];
      if (step && cutSegment(x, y, px, py, bounds)) {
        path.moveTo(cutEnds[0], cutEnds[1]);
        path.lineTo(cutEnds[2], cutEnds[3]);
      }
      [x, y] = [px, py];
    }
    ctx.lineJoin = ctx.lineCap = "round";
    for (const [style, width] of /** @type {[string, number][]} */ ([[look.halo, 5.5], [look.ink, 2.5]])) {
      ctx.strokeStyle = style;
      ctx.lineWidth = width;
      ctx.stroke(path);
    }
    if (this.inside(x, y)) drawMarker(ctx, racer.marker, x, y, 7, look.ink, look.halo);
  }

  /** A minimum: its letter in a disc, or a dot where it has none.
   * @param {CanvasRenderingContext2D} ctx @param {{x: number, y: number, letter: string}} minimum */
  drawPlace(ctx, { x, y, letter }) {
    const { look } = this;
    const [px, py] = [this.pixelX(x), this.pixelY(y)];
    const radius = letter ? look.fontSize * 0.72 : 2.5;
    ctx.fillStyle = look.halo;
    ctx.strokeStyle = look.ink;
    ctx.lineWidth = letter ? 2 : 1;
    ctx.beginPath();
    ctx.arc(px, py, radius, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    if (!letter) return;
    ctx.fillStyle = look.ink;
    ctx.font = `700 ${look.fontSize}px ${look.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(letter, px, py + 1);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number[]} start */
  drawStart(ctx, [x, y]) {
    const [px, py] = [this.pixelX(x), this.pixelY(y)];
    if (!this.inside(px, py)) return;
    drawRing(ctx, px, py, 9, this.look.halo, 6);
    drawRing(ctx, px, py, 9, this.look.ink, 3);
  }
}

/** The shade of a number of steps: even steps of its logarithm, as in `playground/view/basins.py`.
 * @param {import("../payloads.js").Basins} header @param {number} steps */
function shadeOf(header, steps) {
  const [low, high] = header.range;
  const count = header.ramps[0].length - 1;
  const part = (Math.log1p(steps) - Math.log1p(low)) / (Math.log1p(high) - Math.log1p(low));
  return clamp(Math.round(part * count), 0, count);
}

/** For each ramp its packed colours. @param {string[][]} ramps */
export function packShades(ramps) {
  return ramps.map((ramp) => {
    const table = new Uint32Array(ramp.length);
    const bytes = new Uint8Array(table.buffer);
    ramp.forEach((color, i) => bytes.set([...rgb(color).slice(0, 3), 255], 4 * i));
    return table;
  });
}
