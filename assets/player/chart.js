// A curve against the step (loss, learning rate) with a cursor that moves in time with the race.
//
// All curves are drawn once into `curves`; a frame lays that bitmap down faintly, and once more strongly as far
// as the cursor, so a frame costs the same for ten steps and for five thousand.

import { drawDiverged, drawMarker, linearTicks, logTicks } from "../kit/marks.js";
import { cutEnds, cutSegment, sizeCanvas } from "../kit/view.js";

/**
 * Ends and kind of a value axis that shows all racers; diverged ones may leave through the top. `floor` is the
 * smallest share of the highest value that a log axis shows: a few tiny values would flatten all other curves.
 */
function valueScale(race, name, wantLog, floor) {
  let [low, high, positive, zero, negative] = [Infinity, -Infinity, Infinity, false, false];
  const take = (r, last) => {
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
  const healthy = race.racers.map((_, r) => r).filter((r) => race.racers[r].ended !== "diverged");
  const whole = healthy.length ? healthy : race.racers.map((_, r) => r);
  whole.forEach((r) => take(r, race.lastStep(r)));
  race.racers.forEach((_, r) => take(r, 0)); // the start is always in sight
  if (low > high) return { log: false, low: 0, high: 1, cut: false };
  if (!negative && positive < Infinity && wantLog(positive, high)) return logScale(positive, high, zero, floor);
  const pad = high > low ? 0.06 * (high - low) : Math.abs(high) * 0.1 || 1;
  return { log: false, low: low - pad, high: high + pad, cut: false };
}

function logScale(low, high, zero, floor) {
  const bottom = Math.max(low, high * floor);
  const pad = Math.max(1.3, (high / bottom) ** 0.05);
  return { log: true, low: bottom / pad, high: high * pad, cut: zero || low < bottom };
}

export class Chart {
  /** `name` is the array drawn; `title` is completed by the kind of axis; `wantLog` decides it for positive values. */
  constructor(box, name, title, wantLog, floor) {
    Object.assign(this, { box, name, title, wantLog, floor });
    this.back = box.querySelector(".back");
    this.front = box.querySelector(".front");
    this.curves = new OffscreenCanvas(1, 1);
    this.dirty = true;
  }

  setRace(race) {
    this.race = race;
    this.scale = valueScale(race, this.name, this.wantLog, this.floor);
    this.dirty = true;
    this.front.setAttribute("aria-label", `${this.heading()} against step, ${race.racers.length} racers`);
  }

  setColors(colors, racerColors) {
    Object.assign(this, { colors, racerColors });
    this.dirty = true;
  }

  resize(width, height, ratio, fontSize, font) {
    Object.assign(this, { width, height, ratio, fontSize, font });
    this.backCtx = sizeCanvas(this.back, width, height, ratio);
    this.frontCtx = sizeCanvas(this.front, width, height, ratio);
    this.curvesCtx = sizeCanvas(this.curves, width, height, ratio);
    this.plot = {
      left: Math.round(fontSize * 3.3),
      right: width - 12,
      top: Math.round(fontSize * 1.8),
      bottom: height - Math.round(fontSize * 1.9),
    };
    this.dirty = true;
  }

  heading() {
    const kind = this.scale.log ? "log scale" : "linear scale";
    return `${this.title} (${kind}${this.scale.cut ? ", cut off below" : ""})`;
  }

  pixelX(step) {
    return this.plot.left + (step / this.race.steps) * (this.plot.right - this.plot.left);
  }

  pixelY(value) {
    const { log, low, high } = this.scale;
    const { top, bottom } = this.plot;
    const share = () => (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
    const part = log && value <= 0 ? 0 : share();
    return bottom - Math.max(0, part) * (bottom - top);
  }

  stepAt(px) {
    const part = (px - this.plot.left) / (this.plot.right - this.plot.left);
    return Math.min(1, Math.max(0, part)) * this.race.steps;
  }

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
    const { backCtx: ctx, plot, colors, fontSize, scale } = this;
    ctx.clearRect(0, 0, this.width, this.height);
    ctx.fillStyle = colors.panel;
    ctx.fillRect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
    ctx.font = `${fontSize}px ${this.font}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    const count = (plot.bottom - plot.top) / (fontSize * 2.2);
    const ticks = (scale.log ? logTicks : linearTicks)(scale.low, scale.high, count);
    for (const { value, label } of ticks) {
      const y = this.pixelY(value);
      ctx.fillStyle = colors.grid;
      ctx.fillRect(plot.left, Math.round(y), plot.right - plot.left, 1);
      ctx.fillStyle = colors.text;
      ctx.fillText(label, plot.left - 7, y);
    }
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    const baseline = plot.bottom + Math.round(fontSize * 0.5);
    const end = `step ${this.race.steps}`;
    const lastLabel = plot.right - ctx.measureText(end).width - fontSize * 1.6;
    const room = (plot.right - plot.left) / (fontSize * 5);
    for (const { value, label } of linearTicks(0, this.race.steps, room).filter((t) => Number.isInteger(t.value))) {
      const x = this.pixelX(value);
      ctx.fillStyle = colors.grid;
      ctx.fillRect(Math.round(x), plot.top, 1, plot.bottom - plot.top);
      ctx.fillStyle = colors.text;
      if (x < lastLabel) ctx.fillText(label, x, baseline);
    }
    ctx.textAlign = "right";
    ctx.fillText(end, plot.right, baseline);
    ctx.textAlign = "left";
    ctx.fillText(this.heading(), plot.left, Math.round(fontSize * 0.3));
  }

  drawFront(time, show, extras) {
    const { frontCtx: ctx, plot, colors, ratio } = this;
    const at = this.pixelX(Math.min(time, this.race.steps));
    const [top, tall] = [0, this.height];
    const lay = (from, to, alpha) => {
      if (to - from < 0.5) return;
      ctx.globalAlpha = alpha;
      ctx.drawImage(this.curves, from * ratio, top, (to - from) * ratio, tall * ratio, from, top, to - from, tall);
    };
    ctx.clearRect(0, 0, this.width, this.height);
    lay(plot.left - 3, show.whole ? this.width : at, 1);
    if (!show.whole) lay(at, this.width, 0.3);
    ctx.globalAlpha = 1;
    ctx.fillStyle = colors.text;
    ctx.fillRect(at - 0.75, plot.top, 1.5, plot.bottom - plot.top);
    for (const r of show.order) this.drawDot(ctx, r, time, show);
    if (extras.near) this.drawNear(ctx, extras.near);
  }

  /** A racer's present value on the cursor, or its end mark where it diverged. */
  drawDot(ctx, r, time, show) {
    const last = this.race.lastStep(r);
    const step = Math.min(Math.floor(time), last);
    const next = Math.min(step + 1, last);
    const part = Math.min(1, Math.max(0, time - step));
    const [ya, yb] = [step, next].map((i) => this.pixelY(this.race.value(this.name, r, i)));
    const y = Number.isFinite(yb) ? ya + part * (yb - ya) : ya;
    if (!Number.isFinite(y)) return;
    const x = this.pixelX(Math.min(time, last));
    ctx.globalAlpha = show.faded(r) ? 0.25 : 1;
    if (this.race.outcome(r, time).startsWith("diverged")) {
      drawDiverged(ctx, x, Math.max(y, this.plot.top + 5), 5, this.racerColors[r], this.colors.panel);
    } else if (y >= this.plot.top - 8) {
      drawMarker(ctx, this.race.racers[r].marker, x, y, 5, this.racerColors[r], this.colors.panel);
    }
    ctx.globalAlpha = 1;
  }

  drawNear(ctx, { r, step }) {
    const y = this.pixelY(this.race.value(this.name, r, step));
    if (!Number.isFinite(y) || y < this.plot.top - 8) return;
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = this.colors.text;
    ctx.beginPath();
    ctx.arc(this.pixelX(step), y, 6, 0, 2 * Math.PI);
    ctx.stroke();
  }

  nearest(px, py, show, reach = 24) {
    let [best, found] = [reach, null];
    const at = Math.round(this.stepAt(px));
    for (const r of show.order) {
      const step = Math.min(at, this.race.lastStep(r));
      const y = this.pixelY(this.race.value(this.name, r, step));
      const away = Math.hypot(y - py, this.pixelX(step) - px);
      if (away < best) [best, found] = [away, { r, step, chart: this.name }];
    }
    return found;
  }
}
