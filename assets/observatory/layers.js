// The inside of a net over the course of its training, one row per layer.

import { clipTo, sizeCanvas } from "../kit/canvas.js";
import { escapeText, setHtml } from "../kit/elements.js";
import { drawCourse } from "../kit/figure.js";
import { drawMarker } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { percent, rough, steady } from "../kit/numbers.js";
import { clamp, extent, lastAtMost, Scale } from "../kit/scale.js";
import { Curves, seriesOf } from "./curves.js";
import { BINS } from "./log.js";

/** @typedef {import("./log.js").Run} Run */
/** @typedef {import("./log.js").Event} Event */
/** @typedef {import("./curves.js").Axis} Axis */
/** @typedef {import("../kit/view.js").Look} Look */

/**
 * One layer: its elements, and what is drawn on.
 * @typedef {{
 *   row: HTMLElement, name: HTMLElement, alarm: HTMLElement, numbers: HTMLElement, alarmed: string,
 *   map: CanvasRenderingContext2D, shape: CanvasRenderingContext2D, shapeCanvas: HTMLCanvasElement,
 * }} Row
 */

/** A share of units, as the page shows it. @param {number} share */
export const partOf = (share) => percent(share, 1);

/** @type {Record<string, {of: string, lines: string, title: string}>} */
export const INSIDE = {
  activations: { of: "activation", lines: "activation_std", title: t("Standard deviation of the activations") },
  gradients: { of: "gradient", lines: "gradient_norm", title: t("Length of the gradient") },
  weights: { of: "weight", lines: "weight_std", title: t("Standard deviation of the weights") },
};
/** @type {Record<string, string>} */
const LAYER_WORDS = { activations: t("activations"), gradients: t("gradients"), weights: t("weights") };
export const TOO_MUCH = 0.5; // of the units dead, or of the outputs saturated

/**
 * The ends of what a row shows: six standard deviations to both sides of the mean, or less where no value lies there.
 * A few wild probes, or a few far values, do not flatten all others.
 * @param {Run} run @param {string} kind @param {number} layer @returns {Scale}
 */
function rowScale(run, kind, layer) {
  const scales = (run.scales[kind] ||= []);
  /** @type {Scale} */
  const scale = (scales[layer] ||= new Scale());
  if (scale.version === run.version) return scale;
  scale.version = run.version;
  const { of } = INSIDE[kind];
  const ends = [-1, 1].map((side, end) => {
    const reach = run.probes.map((probe) => {
      const near = probe[`${of}_mean`][layer] + 6 * side * probe[`${of}_std`][layer];
      return side * Math.min(side * near, side * probe[`${of}_range`][2 * layer + end]);
    });
    return Float64Array.from(reach.filter(Number.isFinite)).sort();
  });
  const spare = Math.floor(ends[0].length * 0.03);
  if (ends[0].length) scale.hold(ends[0][spare], ends[1][ends[1].length - 1 - spare]);
  return scale;
}

/**
 * The count that is drawn in full height. A single bin that towers over all others, such as the zeros of a rectified
 * layer, would flatten them: it is cut off at twice the height of the next one.
 * @param {Uint32Array} counts @param {number} from
 */
function fullCount(counts, from) {
  let [first, second] = [0, 0];
  for (let bin = from; bin < from + BINS; bin++) {
    if (counts[bin] > first) [first, second] = [counts[bin], first];
    else if (counts[bin] > second) second = counts[bin];
  }
  return second > 0 ? Math.min(first, 4 * second) : first || 1;
}

/** A count as a height from 0 to 1; the root lets the thin tails be seen beside the peak.
 * @param {number} count @param {number} full */
const heightOf = (count, full) => (count >= full ? 1 : Math.sqrt(count / full));

/** A pane's rows for activations, gradients or weights of one run. */
export class Rows {
  /** @type {Row[]} */ rows = [];
  /** @type {import("../kit/canvas.js").Box} */ plot = null;
  /** @type {CanvasRenderingContext2D} */ rulerCtx = null;
  /** @type {Run} */ run = null;
  /** @type {Axis} */ axis = null;
  /** @type {Look} */ look = null;
  kind = "";
  said = "";
  height = 0;
  side = 0; // pixels left of the maps
  shape = 0; // width of the histograms
  map = 0; // width of the maps
  ratio = 1;
  narrow = false;

  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    const ruler = `<canvas class="ruler" aria-hidden="true"></canvas>`;
    box.innerHTML = `<div class="layers"></div>${ruler}<div class="cursor"></div>`;
    const [list, canvas, cursor] = /** @type {any} */ (box.children);
    /** @type {HTMLElement} */ this.list = list;
    /** @type {HTMLCanvasElement} */ this.ruler = canvas;
    /** @type {HTMLElement} */ this.cursor = cursor;
  }

  /** Rows for these layers, sized for this width.
   * @param {string[]} names @param {number} width @param {Look} look @param {boolean} narrow */
  layout(names, width, look, narrow) {
    const height = narrow ? 72 : names.length > 8 ? 64 : 78;
    const side = narrow ? 0 : clamp(Math.round(width * 0.12), 70, 130);
    const numbers = narrow ? 0 : width > 700 ? 172 : 0;
    const shape = narrow ? Math.round(width * 0.36) : Math.round((width - side - numbers) * (numbers ? 0.34 : 0.36));
    const map = width - side - numbers - shape;
    const { ratio } = look;
    const said = [names.join("\n"), width, height, look.font, look.fontSize, ratio, narrow].join("|");
    if (said === this.said) return;
    Object.assign(this, { said, height, side, shape, map, ratio, narrow });
    this.box.classList.toggle("stacked", !numbers);
    this.box.classList.toggle("narrow-rows", narrow);
    this.list.innerHTML = names
      .map(
        (name) =>
          `<div class="layer">` +
          `<div class="layer-name"><b>${escapeText(name)}</b><span class="alarm" hidden></span></div>` +
          `<canvas class="map" aria-hidden="true"></canvas><canvas class="shape" role="img"></canvas>` +
          `<div class="layer-numbers"></div></div>`,
      )
      .join("");
    const columns = [side, map, shape, numbers].filter(Boolean).map((one) => `${one}px`);
    this.list.style.setProperty("--columns", columns.join(" "));
    this.list.style.setProperty("--row", `${height}px`);
    this.plot = { left: Math.round(look.fontSize * 3.7), right: map - 6, top: 0, bottom: height };
    this.rows = [...this.list.children].map((/** @type {any} */ row) => {
      const [map_, shape_] = row.querySelectorAll("canvas");
      return {
        row,
        name: row.querySelector(".layer-name"),
        alarm: row.querySelector(".alarm"),
        numbers: row.querySelector(".layer-numbers"),
        map: sizeCanvas(map_, map, height, ratio),
        shape: sizeCanvas(shape_, shape, height, ratio),
        shapeCanvas: shape_,
        alarmed: "",
      };
    });
    this.ruler.style.marginLeft = `${side}px`;
    this.ruler.style.width = `${map}px`;
    this.rulerCtx = sizeCanvas(this.ruler, map, Math.round(look.fontSize * 2), ratio);
    this.ruler.style.height = `${Math.round(look.fontSize * 2)}px`;
  }

  /** @param {number} x */
  pixelX(x) {
    return this.plot.left + (x / this.axis.end) * (this.plot.right - this.plot.left);
  }

  /** What changes with the data: the maps over time.
   * @param {Run} run @param {string} kind @param {string} mode @param {Axis} axis @param {Look} look */
  drawMaps(run, kind, mode, axis, look) {
    Object.assign(this, { run, kind, axis, look });
    const { plot, ratio } = this;
    // For each column of device pixels the probe that it shows.
    const [left, right] = [Math.round(plot.left * ratio), Math.round(plot.right * ratio)];
    const xs = run.probes.map((probe) => run.xOf(axis.name, probe.step));
    const end = run.xOf(axis.name, run.lastStep) + axis.end * 0.002;
    const probeAt = Array.from({ length: right - left }, (_, i) => {
      const x = ((i + 0.5) / (right - left)) * axis.end;
      return x > end ? -1 : lastAtMost(xs, xs.length, x);
    });
    this.rows.forEach((row, layer) => {
      const scale = rowScale(run, kind, layer);
      const ctx = row.map;
      ctx.clearRect(0, 0, this.map, this.height);
      ctx.fillStyle = look.panel;
      ctx.fillRect(plot.left, 3, plot.right - plot.left, this.height - 6);
      if (scale.known && xs.length) {
        if (mode === "heat") this.drawHeat(ctx, layer, scale, probeAt, left);
        else this.drawRidges(ctx, layer, scale, probeAt);
      }
      this.drawEnds(ctx, scale);
      if (kind === "activations") this.drawAlarms(ctx, layer, probeAt, left);
    });
    const across = new Scale({ low: 0, high: axis.end });
    const ruler = { across, plot: { ...plot, top: 0, bottom: 0 }, look };
    this.rulerCtx.clearRect(0, 0, this.map, look.fontSize * 2);
    this.rulerCtx.font = `${look.fontSize}px ${look.font}`;
    drawCourse(this.rulerCtx, ruler, { end: axis.text(axis.end), whole: axis.whole });
  }

  /** Value upwards, course of the training to the right, share as colour.
   * @param {CanvasRenderingContext2D} ctx @param {number} layer @param {Scale} scale @param {number[]} probeAt @param {number} left */
  drawHeat(ctx, layer, scale, probeAt, left) {
    const { look, ratio } = this;
    const [top, tall] = [Math.round(3 * ratio), Math.round((this.height - 6) * ratio)];
    const image = ctx.createImageData(probeAt.length, tall);
    const pixels = new Uint32Array(image.data.buffer);
    const { heat } = look;
    const range = `${INSIDE[this.kind].of}_range`;
    const column = new Uint32Array(tall);
    let shown = -2;
    for (let i = 0; i < probeAt.length; i++) {
      if (probeAt[i] < 0) column.fill(heat[0]);
      else if (probeAt[i] !== shown) {
        shown = probeAt[i];
        const probe = this.run.probes[shown];
        const counts = probe[this.kind];
        const full = fullCount(counts, layer * BINS);
        const [low, high] = [probe[range][2 * layer], probe[range][2 * layer + 1]];
        const perBin = BINS / (high - low || 1);
        for (let j = 0; j < tall; j++) {
          const value = scale.high - ((j + 0.5) / tall) * (scale.high - scale.low);
          const bin = Math.floor((value - low) * perBin);
          const share = bin >= 0 && bin < BINS ? heightOf(counts[layer * BINS + bin], full) : 0;
          column[j] = heat[Math.round(share * (heat.length - 1))];
        }
      }
      for (let j = 0, at = i; j < tall; j++, at += probeAt.length) pixels[at] = column[j];
    }
    ctx.putImageData(image, left, top);
  }

  /** Histograms on end, side by side: value upwards, share to the right.
   * @param {CanvasRenderingContext2D} ctx @param {number} layer @param {Scale} scale @param {number[]} probeAt */
  drawRidges(ctx, layer, scale, probeAt) {
    const { plot, ratio, height, look } = this;
    const spacing = 24;
    const range = `${INSIDE[this.kind].of}_range`;
    const y = (/** @type {number} */ value) => height - 3 - scale.part(value) * (height - 6);
    clipTo(ctx, { ...plot, top: 3, bottom: height - 3 });
    ctx.lineWidth = 2;
    ctx.lineJoin = "round";
    ctx.strokeStyle = look.color(this.run);
    for (let x = Math.floor((plot.right - plot.left) / spacing) * spacing; x >= 0; x -= spacing) {
      const index = probeAt[Math.min(probeAt.length - 1, Math.round((x + 0.5) * ratio))];
      if (!(index >= 0)) continue;
      const probe = this.run.probes[index];
      const [low, high] = [probe[range][2 * layer], probe[range][2 * layer + 1]];
      const full = fullCount(probe[this.kind], layer * BINS);
      const path = new Path2D();
      path.moveTo(plot.left + x, y(low));
      for (let bin = 0; bin < BINS; bin++) {
        const wide = heightOf(probe[this.kind][layer * BINS + bin], full) * spacing * 1.8;
        path.lineTo(plot.left + x + wide, y(low + ((bin + 0.5) / BINS) * (high - low)));
      }
      path.lineTo(plot.left + x, y(high));
      ctx.fillStyle = look.panel;
      ctx.fill(path);
      ctx.globalAlpha = 0.3;
      ctx.fillStyle = ctx.strokeStyle;
      ctx.fill(path);
      ctx.globalAlpha = 1;
      ctx.stroke(path);
    }
    ctx.restore();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Scale} scale */
  drawEnds(ctx, scale) {
    const { look, plot, height } = this;
    if (!scale.known) return;
    ctx.font = `${look.fontSize}px ${look.font}`;
    ctx.fillStyle = look.muted;
    ctx.textAlign = "right";
    ctx.textBaseline = "top";
    ctx.fillText(rough(scale.high), plot.left - 6, 4);
    ctx.textBaseline = "bottom";
    ctx.fillText(rough(scale.low), plot.left - 6, height - 3);
    if (scale.low < 0 && scale.high > 0) {
      const zero = height - 3 - scale.part(0) * (height - 6);
      ctx.fillRect(plot.left - 5, Math.round(zero) - 1, 5, 2);
      ctx.textBaseline = "middle";
      if (zero > look.fontSize * 1.9 && zero < height - look.fontSize * 1.9) ctx.fillText("0", plot.left - 8, zero);
    }
  }

  /** Where too many units are dead (lower edge) or outputs saturated (upper edge): a hatched bar.
   * @param {CanvasRenderingContext2D} ctx @param {number} layer @param {number[]} probeAt @param {number} left */
  drawAlarms(ctx, layer, probeAt, left) {
    const { look, ratio, height } = this;
    ctx.fillStyle = look.alarm;
    for (const [name, top] of /** @type {[string, number][]} */ ([["dead", height - 8], ["saturated", 3]])) {
      for (let i = 0; i < probeAt.length; i++) {
        const probe = this.run.probes[probeAt[i]];
        if (!probe || !(probe[name][layer] > TOO_MUCH)) continue;
        if (Math.floor(i / ratio / 3) % 3 < 2) ctx.fillRect((left + i) / ratio, top, 1 / ratio, 5);
      }
    }
  }

  /** What changes with the slider: the histograms and the numbers. @param {Event | null} probe @param {number} x */
  drawMoment(probe, x) {
    const { look, run, kind } = this;
    if (!run) return;
    const lies = this.narrow ? 0 : this.side;
    this.cursor.hidden = !(x >= 0);
    this.cursor.style.transform = `translateX(${Math.round(lies + this.pixelX(clamp(x, 0, this.axis.end))) - 1}px)`;
    this.rows.forEach((row, layer) => {
      const ctx = row.shape;
      ctx.clearRect(0, 0, this.shape, this.height);
      const scale = rowScale(run, kind, layer);
      if (probe && scale.known) this.drawShape(ctx, probe, layer, scale, look);
      this.tell(row, probe, layer);
    });
  }

  /** A frame around what lies between two places in a layer, or in all where `layer` is -1.
   * @param {number} from @param {number} to @param {number} layer @param {boolean} active */
  addBand(from, to, layer, active) {
    const [a, b] = [this.pixelX(from), this.pixelX(to)];
    const canvas = this.rows[Math.max(layer, 0)].map.canvas;
    const band = document.createElement("div");
    band.className = `band${active ? " active" : ""}`;
    band.style.left = `${(this.narrow ? 0 : this.side) + Math.min(a, b - 6)}px`;
    band.style.width = `${Math.max(6, b - a)}px`;
    band.style.top = `${layer < 0 ? 0 : canvas.offsetTop}px`;
    band.style.height = `${layer < 0 ? this.list.offsetHeight : canvas.offsetHeight}px`;
    this.box.append(band);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Event} probe @param {number} layer @param {Scale} scale @param {Look} look */
  drawShape(ctx, probe, layer, scale, look) {
    const { kind, shape, height } = this;
    const { of } = INSIDE[kind];
    const [left, right, top, bottom] = [16, shape - 4, 6, height - look.fontSize - 8];
    const x = (/** @type {number} */ value) => left + clamp(scale.part(value), -0.02, 1.01) * (right - left);
    const [low, high] = probe[`${of}_range`].subarray(2 * layer, 2 * layer + 2);
    const counts = probe[kind].subarray(layer * BINS, (layer + 1) * BINS);
    const full = fullCount(probe[kind], layer * BINS);
    ctx.fillStyle = look.color(this.run);
    let cut = -1;
    counts.forEach((/** @type {number} */ count, /** @type {number} */ bin) => {
      if (!count) return;
      const tall = Math.max(1, heightOf(count, full) * (bottom - top));
      const [a, b] = [0, 1].map((end) => x(low + ((bin + end) / BINS) * (high - low)));
      if (b < left || a > right) return;
      ctx.fillRect(a, bottom - tall, Math.max(1, b - a), tall);
      if (count > full) cut = (a + b) / 2;
    });
    if (cut >= 0) this.drawCut(ctx, cut, top, look, counts);
    ctx.fillStyle = look.muted;
    ctx.fillRect(left, bottom, right - left, 1);
    // Mean and one standard deviation to both sides, below the bars.
    const [mean, std] = [probe[`${of}_mean`][layer], probe[`${of}_std`][layer]];
    if (Number.isFinite(mean)) {
      ctx.fillStyle = look.text;
      ctx.fillRect(x(mean - std), bottom + 2, Math.max(2, x(mean + std) - x(mean - std)), 2);
      ctx.fillRect(x(mean) - 1, bottom - 2, 2, 8);
    }
    ctx.font = `${look.fontSize}px ${look.font}`;
    ctx.fillStyle = look.muted;
    ctx.textBaseline = "bottom";
    ctx.textAlign = "left";
    const far = (/** @type {number} */ end, /** @type {number} */ value, /** @type {boolean} */ beyond) =>
      beyond ? t("{end:rough} (to {value:rough})", { end, value }) : rough(end);
    ctx.fillText(far(scale.low, low, low < scale.low), left, height);
    ctx.textAlign = "right";
    ctx.fillText(far(scale.high, high, high > scale.high), right, height);
  }

  /** The gap in a bar that is cut off, and the share of all values that it stands for.
   * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} top @param {Look} look @param {Uint32Array} counts */
  drawCut(ctx, x, top, look, counts) {
    ctx.save();
    ctx.translate(x, top + 9);
    ctx.rotate(-0.35);
    ctx.fillStyle = look.background;
    ctx.fillRect(-9, -2, 18, 4);
    ctx.restore();
    ctx.font = `${look.fontSize}px ${look.font}`;
    ctx.fillStyle = look.text;
    ctx.textBaseline = "top";
    const right = x < this.shape - 90;
    ctx.textAlign = right ? "left" : "right";
    ctx.fillText(partOf(Math.max(...counts) / counts.reduce((sum, one) => sum + one, 0)), x + (right ? 10 : -10), 2);
  }

  /** @param {Row} row @param {Event | null} probe @param {number} layer */
  tell(row, probe, layer) {
    const { kind } = this;
    const { of } = INSIDE[kind];
    /** @type {[string, string][]} */
    const facts = [];
    let alarm = "";
    if (probe) {
      facts.push([t("mean"), steady(probe[`${of}_mean`][layer])], [t("std"), steady(probe[`${of}_std`][layer])]);
      if (kind === "activations") {
        const [dead, saturated] = [probe.dead[layer], probe.saturated[layer]];
        facts.push([t("dead"), partOf(dead)]);
        if (this.run.start?.bounded[layer]) facts.push([t("saturated"), partOf(saturated)]);
        if (dead > TOO_MUCH) alarm = t("{share:percent1} dead", { share: dead });
        else if (saturated > TOO_MUCH) alarm = t("{share:percent1} saturated", { share: saturated });
      } else if (kind === "gradients") facts.push([t("length"), steady(probe.gradient_norm[layer])]);
      else facts.push([t("update"), steady(probe.update_ratio[layer])]);
    }
    const text = facts.map(([name, value]) => `<span>${escapeText(name)}</span><b>${value}</b>`).join("");
    if (setHtml(row.numbers, text)) {
      const name = row.name.querySelector("b").textContent;
      const said = facts.map((fact) => fact.join(" ")).join(", ");
      row.shapeCanvas.setAttribute("aria-label", t("{kind} of {layer}: {said}", { kind: LAYER_WORDS[kind], layer: name, said }));
    }
    if (row.alarmed === alarm) return;
    row.alarmed = alarm;
    row.alarm.textContent = alarm;
    row.alarm.hidden = !alarm;
  }
}

const KEY = 54; // pixels from the right end of the curves to a layer's name

/** A value of every layer against the course of the training, named at the right in the order of the values. */
export class LayerLines extends Curves {
  /** @type {Run} */ run = null;

  /** Takes the run's probes; a strong line is the mean over `window` of them, the pale one behind it each of them.
   * @param {Run} run @param {Axis} axis @param {Look} look @param {number} window */
  setRun(run, axis, look, window) {
    const { layers } = run.start;
    const { probes } = run;
    const x = Float64Array.from(probes, (probe) => run.xOf(axis.name, probe.step));
    this.run = run;
    this.setAxis(axis);
    this.series = layers.flatMap((/** @type {string} */ label, /** @type {number} */ layer) => {
      const color = look.layers[Math.round((layer / Math.max(1, layers.length - 1)) * (look.layers.length - 1))];
      const facts = { run: layer, label, color };
      const { dash, marker } = look.marks[layer % look.marks.length];
      const raw = Float64Array.from(probes, (probe) => probe[this.name][layer]);
      const mean = window > 1 ? trailingMean(raw, window, this.scale.log) : raw;
      const lines = [seriesOf({ ...facts, kind: "layer", dash, marker }, x, (i) => mean[i], x.length)];
      if (window > 1) lines.unshift(seriesOf({ ...facts, kind: "raw" }, x, (i) => raw[i], x.length));
      return lines;
    });
    if (!this.scale.fixed) this.holdValues();
  }

  holdValues() {
    const ends = this.series.map(({ count, y }) => extent(count, y, this.scale.log));
    let [low, high] = [Math.min(...ends.map(([one]) => one)), Math.max(...ends.map(([, one]) => one))];
    // Twelve decades are enough to see a gradient vanish, and two below what is healthy to see an update do so.
    if (this.scale.log) low = Math.max(low, high * 1e-12);
    if (this.healthy) {
      low = clamp(low, this.healthy.low / 100, this.healthy.low / 2);
      high = Math.max(high, this.healthy.high * 2);
    }
    this.scale.hold(low, high);
  }

  /** @param {number} x @param {import("./curves.js").Show} show @param {import("./curves.js").Near | null} near */
  drawFront(x, show, near) {
    super.drawFront(x, show, near);
    const { frontCtx: ctx, plot, look } = this;
    if (!this.ready || !this.scale.known || !this.series.length) return;
    ctx.font = `${look.fontSize}px ${look.font}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    const labels = this.series
      .filter(({ kind }) => kind === "layer")
      .map((series) => ({ series, i: series.at(x) }))
      .filter(({ i }) => i >= 0)
      .map(({ series, i }) => {
        const value = series.y(i);
        const known = Number.isFinite(value) && !(this.scale.log && value <= 0);
        const y = known ? clamp(this.pixelY(value), plot.top, plot.bottom) : plot.bottom;
        return { series, value, y, place: y, fromX: this.pixelX(Math.min(x, series.x(i))) };
      })
      .sort((a, b) => a.y - b.y);
    spread(labels, look.fontSize * 1.2, plot.top, plot.bottom);
    for (const { series, value, fromX, y, place } of labels) {
      const faded = show.raised >= 0 && series.run !== show.raised;
      ctx.globalAlpha = faded ? 0.3 : 1;
      drawMarker(ctx, series.marker, fromX, y, 4.5, series.color, look.panel);
      this.drawSample(ctx, series, plot.right + 14, place);
      ctx.fillStyle = look.text;
      const text = this.percent ? partOf(value) : steady(value);
      const name = fitText(ctx, series.label, this.width - plot.right - KEY - 6 - ctx.measureText(text).width);
      ctx.fillText(name, plot.right + KEY, place);
      ctx.textAlign = "right";
      ctx.fillText(text, this.width, place);
      ctx.textAlign = "left";
    }
    ctx.globalAlpha = 1;
  }

  /** A layer's mark, and behind it a piece of its line.
   * @param {CanvasRenderingContext2D} ctx @param {import("./curves.js").Series} series @param {number} x @param {number} y */
  drawSample(ctx, { marker, dash, color }, x, y) {
    drawMarker(ctx, marker, x, y, 4.5, color, this.look.background);
    this.pen(ctx, "layer", color);
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x + 8, y);
    ctx.lineTo(x + 34, y);
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

/** The mean of the last `window` values at each place, geometric if `log`, without what is not finite.
 * @param {Float64Array} values @param {number} window @param {boolean} log */
export function trailingMean(values, window, log) {
  const out = new Float64Array(values.length);
  const taken = values.map((value) => (log ? Math.log(value) : value));
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    for (const [at, sign] of [[i, 1], [i - window, -1]]) {
      if (at < 0 || !Number.isFinite(taken[at])) continue;
      sum += sign * taken[at];
      count += sign;
    }
    const mean = Number.isFinite(taken[i]) && count ? sum / count : NaN;
    out[i] = log ? Math.exp(mean) : mean;
  }
  return out;
}

/** Gives labels, sorted by y, places at least `gap` apart between two ends, as near to their y as that allows.
 * @param {{y: number, place: number}[]} labels @param {number} gap @param {number} top @param {number} bottom */
export function spread(labels, gap, top, bottom) {
  gap = Math.min(gap, (bottom - top) / Math.max(1, labels.length - 1));
  let low = top - gap;
  for (const label of labels) low = label.place = Math.max(label.y, low + gap);
  let high = bottom + gap;
  for (const label of [...labels].reverse()) high = label.place = Math.min(label.place, high - gap);
}

/** `text`, cut off so that it fits into `width` pixels. @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} width */
function fitText(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  while (text && ctx.measureText(`${text}…`).width > width) text = text.slice(0, -1);
  return `${text}…`;
}
