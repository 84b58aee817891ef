// A curve against the step (loss, learning rate) with a cursor that moves in time with the race.
//
// All curves are drawn once into `curves`; a frame lays that bitmap down faintly, and once more strongly as far
// as the cursor, so a frame costs the same for ten steps and for five thousand.

import { cutEnds, cutSegment, drawRing, sizeCanvas } from "../kit/canvas.js";
import { drawCourse, Figure } from "../kit/figure.js";
import { drawDiverged, drawMarker } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { Scale } from "../kit/scale.js";

/** @typedef {import("./payload.js").Race} Race */
/** @typedef {import("./player.js").Show} Show */

/**
 * Ends and kind of a value axis that shows all racers; diverged ones may leave through the top. `floor` is the
 * smallest share of the highest value that a log axis shows: a few tiny values would flatten all other curves.
 * @param {Race} race @param {string} name @param {(low: number, high: number) => boolean} wantLog @param {number} floor
 */
export function valueScale(race, name, wantLog, floor) {
  let [low, high, positive, zero, negative] = [Infinity, -Infinity, Infinity, false, false];
  const take = (/** @type {number} */ r, /** @type {number} */ last) => {
    for (let step = 0; step <= last; step++) {
      const value = race.value(name, r, step);
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
      if (value > 0 && value < positive) positive = value;
      if (value === 0) zero = true;
      if (value < 0) negative = true;
    }
  };
  const all = race.racers.map((_, r) => r);
  const healthy = all.filter((r) => race.racers[r].ended !== "diverged");
  for (const r of healthy.length ? healthy : all) take(r, race.lastStep(r));
  for (const r of all) take(r, 0); // the start is always in sight
  if (low > high) return { scale: new Scale({ low: 0, high: 1 }), cut: false };
  if (!negative && positive < Infinity && wantLog(positive, high)) {
    const bottom = Math.max(positive, high * floor);
    const pad = Math.max(1.3, (high / bottom) ** 0.05);
    return { scale: new Scale({ log: true, low: bottom / pad, high: high * pad }), cut: zero || positive < bottom };
  }
  const pad = high > low ? 0.06 * (high - low) : Math.abs(high) * 0.1 || 1;
  return { scale: new Scale({ low: low - pad, high: high + pad }), cut: false };
}

export class Chart extends Figure {
  /** @type {Race} */ race = null;
  /** @type {string[]} */ racerColors = [];
  cut = false;
  curves = new OffscreenCanvas(1, 1);
  /** @type {OffscreenCanvasRenderingContext2D} */ curvesCtx = null;

  /**
   * @param {HTMLElement} box
   * @param {string} name of the array that is drawn @param {string} title completed by the kind of axis
   * @param {(low: number, high: number) => boolean} wantLog decides that for positive values @param {number} floor
   */
  constructor(box, name, title, wantLog, floor) {
    super(box);
    this.name = name;
    this.title = title;
    this.wantLog = wantLog;
    this.floor = floor;
  }

  /** @param {Race} race */
  setRace(race) {
    this.race = race;
    Object.assign(this, valueScale(race, this.name, this.wantLog, this.floor));
    this.across = new Scale({ low: 0, high: race.steps });
    this.dirty = true;
    this.front.setAttribute("aria-label", t("{heading} against step, {n} racers", { heading: this.heading(), n: race.racers.length }));
  }

  /** @param {number} width @param {number} height @param {import("../kit/view.js").Look} look */
  resize(width, height, look) {
    const changed = super.resize(width, height, look);
    if (changed) this.curvesCtx = sizeCanvas(this.curves, this.width, this.height, look.ratio);
    return changed;
  }

  heading() {
    const { title } = this;
    if (!this.scale.log) return t("{title} (linear scale)", { title });
    return this.cut ? t("{title} (log scale, cut off below)", { title }) : t("{title} (log scale)", { title });
  }

  /** @param {number} value */
  pixelY(value) {
    const part = this.scale.log && value <= 0 ? 0 : this.scale.part(value);
    return this.plot.bottom - Math.max(0, part) * (this.plot.bottom - this.plot.top);
  }

  /** @param {Show} show */
  drawBack(show) {
    this.dirty = false;
    this.drawAxes();
    const ctx = this.curvesCtx;
    ctx.clearRect(0, 0, this.width, this.height);
    for (const r of show.order) {
      ctx.globalAlpha = show.faded(r) ? 0.2 : 1;
      ctx.strokeStyle = this.racerColors[r];
      ctx.lineWidth = r === show.raised ? 3.5 : 2.5;
      ctx.lineJoin = "round";
      ctx.setLineDash(this.race.racers[r].dash);
      ctx.stroke(this.curve(r));
      ctx.setLineDash([]);
    }
    ctx.globalAlpha = 1;
  }

  /** @param {number} r */
  curve(r) {
    const path = new Path2D();
    const paper = { ...this.plot, top: this.plot.top - 6, bottom: this.plot.bottom + 1 };
    let [xa, ya, penX, penY] = [NaN, NaN, NaN, NaN];
    for (let step = 0; step <= this.race.lastStep(r); step++) {
      const x = this.pixelX(step);
      const y = this.pixelY(this.race.value(this.name, r, step));
      if (!Number.isFinite(y)) break;
      if (Math.abs(x - xa) + Math.abs(y - ya) < 0.5) continue;
      if (step > 0 && cutSegment(xa, ya, x, y, paper)) {
        if (cutEnds[0] !== penX || cutEnds[1] !== penY) path.moveTo(cutEnds[0], cutEnds[1]);
        path.lineTo(cutEnds[2], cutEnds[3]);
        [penX, penY] = [cutEnds[2], cutEnds[3]];
      }
      [xa, ya] = [x, y];
    }
    return path;
  }

  drawAxes() {
    const { backCtx: ctx, plot, look } = this;
    this.drawPanel(ctx);
    this.drawValues(ctx);
    drawCourse(ctx, this, { end: t("step {step}", { step: this.race.steps }), whole: true });
    ctx.textAlign = "left";
    ctx.fillText(this.heading(), plot.left, Math.round(look.fontSize * 0.3));
  }

  /** @param {number} time @param {Show} show @param {{near: any}} extras */
  drawFront(time, show, extras) {
    const { frontCtx: ctx, plot, look } = this;
    const { ratio } = look;
    const at = this.pixelX(Math.min(time, this.race.steps));
    const [top, tall] = [0, this.height];
    const lay = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ alpha) => {
      if (to - from < 0.5) return;
      ctx.globalAlpha = alpha;
      ctx.drawImage(this.curves, from * ratio, top, (to - from) * ratio, tall * ratio, from, top, to - from, tall);
    };
    ctx.clearRect(0, 0, this.width, this.height);
    lay(plot.left - 3, show.whole ? this.width : at, 1);
    if (!show.whole) lay(at, this.width, 0.3);
    ctx.globalAlpha = 1;
    ctx.fillStyle = look.text;
    ctx.fillRect(at - 0.75, plot.top, 1.5, plot.bottom - plot.top);
    for (const r of show.order) this.drawDot(ctx, r, time, show);
    if (extras.near) this.drawNear(ctx, extras.near);
  }

  /** A racer's present value on the cursor, or its end mark where it diverged.
   * @param {CanvasRenderingContext2D} ctx @param {number} r @param {number} time @param {Show} show */
  drawDot(ctx, r, time, show) {
    const { step, next, part } = this.race.between(r, time);
    const [ya, yb] = [step, next].map((i) => this.pixelY(this.race.value(this.name, r, i)));
    const y = Number.isFinite(yb) ? ya + part * (yb - ya) : ya;
    if (!Number.isFinite(y)) return;
    const x = this.pixelX(Math.min(time, this.race.lastStep(r)));
    ctx.globalAlpha = show.faded(r) ? 0.25 : 1;
    if (this.race.hasDiverged(r, time)) {
      drawDiverged(ctx, x, Math.max(y, this.plot.top + 5), 5, this.racerColors[r], this.look.panel);
    } else if (y >= this.plot.top - 8) {
      drawMarker(ctx, this.race.racers[r].marker, x, y, 5, this.racerColors[r], this.look.panel);
    }
    ctx.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} ctx @param {{r: number, step: number}} near */
  drawNear(ctx, { r, step }) {
    const y = this.pixelY(this.race.value(this.name, r, step));
    if (!Number.isFinite(y) || y < this.plot.top - 8) return;
    drawRing(ctx, this.pixelX(step), y, 6, this.look.text, 2.5);
  }

  /** @param {number} px @param {number} py @param {Show} show @param {number} [reach] */
  nearest(px, py, show, reach = 24) {
    let best = reach;
    /** @type {{r: number, step: number, chart: string} | null} */
    let found = null;
    const at = Math.round(this.xAt(px));
    for (const r of show.order) {
      const step = Math.min(at, this.race.lastStep(r));
      const y = this.pixelY(this.race.value(this.name, r, step));
      const away = Math.hypot(y - py, this.pixelX(step) - px);
      if (away >= best) continue;
      best = away;
      found = { r, step, chart: this.name };
    }
    return found;
  }
}
