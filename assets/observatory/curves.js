// Curves over the course of a training.

import { clipTo, drawRing } from "../kit/canvas.js";
import { drawCourse, Figure } from "../kit/figure.js";
import { t } from "../kit/messages.js";
import { drawDiverged, drawMarker } from "../kit/marks.js";
import { clamp, lastAtMost, Scale } from "../kit/scale.js";

/** @typedef {import("../kit/view.js").Look} Look */

/**
 * The axis along the training: its name, its end, whether it has one, whether only whole numbers are on it, and a place
 * on it in words.
 * @typedef {{name: string, end: number, known: boolean, whole: boolean, text: (x: number) => string}} Axis
 */

/**
 * A curve; its kind decides how it is drawn: "raw" pale, "training" and "layer" solid, "validation" dashed with marks,
 * "averaged" dotted. `run` is what `raised` is compared with.
 * @typedef {{
 *   run: number, kind: string, color: string, count: number, marker?: string, dash?: number[], label?: string, best?: number,
 *   x: (i: number) => number, y: (i: number) => number, at: (place: number, nearest?: boolean) => number,
 * }} Series
 */

/** @typedef {{from: number, to: number, number: number, active: boolean}} Band where the evidence of a finding lies */
/** @typedef {{figure: Curves, series: Series, i: number}} Near a point of a curve */
/** @typedef {{raised: number}} Show */

/** @type {Record<string, number[]>} */
export const DASHES = { training: [], validation: [8, 5], averaged: [2, 5] };

/** Curves of values against the course of the training. */
export class Curves extends Figure {
  /** @type {Axis} */ axis = null;
  /** @type {Series[]} */ series = [];
  /** @type {{value: number, label: string}[]} */ lines = [];
  /** @type {Band[]} */ bands = [];
  /** @type {{x: number, y: number, number: number}[]} */ numbers = []; // of bands, as drawn
  /** @type {{x: number, label: string, color: string}[]} */ flags = [];
  /** @type {{x: number, y: number, color: string}[]} */ crosses = [];
  /** @type {{low: number, high: number, label: string} | null} */ healthy = null;
  empty = ""; // what is said where there is no curve
  keyed = "";
  cut = false;
  labels = true; // whether the numbers of the axis stand below
  percent = false;
  title = "";
  name = "";
  best = ""; // the word at the ring
  right = 14; // pixels beside the plot

  /** @param {HTMLElement} box @param {Partial<Curves>} facts */
  constructor(box, facts) {
    super(box);
    Object.assign(this, facts);
  }

  /** @param {number} size */
  margins(size) {
    return { left: size * 3.7, right: this.right, top: size * 1.9, bottom: size * (this.labels ? 1.9 : 0.55) };
  }

  /** @param {Axis} axis */
  setAxis(axis) {
    this.axis = axis;
    this.across = axis.known ? new Scale({ low: 0, high: axis.end }) : new Scale();
    this.dirty = true;
  }

  /** @param {Show} show */
  drawBack(show) {
    this.dirty = false;
    const { backCtx: ctx, plot, look } = this;
    this.drawPanel(ctx);
    if (this.scale.known) this.drawValues(ctx, this.percent ? ({ value }) => `${Math.round(value * 100)}` : undefined);
    if (this.across.known) {
      drawCourse(ctx, this, { end: this.axis.text(this.axis.end), labels: this.labels, whole: this.axis.whole });
    }
    this.drawTitle(ctx);
    if (this.empty) this.drawEmpty(ctx);
    if (!this.ready || !this.scale.known) return;
    if (this.healthy) this.drawHealthy(ctx);
    clipTo(ctx, plot, 2);
    for (const band of this.bands) this.drawBand(ctx, band);
    for (const line of this.lines) this.drawLine(ctx, line);
    const order = [...this.series].sort((a, b) => Number(a.run === show.raised) - Number(b.run === show.raised));
    for (const series of order) if (series.kind === "raw") this.drawSeries(ctx, series, show);
    for (const series of order) if (series.kind !== "raw") this.drawSeries(ctx, series, show);
    ctx.restore();
    if (this.healthy) this.drawHealthyLabel(ctx);
    for (const { label, value } of this.lines) this.drawWords(ctx, label, this.placeOf(ctx, label, value), look.muted);
    for (const flag of this.flags) this.drawFlag(ctx, flag);
    this.numbers = [];
    for (const band of this.bands) this.drawNumber(ctx, band, this.numbers);
  }

  /** @param {CanvasRenderingContext2D} ctx */
  drawTitle(ctx) {
    const { plot, look } = this;
    const y = Math.round(look.fontSize * 0.85);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.fillStyle = look.text;
    const title = this.heading();
    ctx.fillText(title, plot.left, y);
    if (this.keyed) this.drawKey(ctx, plot.left + ctx.measureText(title).width + look.fontSize, y);
  }

  heading() {
    const { title } = this;
    if (this.percent) return `${title} (%)`;
    if (this.scale.log) return t("{title} (log scale)", { title });
    return this.cut ? t("{title} (cut off above)", { title }) : title;
  }

  /** What the lines mean, from the right end of the title's line; nothing where there is no room for all of it.
   * @param {CanvasRenderingContext2D} ctx @param {number} free @param {number} y */
  drawKey(ctx, free, y) {
    const { plot, look } = this;
    /** @type {Record<string, string>} */
    const words = { averaged: t("averaged"), validation: t("validation"), training: t("training") };
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
      if (kind === "validation") {
        drawMarker(ctx, one.marker, from + line / 2, y, 4.5, String(ctx.strokeStyle), look.background);
      }
      x -= widths[i];
    });
  }

  /** @param {CanvasRenderingContext2D} ctx @param {string} kind @param {string} color @param {boolean} [strong] */
  pen(ctx, kind, color, strong = false) {
    ctx.strokeStyle = color;
    ctx.lineWidth = kind === "raw" ? 2 : strong ? 3.5 : kind === "averaged" ? 3 : 2.5;
    ctx.lineJoin = "round";
    ctx.lineCap = kind === "averaged" ? "round" : "butt";
    ctx.setLineDash(DASHES[kind] || []);
  }

  /** @param {CanvasRenderingContext2D} ctx */
  drawEmpty(ctx) {
    const { plot, look } = this;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillStyle = look.muted;
    ctx.fillText(this.empty, (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
  }

  /** @param {CanvasRenderingContext2D} ctx */
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

  /** In the middle of the band, on a log axis at the value that it names. @param {CanvasRenderingContext2D} ctx */
  drawHealthyLabel(ctx) {
    const { plot, look, healthy } = this;
    const middle = (this.pixelY(healthy.low) + this.pixelY(healthy.high)) / 2;
    const x = plot.left + 8 + ctx.measureText(healthy.label).width / 2;
    this.drawWords(ctx, healthy.label, [x, middle - look.fontSize * 0.7], look.accent);
  }

  /** A value that stands for something, such as that of guessing. @param {CanvasRenderingContext2D} ctx @param {{value: number}} line */
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

  /** The middle of its words. @param {CanvasRenderingContext2D} ctx @param {string} label @param {number} value @returns {[number, number]} */
  placeOf(ctx, label, value) {
    const { plot, look } = this;
    const y = this.pixelY(value);
    const above = y - look.fontSize * 1.5 > plot.top;
    return [plot.right - 6 - ctx.measureText(label).width / 2, y + (above ? -0.75 : 0.85) * look.fontSize];
  }

  /** Words over the curves, around a place.
   * @param {CanvasRenderingContext2D} ctx @param {string} text @param {[number, number]} place @param {string} color */
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

  /** The steps in which the evidence of a finding lies: shaded, and bracketed, so that it reads without colour.
   * @param {CanvasRenderingContext2D} ctx @param {Band} band */
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

  /** @param {number} from @param {number} to */
  ends(from, to) {
    const [a, b] = [this.pixelX(from), this.pixelX(to)];
    const left = b - a >= 6 ? a : Math.max(this.plot.left, (a + b) / 2 - 3);
    return [left, Math.max(left + 6, b)];
  }

  /** The number of a finding, at its band, below those at places that are `taken`.
   * @param {CanvasRenderingContext2D} ctx @param {Band} band @param {{x: number, y: number, number: number}[]} taken */
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

  /** A setting that was changed while it trained. @param {CanvasRenderingContext2D} ctx @param {{x: number, label: string, color: string}} flag */
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

  /** @param {CanvasRenderingContext2D} ctx @param {Series} series @param {Show} show */
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

  /** The line through all points; of those that fall on one column of pixels only the lowest and the highest.
   * @param {Series} series */
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

  /** @param {CanvasRenderingContext2D} ctx @param {Series} series */
  drawMarks(ctx, series) {
    const { look } = this;
    let before = -Infinity;
    for (let i = 0; i < series.count; i++) {
      const [x, y] = [this.pixelX(series.x(i)), this.pixelY(series.y(i))];
      if (!Number.isFinite(y) || (x - before < 18 && i !== series.best)) continue;
      before = x;
      drawMarker(ctx, series.marker, x, y, 4.5, series.color, look.panel);
      if (i === series.best) drawRing(ctx, x, y, 9.5, series.color, 2); // the best validation
    }
  }

  /** What the ring means, clear of `marks` and of other words; with several runs the words would crowd.
   * @param {CanvasRenderingContext2D} ctx @param {[number, number][]} marks */
  nameBest(ctx, marks) {
    const { look, plot } = this;
    const [one, another] = this.series.filter(({ kind }) => kind === "validation");
    if (another || !(one?.best >= 0)) return;
    const [x, y] = [this.pixelX(one.x(one.best)), this.pixelY(one.y(one.best))];
    if (!(y > plot.top && y < plot.bottom)) return;
    ctx.font = `${look.fontSize}px ${look.font}`;
    const widthOf = (/** @type {string} */ text) => ctx.measureText(text).width;
    const [wide, tall] = [widthOf(this.best) + 4, look.fontSize * 1.2];
    /** @type {[number, number, number, number][]} */
    const taken = [];
    for (const mark of marks) taken.push([...mark, 17, 17]);
    for (const { x: nx, y: ny } of this.numbers) taken.push([nx, ny, tall * 1.2, tall * 1.2]);
    for (const { label, value } of this.lines) taken.push([...this.placeOf(ctx, label, value), widthOf(label), tall]);
    const middle = clamp(x, plot.left + wide / 2 + 2, plot.right - wide / 2 - 2);
    const [up, aside] = [12 + tall / 2, 12 + wide / 2];
    /** @type {[number, number][]} */
    const places = [[middle, y - up], [middle, y + up], [x - aside, y], [x + aside, y]];
    const inside = (/** @type {number} */ px, /** @type {number} */ py) =>
      px - wide / 2 > plot.left && px + wide / 2 < plot.right && py - tall / 2 > plot.top && py + tall / 2 < plot.bottom;
    const isFree = (/** @type {[number, number]} */ [px, py]) =>
      inside(px, py) &&
      taken.every(([a, b, w, h]) => Math.abs(a - px) > (w + wide) / 2 || Math.abs(b - py) > (h + tall) / 2);
    this.drawWords(ctx, this.best, places.find(isFree) || places[0], look.text);
  }

  /** @param {number} x of the slider @param {Show} show @param {Near | null} near */
  drawFront(x, show, near) {
    const { frontCtx: ctx, plot } = this;
    ctx.clearRect(0, 0, this.width, this.height);
    if (!this.ready || !this.scale.known) return;
    ctx.fillStyle = this.look.text;
    ctx.fillRect(this.pixelX(Math.min(x, this.axis.end)) - 1, plot.top, 2, plot.bottom - plot.top);
    /** @type {[number, number][]} */
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

  /** An x where a run diverged. @param {CanvasRenderingContext2D} ctx */
  drawDiverged(ctx) {
    const { top, bottom } = this.plot;
    for (const { x, y, color } of this.crosses) {
      const py = Number.isFinite(y) ? clamp(this.pixelY(y), top + 8, bottom - 8) : top + 8;
      drawDiverged(ctx, this.pixelX(x), py, 6, color, this.look.panel);
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Near} near */
  drawNear(ctx, { series, i }) {
    drawRing(ctx, this.pixelX(series.x(i)), this.pixelY(series.y(i)), 7, this.look.text, 2.5);
  }

  /** The point of a curve next to a pixel, or null. @param {number} px @param {number} py @returns {Near | null} */
  nearest(px, py, reach = 26) {
    if (!this.ready || !this.scale.known) return null;
    let closest = reach;
    /** @type {Near | null} */
    let found = null;
    for (const series of this.series) {
      if (series.kind === "raw") continue;
      const i = series.at(this.xAt(px), true);
      if (i < 0) continue;
      const away = Math.hypot(this.pixelX(series.x(i)) - px, this.pixelY(series.y(i)) - py);
      if (away >= closest) continue;
      closest = away;
      found = { figure: this, series, i };
    }
    return found;
  }
}

/** A series over a table's rows. `x` is a column of places, as long as the table.
 * @param {any} facts @param {Float64Array} x @param {(i: number) => number} y @param {number} count @returns {Series} */
export function seriesOf(facts, x, y, count) {
  const at = (/** @type {number} */ place, nearest = false) => {
    const i = lastAtMost(x, count, place + 1e-9);
    if (nearest && i + 1 < count && (i < 0 || x[i + 1] - place < place - x[i])) return i + 1;
    return i;
  };
  return { ...facts, count, x: (i) => x[i], y, at };
}
