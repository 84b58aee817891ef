// A figure: two canvases on each other, a plot between margins, and what lies along its two axes.
//
// `back` holds what rests and is drawn anew only when it changes; `front` holds what moves.

import { sizeCanvas } from "./canvas.js";
import { clamp, linearTicks, Scale } from "./scale.js";

/** @typedef {import("./view.js").Look} Look */
/** @typedef {import("./canvas.js").Box} Box */

export const CANVASES = `<canvas class="back" aria-hidden="true"></canvas><canvas class="front" role="img"></canvas>`;

export class Figure {
  width = 0;
  height = 0;
  said = "";
  dirty = true;
  /** @type {Look} */ look = null;
  /** @type {Box} */ plot = null;
  /** @type {CanvasRenderingContext2D} */ backCtx = null;
  /** @type {CanvasRenderingContext2D} */ frontCtx = null;
  across = new Scale();
  scale = new Scale();

  /** @param {HTMLElement} box with or without its two canvases */
  constructor(box) {
    this.box = box;
    if (!box.querySelector(".front")) box.innerHTML = CANVASES;
    this.back = /** @type {HTMLCanvasElement} */ (box.querySelector(".back"));
    this.front = /** @type {HTMLCanvasElement} */ (box.querySelector(".front"));
  }

  /** The room around the plot. @param {number} size of the font @returns {Box} */
  margins(size) {
    return { left: size * 3.3, right: 12, top: size * 1.8, bottom: size * 1.9 };
  }

  /** Gives the box its size and the figure new canvases, if anything has changed; whether it has.
   * @param {number} width @param {number} height @param {Look} look */
  resize(width, height, look) {
    [width, height] = [Math.round(width), Math.round(height)];
    const { left, right, top, bottom } = this.margins(look.fontSize);
    const said = [width, height, look.ratio, look.fontSize, look.font, left, right, top, bottom].join();
    this.look = look;
    this.dirty = true;
    if (said === this.said) return false;
    Object.assign(this, { said, width, height });
    this.box.style.width = `${width}px`;
    this.box.style.height = `${height}px`;
    this.backCtx = sizeCanvas(this.back, width, height, look.ratio);
    this.frontCtx = sizeCanvas(this.front, width, height, look.ratio);
    this.plot = {
      left: Math.round(left), right: width - Math.round(right), top: Math.round(top), bottom: height - Math.round(bottom),
    };
    return true;
  }

  /** Whether it has been drawn. */
  get ready() {
    return Boolean(this.plot && this.across.known);
  }

  /** @param {number} value */
  pixelX(value) {
    return this.plot.left + this.across.part(value) * (this.plot.right - this.plot.left);
  }

  /** @param {number} value */
  pixelY(value) {
    return this.plot.bottom - this.scale.part(value) * (this.plot.bottom - this.plot.top);
  }

  /** The value at a pixel; one beside the plot has that of its edge. @param {number} px */
  xAt(px) {
    const { left, right } = this.plot;
    return this.across.at(clamp((px - left) / (right - left), 0, 1));
  }

  /** @param {number} px @param {number} py */
  inside(px, py) {
    const { left, right, top, bottom } = this.plot;
    return px >= left && px <= right && py >= top && py <= bottom;
  }

  /** An empty panel. @param {CanvasRenderingContext2D} ctx */
  drawPanel(ctx) {
    const { plot, look } = this;
    ctx.clearRect(0, 0, this.width, this.height);
    ctx.font = `${look.fontSize}px ${look.font}`;
    ctx.fillStyle = look.panel;
    ctx.fillRect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
  }

  /** Lines at the round values upwards, and these.
   * @param {CanvasRenderingContext2D} ctx @param {(tick: {value: number, label: string}) => string} [text] */
  drawValues(ctx, text = ({ label }) => label) {
    const { plot, look } = this;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const tick of this.scale.ticks((plot.bottom - plot.top) / (look.fontSize * 2.3))) {
      const y = this.pixelY(tick.value);
      ctx.fillStyle = look.grid;
      ctx.fillRect(plot.left, Math.round(y), plot.right - plot.left, 1);
      ctx.fillStyle = look.text;
      ctx.fillText(text(tick), plot.left - 7, y);
    }
  }

  /** A frame with the round values of both axes outside, for pictures of a plane; names stand at the ends of axes.
   * @param {CanvasRenderingContext2D} ctx @param {[string, string]} [names] */
  drawFrame(ctx, names) {
    const { plot, look, across, scale } = this;
    const size = look.fontSize;
    ctx.font = `${size}px ${look.font}`;
    ctx.fillStyle = ctx.strokeStyle = look.text;
    ctx.lineWidth = 1;
    ctx.lineCap = "butt";
    ctx.strokeRect(plot.left + 0.5, plot.top + 0.5, plot.right - plot.left - 1, plot.bottom - plot.top - 1);
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    const below = plot.bottom + Math.round(size * 0.5);
    for (const { value, label } of across.ticks((plot.right - plot.left) / (size * 5))) {
      const x = this.pixelX(value);
      ctx.fillRect(Math.round(x), plot.bottom, 1, 5);
      const place = names ? x : clamp(x, plot.left + size / 2, plot.right - size * 0.8);
      if (!names || plot.right - x > size * 2.4) ctx.fillText(label, place, below);
    }
    ctx.textAlign = "right";
    if (names) ctx.fillText(names[0], plot.right, below);
    ctx.textBaseline = "middle";
    const aside = plot.left - 8;
    for (const { value, label } of scale.ticks((plot.bottom - plot.top) / (size * 4))) {
      const y = this.pixelY(value);
      ctx.fillRect(plot.left - 5, Math.round(y), 5, 1);
      const place = clamp(y, plot.top + size / 2, plot.bottom - size / 2);
      if (!names || y - plot.top > size * 1.8) ctx.fillText(label, aside, place, plot.left - 10);
    }
    if (names) ctx.fillText(names[1], aside, plot.top + size * 0.6);
  }
}

/**
 * Lines at the round values of the axis along a race or a training, these below them, and what stands at its end.
 * @param {CanvasRenderingContext2D} ctx
 * @param {{across: Scale, plot: Box, look: Look}} figure
 * @param {{end: string, labels?: boolean, whole?: boolean}} facts
 */
export function drawCourse(ctx, { across, plot, look }, { end, labels = true, whole = false }) {
  const size = look.fontSize;
  ctx.textBaseline = "top";
  const below = plot.bottom + Math.round(size * 0.45);
  const lastLabel = plot.right - ctx.measureText(end).width - size * 1.6;
  for (const { value, label } of linearTicks(across.low, across.high, (plot.right - plot.left) / (size * 5))) {
    if (whole && !Number.isInteger(value)) continue;
    const x = plot.left + across.part(value) * (plot.right - plot.left);
    ctx.fillStyle = look.grid;
    ctx.fillRect(Math.round(x), plot.top, 1, plot.bottom - plot.top);
    ctx.fillStyle = look.text;
    ctx.textAlign = "center";
    if (labels && x < lastLabel) ctx.fillText(value >= 1000 ? value.toLocaleString("en") : label, x, below);
  }
  ctx.textAlign = "right";
  if (labels) ctx.fillText(end, plot.right, below);
}
