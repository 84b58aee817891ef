// The picture, that is the contour plot with its paths and heads.
//
// Two canvases lie on each other. `back` holds what rests (surface, axes, whole paths) and is drawn
// anew only when something about it changes. `front` is drawn every frame: it lays down the layers with the
// played part of the paths, which only grow while playing, and puts minima and heads on top.

import { drawDiverged, drawMarker, linearTicks, SADDLE_OUTLINE, shortNumber } from "../kit/marks.js";
import { bandColor, paintSurface } from "../kit/surface.js";
import { cutEnds, cutSegment, sizeCanvas } from "../kit/view.js";

/** Draws one racer's path piece by piece, and remembers where it stopped. */
class Pen {
  constructor() {
    this.step = -1; // the last recorded point that was looked at
    this.x = NaN; // the last point that was drawn to
    this.y = NaN;
    this.run = 0; // length drawn so far: it keeps the dashes in phase
  }

  /** The path from the last stop to recorded point `last`, or null when nothing visible was added. */
  advance(race, r, last, picture) {
    let path = null;
    let [penX, penY] = [NaN, NaN];
    for (let step = this.step + 1; step <= last; step++) {
      const x = picture.pixelX(race.x(r, step));
      const y = picture.pixelY(race.y(r, step));
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      // A crawling racer adds thousands of points to one pixel: wait until they add up to something.
      if (Math.abs(x - this.x) + Math.abs(y - this.y) < 0.5) continue;
      if (Number.isFinite(this.x) && cutSegment(this.x, this.y, x, y, picture.paper)) {
        path ||= new Path2D();
        const [xa, ya, xb, yb] = cutEnds;
        if (xa !== penX || ya !== penY) path.moveTo(xa, ya);
        path.lineTo(xb, yb);
        [penX, penY] = [xb, yb];
        this.run += Math.hypot(xb - xa, yb - ya);
      }
      this.x = x;
      this.y = y;
    }
    this.step = Math.max(this.step, last);
    return path;
  }
}

export class Picture {
  constructor(box, compact) {
    this.box = box;
    this.compact = compact;
    this.back = box.querySelector(".back");
    this.front = box.querySelector(".front");
    this.layers = { dim: new OffscreenCanvas(1, 1), halo: new OffscreenCanvas(1, 1), ink: new OffscreenCanvas(1, 1) };
    this.surfaces = new Map();
    this.backDirty = true;
    this.trailDirty = true;
  }

  resize(width, height, ratio, fontSize, font) {
    Object.assign(this, { width, height, ratio, fontSize, font });
    this.backCtx = sizeCanvas(this.back, width, height, ratio);
    this.frontCtx = sizeCanvas(this.front, width, height, ratio);
    this.inkOf = {};
    for (const name of Object.keys(this.layers)) {
      this.inkOf[name] = sizeCanvas(this.layers[name], width, height, ratio);
    }
    this.scaleWidth = this.compact || width < 520 ? 0 : 6 + 14 + 5 + Math.round(fontSize * 3.4);
    this.plot = {
      left: Math.round(fontSize * 3.3),
      right: width - 10 - this.scaleWidth,
      top: 8,
      bottom: height - Math.round(fontSize * 1.9),
    };
    const reach = 12; // strokes may begin outside, so that dashes and joins run over the edge
    const { left, right, top, bottom } = this.plot;
    this.paper = { left: left - reach, right: right + reach, top: top - reach, bottom: bottom + reach };
    this.surfaces.clear();
    this.invalidate();
  }

  setRace(race, keepView) {
    const [left, right, bottom, top] = race.header.window;
    if (!this.race?.sameSurface(race)) this.surfaces.clear(); // a turned knob leaves the painted surface as it is
    this.race = race;
    this.whole = { left, right, bottom, top };
    if (!keepView) this.view = { ...this.whole };
    this.invalidate();
  }

  setColors(colors, racerColors) {
    if (JSON.stringify(colors) !== JSON.stringify(this.colors)) this.surfaces.clear();
    Object.assign(this, { colors, racerColors });
    this.invalidate();
  }

  invalidate() {
    this.backDirty = true;
    this.trailDirty = true;
  }

  pixelX(x) {
    const { left, right } = this.view;
    return this.plot.left + ((x - left) / (right - left)) * (this.plot.right - this.plot.left);
  }

  pixelY(y) {
    const { bottom, top } = this.view;
    return this.plot.bottom - ((y - bottom) / (top - bottom)) * (this.plot.bottom - this.plot.top);
  }

  dataX(pixel) {
    const { left, right } = this.view;
    return left + ((pixel - this.plot.left) / (this.plot.right - this.plot.left)) * (right - left);
  }

  dataY(pixel) {
    const { bottom, top } = this.view;
    return bottom + ((this.plot.bottom - pixel) / (this.plot.bottom - this.plot.top)) * (top - bottom);
  }

  inside(px, py) {
    const { left, right, top, bottom } = this.plot;
    return px >= left && px <= right && py >= top && py <= bottom;
  }

  get zoomed() {
    return this.view.right - this.view.left < (this.whole.right - this.whole.left) * 0.999;
  }

  /** Sets the view, kept inside the window: beyond it the surface was never computed. */
  look(view) {
    const { whole } = this;
    const width = Math.min(view.right - view.left, whole.right - whole.left);
    const height = Math.min(view.top - view.bottom, whole.top - whole.bottom);
    const left = Math.min(Math.max(view.left, whole.left), whole.right - width);
    const bottom = Math.min(Math.max(view.bottom, whole.bottom), whole.top - height);
    this.view = { left, right: left + width, bottom, top: bottom + height };
    this.invalidate();
  }

  /** Zooms so that the point under (px, py) stays where it is. */
  zoom(factor, px, py) {
    const [x, y] = [this.dataX(px), this.dataY(py)];
    const now = (this.view.right - this.view.left) / (this.whole.right - this.whole.left);
    const part = Math.min(1, Math.max(1e-3, now / factor)) / now;
    const { left, right, bottom, top } = this.view;
    this.look({
      left: x - (x - left) * part,
      right: x + (right - x) * part,
      bottom: y - (y - bottom) * part,
      top: y + (top - y) * part,
    });
  }

  pan(dx, dy) {
    const x = this.dataX(0) - this.dataX(dx);
    const y = this.dataY(0) - this.dataY(dy);
    const { left, right, bottom, top } = this.view;
    this.look({ left: left + x, right: right + x, bottom: bottom + y, top: top + y });
  }

  /** The bitmap of the surface for the whole window or, once the hand rests, for the current view. */
  surface(name) {
    if (!this.surfaces.has(name)) {
      const view = name === "whole" ? this.whole : this.view;
      const width = Math.round((this.plot.right - this.plot.left) * this.ratio);
      const height = Math.round((this.plot.bottom - this.plot.top) * this.ratio);
      this.surfaces.set(name, { view, bitmap: paintSurface(this.race, view, width, height, this.colors, this.ratio) });
    }
    return this.surfaces.get(name);
  }

  /** `resting` says that the view is not being dragged: only then is a zoomed view computed anew. */
  drawBack(show, resting) {
    const { backCtx: ctx, plot } = this;
    this.backDirty = false;
    ctx.clearRect(0, 0, this.width, this.height);
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
    ctx.clip();
    const { view, bitmap } = this.zoomed && resting ? this.closeSurface() : this.surface("whole");
    const [x, y] = [this.pixelX(view.left), this.pixelY(view.top)];
    ctx.drawImage(bitmap, x, y, this.pixelX(view.right) - x, this.pixelY(view.bottom) - y);
    if (!show.whole) this.drawWholePaths(ctx, show);
    ctx.restore();
    this.drawAxes(ctx);
    if (this.scaleWidth) this.drawScale(ctx);
  }

  closeSurface() {
    const held = this.surfaces.get("close");
    if (held && held.view !== this.view) this.surfaces.delete("close");
    return this.surface("close");
  }

  drawWholePaths(ctx, show) {
    ctx.lineWidth = 1.5;
    ctx.lineJoin = "round";
    for (const r of show.order) {
      const path = new Pen().advance(this.race, r, this.race.lastStep(r), this);
      if (!path) continue;
      ctx.globalAlpha = show.faded(r) ? 0.12 : 0.5;
      ctx.strokeStyle = this.racerColors[r];
      ctx.stroke(path);
    }
    ctx.globalAlpha = 1;
  }

  drawSaddlesAndMinima(ctx) {
    const { text, halo } = this.colors;
    const saddle = new Path2D(SADDLE_OUTLINE);
    ctx.lineCap = "round";
    for (const [x, y] of this.race.header.saddles) {
      const [px, py] = [this.pixelX(x), this.pixelY(y)];
      ctx.translate(px, py);
      for (const [style, width] of [[halo, 5], [text, 2.5]]) {
        ctx.strokeStyle = style;
        ctx.lineWidth = width;
        ctx.stroke(saddle);
      }
      ctx.translate(-px, -py);
    }
    for (const [x, y] of this.race.header.minima) {
      drawMarker(ctx, "star", this.pixelX(x), this.pixelY(y), 8, text, halo);
    }
  }

  drawAxes(ctx) {
    const { plot, fontSize, colors, view } = this;
    const [nameX, nameY] = this.race.header.axes || ["x", "y"];
    ctx.font = `${fontSize}px ${this.font}`;
    ctx.fillStyle = ctx.strokeStyle = colors.text;
    ctx.lineWidth = 1;
    ctx.lineCap = "butt";
    ctx.strokeRect(plot.left + 0.5, plot.top + 0.5, plot.right - plot.left - 1, plot.bottom - plot.top - 1);
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    const baseline = plot.bottom + Math.round(fontSize * 0.5);
    for (const { value, label } of linearTicks(view.left, view.right, (plot.right - plot.left) / (fontSize * 5))) {
      const x = this.pixelX(value);
      ctx.fillRect(Math.round(x), plot.bottom, 1, 5);
      if (plot.right - x > fontSize * 2.4) ctx.fillText(label, x, baseline);
    }
    ctx.textAlign = "right";
    ctx.fillText(nameX, plot.right, baseline);
    ctx.textBaseline = "middle";
    for (const { value, label } of linearTicks(view.bottom, view.top, (plot.bottom - plot.top) / (fontSize * 4))) {
      const y = this.pixelY(value);
      ctx.fillRect(plot.left - 5, Math.round(y), 5, 1);
      if (y - plot.top > fontSize * 1.8) {
        ctx.fillText(label, plot.left - 8, Math.min(y, plot.bottom - fontSize / 2), plot.left - 10);
      }
    }
    ctx.fillText(nameY, plot.left - 8, plot.top + fontSize * 0.6);
  }

  /** The strip that says which loss a colour stands for. */
  drawScale(ctx) {
    const { plot, colors, fontSize } = this;
    const { levels } = this.race.header;
    const bands = levels.length + 1;
    const left = plot.right + 10;
    const top = plot.top + fontSize * 1.5;
    const tall = (plot.bottom - top) / bands;
    for (let band = 0; band < bands; band++) {
      ctx.fillStyle = bandColor(colors.ramp, band, bands);
      ctx.fillRect(left, plot.bottom - (band + 1) * tall, 14, tall + 0.5);
    }
    ctx.fillStyle = colors.text;
    ctx.textAlign = "left";
    ctx.fillText("loss", left, plot.top + fontSize * 0.6);
    const every = Math.max(1, Math.ceil((fontSize * 1.9) / tall));
    levels.forEach(({ value }, i) => {
      if ((i + 1) % every === 0) ctx.fillText(shortNumber(value), left + 19, plot.bottom - (i + 1) * tall);
    });
  }

  /** Brings the layers with the played part to a whole step: by adding to them, or from the start after a jump. */
  drawTrail(step, show) {
    if (this.trailDirty || step < this.trailStep) {
      for (const ctx of Object.values(this.inkOf)) ctx.clearRect(0, 0, this.width, this.height);
      this.pens = this.race.racers.map(() => new Pen());
      this.trailDirty = false;
    } else if (step === this.trailStep) return;
    this.trailStep = step;
    for (const r of show.order) {
      const pen = this.pens[r];
      const phase = pen.run;
      const path = pen.advance(this.race, r, Math.min(step, this.race.lastStep(r)), this);
      if (path) this.strokeTrail(path, r, phase, show.faded(r) ? this.inkOf.dim : this.inkOf.ink, !show.faded(r));
    }
  }

  strokeTrail(path, r, phase, ctx, withHalo) {
    const { dash } = this.race.racers[r];
    if (withHalo) {
      const { halo } = this.inkOf;
      halo.strokeStyle = this.colors.halo;
      halo.lineWidth = 5.5;
      halo.lineJoin = halo.lineCap = "round";
      halo.stroke(path);
    }
    ctx.strokeStyle = this.racerColors[r];
    ctx.lineWidth = 3;
    ctx.lineJoin = "round";
    ctx.lineCap = dash.length ? "butt" : "round";
    ctx.setLineDash(dash);
    ctx.lineDashOffset = phase;
    ctx.stroke(path);
  }

  drawFront(time, show, extras) {
    const { frontCtx: ctx, plot, ratio } = this;
    this.drawTrail(show.whole ? this.race.steps : Math.floor(time), show);
    ctx.clearRect(0, 0, this.width, this.height);
    const [left, top, width, height] = [plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top];
    const lay = (layer, alpha) => {
      ctx.globalAlpha = alpha;
      ctx.drawImage(layer, left * ratio, top * ratio, width * ratio, height * ratio, left, top, width, height);
    };
    if (show.raised >= 0) lay(this.layers.dim, 0.25);
    lay(this.layers.halo, 0.85);
    lay(this.layers.ink, 1);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    extras.guest?.drawBelow(ctx, this);
    this.drawSaddlesAndMinima(ctx); // above the paths: the goal stays in sight
    this.heads = show.order.map((r) => this.headOf(r, time));
    if (!show.whole) for (const head of this.heads) this.drawTip(ctx, head, show);
    if (extras.cross) this.drawCross(ctx, extras.cross);
    ctx.restore();
    for (const head of this.heads) this.drawHead(ctx, head, show);
    extras.guest?.drawAbove(ctx, this);
    if (extras.near) this.drawNear(ctx, extras.near);
  }

  headOf(r, time) {
    const [x, y] = this.race.position(r, time);
    return { r, x, y, px: this.pixelX(x), py: this.pixelY(y), gone: this.race.outcome(r, time).startsWith("diverged") };
  }

  /** The line from the last whole step to the head, which lies between two points at slow speeds. */
  drawTip(ctx, { r, px, py }, show) {
    const pen = this.pens[r];
    if (!cutSegment(pen.x, pen.y, px, py, this.paper)) return;
    ctx.globalAlpha = show.faded(r) ? 0.25 : 1;
    ctx.strokeStyle = this.racerColors[r];
    ctx.lineWidth = 3;
    ctx.lineCap = "round";
    ctx.beginPath();
    ctx.moveTo(cutEnds[0], cutEnds[1]);
    ctx.lineTo(cutEnds[2], cutEnds[3]);
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  drawHead(ctx, { r, px, py, gone }, show) {
    if (!Number.isFinite(px) || !Number.isFinite(py)) return;
    const { plot, colors } = this;
    const color = this.racerColors[r];
    const out = !this.inside(px, py);
    const [x, y] = out ? this.exitPoint(r, px, py, show.time) : [px, py];
    const radius = this.fontSize >= 14 ? 8 : 7;
    ctx.globalAlpha = show.faded(r) ? 0.25 : out && !gone ? 0.6 : 1;
    if (gone) {
      const inset = radius + 2;
      const cx = Math.min(Math.max(x, plot.left + inset), plot.right - inset);
      const cy = Math.min(Math.max(y, plot.top + inset), plot.bottom - inset);
      drawDiverged(ctx, cx, cy, radius, color, colors.halo);
    } else {
      drawMarker(ctx, this.race.racers[r].marker, x, y, out ? radius * 0.6 : radius, color, colors.halo);
    }
    ctx.globalAlpha = 1;
  }

  /** Where a racer that is out of sight is hinted at: where its last visible piece leaves the picture. */
  exitPoint(r, px, py, time) {
    const { race, plot } = this;
    const last = Math.min(Math.floor(time), race.lastStep(r));
    let [xb, yb] = [px, py];
    for (let step = last; step >= 0; step--) {
      const [xa, ya] = [this.pixelX(race.x(r, step)), this.pixelY(race.y(r, step))];
      if (cutSegment(xa, ya, xb, yb, plot)) return [cutEnds[2], cutEnds[3]];
      [xb, yb] = [xa, ya];
    }
    return [Math.min(Math.max(px, plot.left), plot.right), Math.min(Math.max(py, plot.top), plot.bottom)];
  }

  drawNear(ctx, { r, step }) {
    const [px, py] = [this.pixelX(this.race.x(r, step)), this.pixelY(this.race.y(r, step))];
    if (!this.inside(px, py)) return;
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = this.colors.text;
    ctx.beginPath();
    ctx.arc(px, py, 6, 0, 2 * Math.PI);
    ctx.stroke();
  }

  drawCross(ctx, [x, y]) {
    const { plot, colors } = this;
    const [px, py] = [this.pixelX(x), this.pixelY(y)];
    for (const [style, width] of [[colors.halo, 3], [colors.text, 1]]) {
      ctx.strokeStyle = style;
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.moveTo(plot.left, py);
      ctx.lineTo(plot.right, py);
      ctx.moveTo(px, plot.top);
      ctx.lineTo(px, plot.bottom);
      ctx.stroke();
    }
  }

  /** The racer and the recorded point nearest to a pixel, or null when none is within reach. */
  nearest(px, py, show, reach = 14) {
    let [best, found] = [reach, null];
    for (const { r, px: x, py: y } of this.heads || []) {
      const away = Math.hypot(x - px, y - py) - 8; // a head is a large target
      if (away < best) [best, found] = [away, { r, step: Math.min(Math.round(show.time), this.race.lastStep(r)) }];
    }
    if (found && best <= 2) return found;
    for (const r of show.order) {
      let [xa, ya] = [NaN, NaN];
      for (let step = 0; step <= this.race.lastStep(r); step++) {
        const [xb, yb] = [this.pixelX(this.race.x(r, step)), this.pixelY(this.race.y(r, step))];
        const part = nearestPart(px, py, xa, ya, xb, yb);
        const away = Math.hypot(xa + part * (xb - xa) - px, ya + part * (yb - ya) - py);
        if (away < best) [best, found] = [away, { r, step: part < 0.5 ? step - 1 : step }];
        [xa, ya] = [xb, yb];
      }
    }
    return found;
  }
}

/** How far along a segment, 0 to 1, the point nearest to (px, py) lies. */
function nearestPart(px, py, xa, ya, xb, yb) {
  const [dx, dy] = [xb - xa, yb - ya];
  const square = dx * dx + dy * dy;
  return square > 0 ? Math.min(1, Math.max(0, ((px - xa) * dx + (py - ya) * dy) / square)) : 0;
}
