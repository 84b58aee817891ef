// The map of one racer: what its starts reach as colours, contour lines above, and on a second canvas
// what moves: minima, the start, the path from it and the cross under the pointer.

import { drawMarker, linearTicks } from "../kit/marks.js";
import { clamp, cutEnds, cutSegment, rgb, sizeCanvas } from "../kit/view.js";

export const [NONE, DIVERGED] = [254, 255]; // in the bytes, for starts that reach no minimum
const HATCH = 9; // pixels between two lines of the hatch

export class BasinMap {
  constructor(figure) {
    this.figure = figure;
    this.box = figure.querySelector(".map");
    this.back = figure.querySelector(".back");
    this.front = figure.querySelector(".front");
  }

  setData(data, r) {
    Object.assign(this, { data, r, image: null });
    const { header, arrays } = data;
    const count = header.side * header.side;
    this.reached = arrays.reached.subarray(r * count, (r + 1) * count);
    this.steps = arrays.steps.subarray(r * count, (r + 1) * count);
    [this.left, this.right, this.bottom, this.top] = header.window;
  }

  setColors(colors, racerColor, shades) {
    Object.assign(this, { colors, racerColor, shades, image: null });
  }

  resize(width, height, ratio, fontSize, font) {
    Object.assign(this, { width, height, ratio, fontSize, font });
    this.backCtx = sizeCanvas(this.back, width, height, ratio);
    this.frontCtx = sizeCanvas(this.front, width, height, ratio);
    this.plot = {
      left: Math.round(fontSize * 2.6),
      right: width - 2,
      top: 2,
      bottom: height - Math.round(fontSize * 1.8),
    };
    this.lines = null;
  }

  pixelX(x) {
    return this.plot.left + ((x - this.left) / (this.right - this.left)) * (this.plot.right - this.plot.left);
  }

  pixelY(y) {
    return this.plot.bottom - ((y - this.bottom) / (this.top - this.bottom)) * (this.plot.bottom - this.plot.top);
  }

  inside(px, py) {
    const { left, right, top, bottom } = this.plot;
    return px >= left && px <= right && py >= top && py <= bottom;
  }

  /** The cell [column, row] under a pixel of the box. */
  cellAt(px, py) {
    const { left, right, top, bottom } = this.plot;
    const { side } = this.data.header;
    const part = (value, low, high) => clamp(Math.floor(((value - low) / (high - low)) * side), 0, side - 1);
    return [part(px, left, right), part(py, bottom, top)];
  }

  /** What becomes of the start in a cell. */
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

  drawBack(contours) {
    const { backCtx: ctx, plot, colors } = this;
    const [x, y, w, h] = [plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top];
    this.image ||= this.paint();
    ctx.clearRect(0, 0, this.width, this.height);
    ctx.fillStyle = colors.panel;
    ctx.fillRect(x, y, w, h);
    this.drawContours(ctx, contours, colors.line, 1); // seen where nothing is reached
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.image, x, y, w, h);
    const mask = this.paintDiverged();
    if (mask) this.drawHatch(ctx, mask, x, y, w, h);
    this.drawContours(ctx, contours, colors.ink, 0.3);
    this.drawAxes(ctx);
  }

  drawContours(ctx, contours, color, alpha) {
    const { plot } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
    ctx.clip();
    ctx.translate(plot.left, plot.top);
    ctx.scale(1 / this.ratio, 1 / this.ratio);
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = color;
    ctx.lineWidth = this.ratio;
    ctx.stroke(contours);
    ctx.restore();
  }

  drawHatch(ctx, mask, x, y, w, h) {
    const layer = new OffscreenCanvas(Math.ceil(w * this.ratio), Math.ceil(h * this.ratio));
    const ink = layer.getContext("2d");
    ink.imageSmoothingEnabled = false;
    ink.drawImage(mask, 0, 0, layer.width, layer.height);
    ink.globalCompositeOperation = "source-in";
    ink.fillStyle = this.colors.panel;
    ink.fillRect(0, 0, layer.width, layer.height);
    ink.globalCompositeOperation = "source-atop";
    ink.strokeStyle = this.colors.alarm;
    ink.lineWidth = 2 * this.ratio;
    ink.beginPath();
    for (let at = -layer.height; at < layer.width; at += HATCH * this.ratio) {
      ink.moveTo(at, layer.height);
      ink.lineTo(at + layer.height, 0);
    }
    ink.stroke();
    ctx.drawImage(layer, x, y, w, h);
  }

  drawAxes(ctx) {
    const { plot, fontSize, colors } = this;
    ctx.font = `${fontSize}px ${this.font}`;
    ctx.fillStyle = ctx.strokeStyle = colors.text;
    ctx.lineWidth = 1;
    ctx.strokeRect(plot.left - 0.5, plot.top - 0.5, plot.right - plot.left + 1, plot.bottom - plot.top + 1);
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    for (const { value, label } of linearTicks(this.left, this.right, (plot.right - plot.left) / (fontSize * 5))) {
      const x = this.pixelX(value);
      ctx.fillRect(Math.round(x), plot.bottom, 1, 5);
      ctx.fillText(label, clamp(x, plot.left + fontSize / 2, plot.right - fontSize * 0.8), plot.bottom + fontSize * 0.5);
    }
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const { value, label } of linearTicks(this.bottom, this.top, (plot.bottom - plot.top) / (fontSize * 4))) {
      const y = this.pixelY(value);
      ctx.fillRect(plot.left - 5, Math.round(y), 5, 1);
      const at = clamp(y, plot.top + fontSize / 2, plot.bottom - fontSize / 2);
      ctx.fillText(label, plot.left - 8, at, plot.left - 10);
    }
  }

  /** `played`: the step up to which the path is drawn; `place`: the start; `cross`: a point, or null. */
  drawFront(played, place, cross) {
    const { frontCtx: ctx, plot } = this;
    ctx.clearRect(0, 0, this.width, this.height);
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
    ctx.clip();
    this.drawPath(ctx, played);
    if (cross) this.drawCross(ctx, cross);
    ctx.restore();
    for (const one of this.data.header.places) this.drawPlace(ctx, one);
    this.drawStart(ctx, place);
  }

  drawPath(ctx, played) {
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
    for (const [style, width] of [[this.colors.halo, 5.5], [this.colors.ink, 2.5]]) {
      ctx.strokeStyle = style;
      ctx.lineWidth = width;
      ctx.stroke(path);
    }
    if (this.inside(x, y)) drawMarker(ctx, racer.marker, x, y, 7, this.colors.ink, this.colors.halo);
  }

  drawCross(ctx, [x, y]) {
    const [px, py] = [this.pixelX(x), this.pixelY(y)];
    for (const [style, width] of [[this.colors.halo, 3], [this.colors.ink, 1]]) {
      ctx.strokeStyle = style;
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.moveTo(px, this.plot.top);
      ctx.lineTo(px, this.plot.bottom);
      ctx.moveTo(this.plot.left, py);
      ctx.lineTo(this.plot.right, py);
      ctx.stroke();
    }
  }

  /** A minimum: its letter in a disc, or a dot where it has none. */
  drawPlace(ctx, { x, y, letter }) {
    const [px, py] = [this.pixelX(x), this.pixelY(y)];
    const radius = letter ? this.fontSize * 0.72 : 2.5;
    ctx.fillStyle = this.colors.halo;
    ctx.strokeStyle = this.colors.ink;
    ctx.lineWidth = letter ? 2 : 1;
    ctx.beginPath();
    ctx.arc(px, py, radius, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    if (!letter) return;
    ctx.fillStyle = this.colors.ink;
    ctx.font = `700 ${this.fontSize}px ${this.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(letter, px, py + 1);
  }

  drawStart(ctx, [x, y]) {
    const [px, py] = [this.pixelX(x), this.pixelY(y)];
    if (!this.inside(px, py)) return;
    for (const [style, width] of [[this.colors.halo, 6], [this.colors.ink, 3]]) {
      ctx.strokeStyle = style;
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.arc(px, py, 9, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }
}

/** The shade of a number of steps: even steps of its logarithm, as in `playground/view/basins.py`. */
function shadeOf(header, steps) {
  const [low, high] = header.range;
  const count = header.ramps[0].length - 1;
  const part = (Math.log1p(steps) - Math.log1p(low)) / (Math.log1p(high) - Math.log1p(low));
  return clamp(Math.round(part * count), 0, count);
}

/** For each ramp its packed colours. */
export function packShades(ramps) {
  return ramps.map((ramp) => {
    const table = new Uint32Array(ramp.length);
    const bytes = new Uint8Array(table.buffer);
    ramp.forEach((color, i) => bytes.set([...rgb(color).slice(0, 3), 255], 4 * i));
    return table;
  });
}
