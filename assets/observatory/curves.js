// Curves over the course of a training.
//
// `back` holds axes and curves and is drawn anew when data or look change; `front` holds what follows the slider.

import { drawDiverged, drawMarker, linearTicks, logTicks } from "../kit/marks.js";
import { clamp, sizeCanvas } from "../kit/view.js";
import { lastAtMost } from "./log.js";

const NICE = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next round number from `value` (at least 0) upwards. */
export function niceAbove(value) {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * NICE.find((factor) => factor * power >= value * (1 - 1e-9));
}

/** The lowest and the highest of the values that an axis of this kind can show. */
export function extent(count, value, log) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const one = value(i);
    if (!Number.isFinite(one) || (log && one <= 0)) continue;
    low = Math.min(low, one);
    high = Math.max(high, one);
  }
  return [low, high];
}

/** The ends of an axis. They move in round steps, and only when what is to be seen leaves them. */
export class Scale {
  constructor({ log = false, low = NaN, high = NaN } = {}) {
    Object.assign(this, { log, low, high, fixed: high > low });
  }

  /** Makes room for values from `low` to `high`. */
  hold(low, high) {
    if (this.fixed || !(low <= high)) return this;
    if (this.log) {
      low = 10 ** Math.floor(Math.log10(low) + 1e-9);
      high = 10 ** Math.ceil(Math.log10(high) - 1e-9);
      if (low === high) low /= 10;
    } else {
      high = high > 0 ? niceAbove(high) : 0;
      low = low < 0 ? -niceAbove(-low) : 0;
      if (low === high) high = low + 1;
    }
    const size = (a, b) => (this.log ? Math.log(b / a) : b - a);
    const inside = low >= this.low && high <= this.high;
    if (!inside || size(low, high) < 0.34 * size(this.low, this.high)) Object.assign(this, { low, high });
    return this;
  }

  get known() {
    return this.high > this.low;
  }

  part(value) {
    if (this.log) return Math.log(value / this.low) / Math.log(this.high / this.low);
    return (value - this.low) / (this.high - this.low);
  }

  ticks(count) {
    return (this.log ? logTicks : linearTicks)(this.low, this.high, Math.max(2, count));
  }
}

/** A picture over the course of the training: two canvases, margins, and the axis that all figures share. */
class Figure {
  constructor(box) {
    this.box = box;
    box.innerHTML = `<canvas class="back" aria-hidden="true"></canvas><canvas class="front" role="img"></canvas>`;
    [this.back, this.front] = box.children;
    this.dirty = true;
  }

  resize(width, height, look, { right = 14, top = 1.9, bottom = 1.9 } = {}) {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const said = [width, height, ratio, look.fontSize, look.font, right, top, bottom].join();
    this.look = look;
    if (said === this.said) return;
    Object.assign(this, { said, width, height, ratio });
    this.box.style.height = `${height}px`;
    this.backCtx = sizeCanvas(this.back, width, height, ratio);
    this.frontCtx = sizeCanvas(this.front, width, height, ratio);
    const size = look.fontSize;
    this.plot = {
      left: Math.round(size * 3.7),
      right: width - right,
      top: Math.round(size * top),
      bottom: height - Math.round(size * bottom),
    };
    this.dirty = true;
  }

  pixelX(x) {
    const { left, right } = this.plot;
    return left + (x / this.axis.end) * (right - left);
  }

  xAt(px) {
    const { left, right } = this.plot;
    return clamp((px - left) / (right - left), 0, 1) * this.axis.end;
  }

  pixelY(value) {
    const { top, bottom } = this.plot;
    return bottom - this.scale.part(value) * (bottom - top);
  }

  /** The panel with its lines and numbers; numbers below only where `labels` says so. */
  drawPaper(ctx, labels) {
    const { plot, look } = this;
    ctx.clearRect(0, 0, this.width, this.height);
    ctx.font = `${look.fontSize}px ${look.font}`;
    ctx.fillStyle = look.panel;
    ctx.fillRect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
    if (this.scale.known) this.drawValues(ctx);
    if (this.axis.known) drawAxis(ctx, this.axis, this, labels);
  }

  drawValues(ctx) {
    const { plot, look } = this;
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const { value, label } of this.scale.ticks((plot.bottom - plot.top) / (look.fontSize * 2.3))) {
      const y = this.pixelY(value);
      ctx.fillStyle = look.grid;
      ctx.fillRect(plot.left, Math.round(y), plot.right - plot.left, 1);
      ctx.fillStyle = look.text;
      ctx.fillText(this.percent ? `${Math.round(value * 100)}` : label, plot.left - 7, y);
    }
  }

  drawCursor(ctx, x) {
    if (!this.axis.known) return;
    const { plot, look } = this;
    ctx.fillStyle = look.text;
    ctx.fillRect(this.pixelX(Math.min(x, this.axis.end)) - 1, plot.top, 2, plot.bottom - plot.top);
  }
}

/** The lines and numbers of the axis along the training. */
export function drawAxis(ctx, axis, { plot, look }, labels) {
  const at = (x) => plot.left + (x / axis.end) * (plot.right - plot.left);
  ctx.textBaseline = "top";
  const baseline = plot.bottom + Math.round(look.fontSize * 0.45);
  const end = axis.text(axis.end);
  const lastLabel = plot.right - ctx.measureText(end).width - look.fontSize * 1.6;
  const ticks = linearTicks(0, axis.end, (plot.right - plot.left) / (look.fontSize * 5));
  for (const { value, label } of axis.whole ? ticks.filter((tick) => Number.isInteger(tick.value)) : ticks) {
    const x = at(value);
    ctx.fillStyle = look.grid;
    ctx.fillRect(Math.round(x), plot.top, 1, plot.bottom - plot.top);
    ctx.fillStyle = look.text;
    ctx.textAlign = "center";
    if (labels && x < lastLabel) ctx.fillText(Number(value) >= 1000 ? value.toLocaleString("en") : label, x, baseline);
  }
  ctx.textAlign = "right";
  if (labels) ctx.fillText(end, plot.right, baseline);
}

export const DASHES = { training: [], validation: [8, 5], averaged: [2, 5] };

/**
 * Curves of values against the course of the training. A series is {run, kind, color, marker, count, x(i), y(i),
 * at(x)}; its kind decides how it is drawn: "raw" pale, "training" solid, "validation" dashed with marks, "averaged"
 * dotted.
 */
export class Curves extends Figure {
  /**
   * `facts`: title, and where wanted percent, scale, labels, best (the word at the ring), lines {value, label}, healthy
   * {low, high, label}.
   */
  constructor(box, facts) {
    super(box);
    const none = { series: [], lines: [], bands: [], numbers: [], flags: [], crosses: [], empty: "" };
    Object.assign(this, { labels: true, ...none }, facts);
  }

  drawBack(show) {
    this.dirty = false;
    const { backCtx: ctx, plot, look } = this;
    this.drawPaper(ctx, this.labels);
    this.drawTitle(ctx);
    if (this.empty) this.drawEmpty(ctx);
    if (!this.scale.known) return;
    if (this.healthy) this.drawHealthy(ctx);
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.left - 2, plot.top - 2, plot.right - plot.left + 4, plot.bottom - plot.top + 4);
    ctx.clip();
    for (const band of this.bands) this.drawBand(ctx, band);
    for (const line of this.lines) this.drawLine(ctx, line);
    const order = [...this.series].sort((a, b) => (a.run === show.raised) - (b.run === show.raised));
    for (const series of order) if (series.kind === "raw") this.drawSeries(ctx, series, show);
    for (const series of order) if (series.kind !== "raw") this.drawSeries(ctx, series, show);
    ctx.restore();
    if (this.healthy) this.drawHealthyLabel(ctx);
    for (const { label, value } of this.lines) this.drawWords(ctx, label, this.placeOf(ctx, label, value), look.muted);
    for (const flag of this.flags) this.drawFlag(ctx, flag);
    this.numbers = [];
    for (const band of this.bands) this.drawNumber(ctx, band, this.numbers);
  }

  drawTitle(ctx) {
    const { plot, look } = this;
    const y = Math.round(look.fontSize * 0.85);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.fillStyle = look.text;
    const kind = this.percent ? " (%)" : this.scale.log ? " (log scale)" : this.cut ? " (cut off above)" : "";
    const title = this.title + kind;
    ctx.fillText(title, plot.left, y);
    if (this.keyed) this.drawKey(ctx, plot.left + ctx.measureText(title).width + look.fontSize, y);
  }

  /** What the lines mean, from the right end of the title's line; nothing where there is no room for all of it. */
  drawKey(ctx, free, y) {
    const { plot, look } = this;
    const words = { averaged: "averaged", validation: "validation", training: "training" };
    const kinds = Object.keys(words).filter((kind) => this.series.some((series) => series.kind === kind));
    const line = look.fontSize < 14 ? 21 : 34; // so long that the dashes end as they begin
    const widths = kinds.map((kind) => ctx.measureText(words[kind]).width + line + 5 + look.fontSize * 0.8);
    if (plot.right - widths.reduce((sum, one) => sum + one, 0) < free - look.fontSize * 0.8) return;
    let x = plot.right;
    kinds.forEach((kind, i) => {
      const one = this.series.find((series) => series.kind === kind);
      ctx.textAlign = "right";
      ctx.fillStyle = look.text;
      ctx.fillText(words[kind], x, y);
      const from = x - widths[i] + look.fontSize * 0.8;
      this.pen(ctx, kind, this.keyed === "single" ? one.color : look.text);
      ctx.beginPath();
      ctx.moveTo(from, y);
      ctx.lineTo(from + line, y);
      ctx.stroke();
      ctx.setLineDash([]);
      if (kind === "validation") drawMarker(ctx, one.marker, from + line / 2, y, 4.5, ctx.strokeStyle, look.background);
      x -= widths[i];
    });
  }

  pen(ctx, kind, color, strong = false) {
    ctx.strokeStyle = color;
    ctx.lineWidth = kind === "raw" ? 2 : strong ? 3.5 : kind === "averaged" ? 3 : 2.5;
    ctx.lineJoin = "round";
    ctx.lineCap = kind === "averaged" ? "round" : "butt";
    ctx.setLineDash(DASHES[kind] || []);
  }

  drawEmpty(ctx) {
    const { plot, look } = this;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = look.muted;
    ctx.fillText(this.empty, (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
  }

  drawHealthy(ctx) {
    const { plot, look, healthy } = this;
    const [top, bottom] = [healthy.high, healthy.low].map((value) => clamp(this.pixelY(value), plot.top, plot.bottom));
    ctx.globalAlpha = 0.16;
    ctx.fillStyle = look.accent;
    ctx.fillRect(plot.left, top, plot.right - plot.left, bottom - top);
    ctx.globalAlpha = 1;
    ctx.fillStyle = look.accent;
    ctx.fillRect(plot.left, top, plot.right - plot.left, 1);
    ctx.fillRect(plot.left, bottom - 1, plot.right - plot.left, 1);
  }

  /** In the middle of the band, on a log axis at the value that it names. */
  drawHealthyLabel(ctx) {
    const { plot, look, healthy } = this;
    const middle = (this.pixelY(healthy.low) + this.pixelY(healthy.high)) / 2;
    const x = plot.left + 8 + ctx.measureText(healthy.label).width / 2;
    this.drawWords(ctx, healthy.label, [x, middle - look.fontSize * 0.7], look.accent);
  }

  /** A value that stands for something, such as that of guessing. */
  drawLine(ctx, { value }) {
    const { plot, look } = this;
    const y = this.pixelY(value);
    ctx.strokeStyle = look.muted;
    ctx.lineWidth = 2;
    ctx.lineCap = "butt";
    ctx.setLineDash([1, 4]);
    ctx.beginPath();
    ctx.moveTo(plot.left, y);
    ctx.lineTo(plot.right, y);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** The middle of its words. */
  placeOf(ctx, label, value) {
    const { plot, look } = this;
    const y = this.pixelY(value);
    const above = y - look.fontSize * 1.5 > plot.top;
    return [plot.right - 6 - ctx.measureText(label).width / 2, y + (above ? -0.75 : 0.85) * look.fontSize];
  }

  /** Words over the curves, around a place. */
  drawWords(ctx, text, place, color) {
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.strokeStyle = this.look.panel;
    ctx.lineWidth = 4;
    ctx.lineJoin = "round";
    ctx.strokeText(text, ...place);
    ctx.fillStyle = color;
    ctx.fillText(text, ...place);
  }

  /** The steps in which the evidence of a finding lies: shaded, and bracketed, so that it reads without colour. */
  drawBand(ctx, { from, to, active }) {
    const { plot, look } = this;
    const [a, b] = this.ends(from, to);
    ctx.globalAlpha = active ? 0.3 : 0.12;
    ctx.fillStyle = look.accent;
    ctx.fillRect(a, plot.top, b - a, plot.bottom - plot.top);
    ctx.globalAlpha = 1;
    ctx.fillRect(a, plot.top, b - a, 3);
    ctx.fillRect(a, plot.top, 2, 10);
    ctx.fillRect(b - 2, plot.top, 2, 10);
  }

  ends(from, to) {
    const [a, b] = [this.pixelX(from), this.pixelX(to)];
    const left = b - a >= 6 ? a : Math.max(this.plot.left, (a + b) / 2 - 3);
    return [left, Math.max(left + 6, b)];
  }

  /** The number of a finding, at its band, below those at places that are `taken`. */
  drawNumber(ctx, { from, to, number }, taken) {
    const { plot, look } = this;
    const [a] = this.ends(from, to);
    const radius = look.fontSize * 0.72;
    const x = clamp(a, plot.left + radius, plot.right - radius) + radius * 0.9;
    const near = taken.filter((one) => Math.abs(one.x - x) < 2 * radius);
    if (near.some((one) => one.number === number)) return; // several runs have it in common
    let y = plot.top + radius + 5;
    while (near.some((one) => Math.hypot(one.x - x, one.y - y) < 2 * radius)) y += 2 * radius + 2;
    taken.push({ x, y, number });
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fillStyle = look.accent;
    ctx.fill();
    ctx.fillStyle = look.background;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(String(number), x, y + 0.5);
  }

  /** A setting that was changed while it trained. */
  drawFlag(ctx, { x, label, color }) {
    const { plot, look } = this;
    const px = Math.round(this.pixelX(x));
    ctx.strokeStyle = color;
    ctx.lineWidth = 2;
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(px, plot.top);
    ctx.lineTo(px, plot.bottom);
    ctx.stroke();
    ctx.setLineDash([]);
    if (!label) return;
    const wide = ctx.measureText(label).width;
    const left = px + wide + 12 < plot.right ? px + 1 : px - wide - 11;
    const top = plot.bottom - look.fontSize * 1.5;
    ctx.fillStyle = look.background;
    ctx.fillRect(left, top, wide + 10, look.fontSize * 1.4);
    ctx.fillStyle = look.text;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillText(label, left + 5, top + look.fontSize * 0.72);
  }

  drawSeries(ctx, series, show) {
    const faded = show.raised >= 0 && series.run !== show.raised;
    ctx.globalAlpha = (series.kind === "raw" ? 0.28 : 1) * (faded ? 0.25 : 1);
    this.pen(ctx, series.kind, series.color, series.run === show.raised);
    if (series.dash) ctx.setLineDash(series.dash);
    ctx.stroke(this.path(series));
    ctx.setLineDash([]);
    if (series.kind === "validation") this.drawMarks(ctx, series);
    ctx.globalAlpha = 1;
  }

  /** The line through all points; of those that fall on one column of pixels only the lowest and the highest. */
  path(series) {
    const path = new Path2D();
    const reach = 4 * this.height; // far out of sight: some canvases give up on lines of a million pixels
    let [column, low, high, down] = [NaN, 0, 0, false];
    const flush = () => {
      if (Number.isNaN(column)) return;
      path[down ? "lineTo" : "moveTo"](column, low);
      if (high > low) path.lineTo(column, high);
      down = true;
      column = NaN;
    };
    const dense = series.kind === "raw" || series.kind === "training";
    for (let i = 0; i < series.count; i++) {
      const value = series.y(i);
      const y = clamp(this.pixelY(value), -reach, reach);
      if (Number.isNaN(y)) {
        flush();
        down = false;
        continue;
      }
      const x = this.pixelX(series.x(i));
      const here = dense ? Math.round(x * 2) / 2 : x;
      if (here === column) {
        low = Math.min(low, y);
        high = Math.max(high, y);
      } else {
        flush();
        [column, low, high] = [here, y, y];
      }
    }
    flush();
    return path;
  }

  drawMarks(ctx, series) {
    const { look } = this;
    let before = -Infinity;
    for (let i = 0; i < series.count; i++) {
      const [x, y] = [this.pixelX(series.x(i)), this.pixelY(series.y(i))];
      if (!Number.isFinite(y) || (x - before < 18 && i !== series.best)) continue;
      before = x;
      drawMarker(ctx, series.marker, x, y, 4.5, series.color, look.panel);
      if (i === series.best) this.drawBest(ctx, x, y, series.color);
    }
  }

  /** A ring around the best validation. */
  drawBest(ctx, x, y, color) {
    ctx.strokeStyle = color;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(x, y, 9.5, 0, 2 * Math.PI);
    ctx.stroke();
  }

  /** What the ring means, clear of `marks` and of other words; with several runs the words would crowd. */
  nameBest(ctx, marks) {
    const { look, plot } = this;
    const [one, another] = this.series.filter(({ kind }) => kind === "validation");
    if (another || !(one?.best >= 0)) return;
    const [x, y] = [this.pixelX(one.x(one.best)), this.pixelY(one.y(one.best))];
    if (!(y > plot.top && y < plot.bottom)) return;
    ctx.font = `${look.fontSize}px ${look.font}`;
    const widthOf = (text) => ctx.measureText(text).width;
    const [wide, tall] = [widthOf(this.best) + 4, look.fontSize * 1.2];
    const taken = [
      ...marks.map((mark) => [...mark, 17, 17]),
      ...this.numbers.map((number) => [number.x, number.y, tall * 1.2, tall * 1.2]),
      ...this.lines.map(({ label, value }) => [...this.placeOf(ctx, label, value), widthOf(label), tall]),
    ];
    const middle = clamp(x, plot.left + wide / 2 + 2, plot.right - wide / 2 - 2);
    const [up, aside] = [12 + tall / 2, 12 + wide / 2];
    const places = [[middle, y - up], [middle, y + up], [x - aside, y], [x + aside, y]];
    const inside = (px, py) =>
      px - wide / 2 > plot.left && px + wide / 2 < plot.right && py - tall / 2 > plot.top && py + tall / 2 < plot.bottom;
    const isFree = ([px, py]) =>
      inside(px, py) &&
      taken.every(([a, b, w, h]) => Math.abs(a - px) > (w + wide) / 2 || Math.abs(b - py) > (h + tall) / 2);
    this.drawWords(ctx, this.best, places.find(isFree) || places[0], look.text);
  }

  drawFront(x, show, near) {
    const { frontCtx: ctx, plot } = this;
    ctx.clearRect(0, 0, this.width, this.height);
    if (!this.scale.known) return;
    this.drawCursor(ctx, x);
    const marks = [];
    for (const series of this.series) {
      if (series.kind === "raw" || series.kind === "layer") continue;
      const i = series.at(x);
      if (i < 0) continue;
      const [px, py] = [this.pixelX(Math.min(x, series.x(i))), this.pixelY(series.y(i))];
      ctx.globalAlpha = show.raised >= 0 && series.run !== show.raised ? 0.25 : 1;
      if (py > plot.top - 6 && py < plot.bottom + 6 && series.kind !== "averaged") {
        drawMarker(ctx, series.marker, px, py, series.kind === "training" ? 6 : 5.5, series.color, this.look.panel);
        marks.push([px, py]);
      }
      ctx.globalAlpha = 1;
    }
    this.drawDiverged(ctx);
    this.nameBest(ctx, marks);
    if (near?.figure === this) this.drawNear(ctx, near);
  }

  /** An x where a run left the finite numbers. */
  drawDiverged(ctx) {
    const { top, bottom } = this.plot;
    for (const { x, y, color } of this.crosses) {
      const py = Number.isFinite(y) ? clamp(this.pixelY(y), top + 8, bottom - 8) : top + 8;
      drawDiverged(ctx, this.pixelX(x), py, 6, color, this.look.panel);
    }
  }

  drawNear(ctx, { series, i }) {
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = this.look.text;
    ctx.beginPath();
    ctx.arc(this.pixelX(series.x(i)), this.pixelY(series.y(i)), 7, 0, 2 * Math.PI);
    ctx.stroke();
  }

  /** The point of a curve next to a pixel, or null. */
  nearest(px, py, reach = 26) {
    if (!this.scale?.known) return null;
    let [closest, found] = [reach, null];
    for (const series of this.series) {
      if (series.kind === "raw") continue;
      const i = series.at(this.xAt(px), true);
      if (i < 0) continue;
      const away = Math.hypot(this.pixelX(series.x(i)) - px, this.pixelY(series.y(i)) - py);
      if (away < closest) [closest, found] = [away, { figure: this, series, i }];
    }
    return found;
  }
}

/** A series over a table's rows. `x` is a column of places, as long as the table. */
export function seriesOf(facts, x, y, count) {
  const at = (place, nearest = false) => {
    const i = lastAtMost(x, count, place + 1e-9);
    if (nearest && i + 1 < count && (i < 0 || x[i + 1] - place < place - x[i])) return i + 1;
    return i;
  };
  return { ...facts, count, x: (i) => x[i], y, at };
}
