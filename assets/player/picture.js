// The picture, that is the contour plot with its paths and heads.
//
// Two canvases lie on each other. `back` holds what rests (surface, axes, whole paths) and is drawn
// anew only when something about it changes. `front` is drawn every frame: it lays down the layers with the
// played part of the paths, which only grow while playing, and puts minima and heads on top.

import { clipTo, cutEnds, cutSegment, drawCross, drawRing, sizeCanvas } from "../kit/canvas.js";
import { Figure } from "../kit/figure.js";
import { drawDiverged, drawMarker, SADDLE_OUTLINE } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { rough } from "../kit/numbers.js";
import { clamp, Scale } from "../kit/scale.js";
import { bandColor, paintSurface } from "../kit/surface.js";

/** @typedef {import("../kit/canvas.js").Box} Box */
/** @typedef {import("./payload.js").Race} Race */
/** @typedef {import("./player.js").Show} Show */

/** Draws one racer's path piece by piece, and remembers where it stopped. */
class Pen {
  constructor() {
    this.step = -1; // the last recorded point that was looked at
    this.x = NaN; // the last point that was drawn to
    this.y = NaN;
    this.run = 0; // length drawn so far: it keeps the dashes in phase
  }

  /** The path from the last stop to recorded point `last`, or null when nothing visible was added.
   * @param {Race} race @param {number} r @param {number} last @param {Picture} picture */
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

export class Picture extends Figure {
  layers = { dim: new OffscreenCanvas(1, 1), halo: new OffscreenCanvas(1, 1), ink: new OffscreenCanvas(1, 1) };
  /** @type {Record<string, OffscreenCanvasRenderingContext2D>} */ inkOf = {};
  /** @type {Map<string, {view: Box, bitmap: OffscreenCanvas}>} */ surfaces = new Map();
  trailDirty = true;
  trailStep = -1;
  painted = ""; // colours of the surface
  scaleWidth = 0;
  /** @type {Pen[]} */ pens = [];
  /** @type {Race} */ race = null;
  /** @type {Box} */ whole = null;
  /** @type {Box} */ view = null;
  /** @type {Box} */ paper = null;
  /** @type {string[]} */ racerColors = [];
  /** @type {{r: number, x: number, y: number, px: number, py: number, gone: boolean}[]} */ heads = [];

  /** @param {HTMLElement} box @param {boolean} compact */
  constructor(box, compact) {
    super(box);
    this.compact = compact;
  }

  /** @param {number} size */
  margins(size) {
    return { left: size * 3.3, right: 10 + this.scaleWidth, top: 8, bottom: size * 1.9 };
  }

  /** @param {number} width @param {number} height @param {import("../kit/view.js").Look} look */
  resize(width, height, look) {
    this.scaleWidth = this.compact || width < 520 ? 0 : 6 + 14 + 5 + Math.round(look.fontSize * 3.4);
    if (!super.resize(width, height, look)) return false;
    for (const [name, canvas] of Object.entries(this.layers)) {
      this.inkOf[name] = sizeCanvas(canvas, this.width, this.height, look.ratio);
    }
    const reach = 12; // strokes may begin outside, so that dashes and joins run over the edge
    const { left, right, top, bottom } = this.plot;
    this.paper = { left: left - reach, right: right + reach, top: top - reach, bottom: bottom + reach };
    this.surfaces.clear();
    this.invalidate();
    return true;
  }

  /** @param {Race} race @param {boolean} keepView */
  setRace(race, keepView) {
    const [left, right, bottom, top] = race.header.window;
    if (!this.race?.sameSurface(race)) this.surfaces.clear(); // a turned knob leaves the painted surface as it is
    this.race = race;
    this.whole = { left, right, bottom, top };
    this.lookAt(keepView ? this.view : this.whole);
  }

  /** @param {import("../kit/view.js").Look} look @param {string[]} racerColors */
  setColors(look, racerColors) {
    const painted = [look.line, look.ramp].join();
    if (painted !== this.painted) this.surfaces.clear();
    Object.assign(this, { painted, racerColors });
    this.invalidate();
  }

  invalidate() {
    this.dirty = true;
    this.trailDirty = true;
  }

  /** @param {number} py */
  yAt(py) {
    const { top, bottom } = this.plot;
    return this.scale.at(clamp((bottom - py) / (bottom - top), 0, 1));
  }

  get zoomed() {
    return this.view.right - this.view.left < (this.whole.right - this.whole.left) * 0.999;
  }

  /** Sets the view, kept inside the window: beyond it the surface was never computed. @param {Box} view */
  lookAt(view) {
    const { whole } = this;
    const width = Math.min(view.right - view.left, whole.right - whole.left);
    const height = Math.min(view.top - view.bottom, whole.top - whole.bottom);
    const left = clamp(view.left, whole.left, whole.right - width);
    const bottom = clamp(view.bottom, whole.bottom, whole.top - height);
    this.view = { left, right: left + width, bottom, top: bottom + height };
    this.across = new Scale({ low: left, high: left + width });
    this.scale = new Scale({ low: bottom, high: bottom + height });
    this.invalidate();
  }

  /** Zooms so that the point under (px, py) stays where it is. @param {number} factor @param {number} px @param {number} py */
  zoom(factor, px, py) {
    const [x, y] = [this.xAt(px), this.yAt(py)];
    const now = (this.view.right - this.view.left) / (this.whole.right - this.whole.left);
    const part = Math.min(1, Math.max(1e-3, now / factor)) / now;
    const { left, right, bottom, top } = this.view;
    this.lookAt({
      left: x - (x - left) * part,
      right: x + (right - x) * part,
      bottom: y - (y - bottom) * part,
      top: y + (top - y) * part,
    });
  }

  /** @param {number} dx @param {number} dy pixels */
  pan(dx, dy) {
    const { view, plot } = this;
    const { left, right, bottom, top } = view;
    const x = (-dx / (plot.right - plot.left)) * (right - left);
    const y = (dy / (plot.bottom - plot.top)) * (top - bottom);
    this.lookAt({ left: left + x, right: right + x, bottom: bottom + y, top: top + y });
  }

  /** The bitmap of the surface for the whole window or, once the hand rests, for the current view. @param {string} name */
  surface(name) {
    if (!this.surfaces.has(name)) {
      const view = name === "whole" ? this.whole : this.view;
      const { ratio } = this.look;
      const width = Math.round((this.plot.right - this.plot.left) * ratio);
      const height = Math.round((this.plot.bottom - this.plot.top) * ratio);
      this.surfaces.set(name, { view, bitmap: paintSurface(this.race, view, width, height, this.look) });
    }
    return this.surfaces.get(name);
  }

  /** `resting` says that the view is not being dragged: only then is a zoomed view computed anew.
   * @param {Show} show @param {boolean} resting */
  drawBack(show, resting) {
    const { backCtx: ctx, plot } = this;
    this.dirty = false;
    ctx.clearRect(0, 0, this.width, this.height);
    clipTo(ctx, plot);
    const { view, bitmap } = this.zoomed && resting ? this.closeSurface() : this.surface("whole");
    const [x, y] = [this.pixelX(view.left), this.pixelY(view.top)];
    ctx.drawImage(bitmap, x, y, this.pixelX(view.right) - x, this.pixelY(view.bottom) - y);
    if (!show.whole) this.drawWholePaths(ctx, show);
    ctx.restore();
    this.drawFrame(ctx, this.race.header.axes);
    if (this.scaleWidth) this.drawScale(ctx);
  }

  closeSurface() {
    const held = this.surfaces.get("close");
    if (held && held.view !== this.view) this.surfaces.delete("close");
    return this.surface("close");
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Show} show */
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

  /** @param {CanvasRenderingContext2D} ctx */
  drawSaddlesAndMinima(ctx) {
    const { text, halo } = this.look;
    const saddle = new Path2D(SADDLE_OUTLINE);
    ctx.lineCap = "round";
    for (const [x, y] of this.race.header.saddles) {
      const [px, py] = [this.pixelX(x), this.pixelY(y)];
      ctx.translate(px, py);
      for (const [style, width] of /** @type {[string, number][]} */ ([[halo, 5], [text, 2.5]])) {
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

  /** The strip that says which loss a colour stands for. @param {CanvasRenderingContext2D} ctx */
  drawScale(ctx) {
    const { plot, look } = this;
    const { fontSize } = look;
    const { levels } = this.race.header;
    const bands = levels.length + 1;
    const left = plot.right + 10;
    const top = plot.top + fontSize * 1.5;
    const tall = (plot.bottom - top) / bands;
    for (let band = 0; band < bands; band++) {
      ctx.fillStyle = bandColor(look.ramp, band, bands);
      ctx.fillRect(left, plot.bottom - (band + 1) * tall, 14, tall + 0.5);
    }
    ctx.fillStyle = look.text;
    ctx.textAlign = "left";
    ctx.fillText(t("loss"), left, plot.top + fontSize * 0.6);
    const every = Math.max(1, Math.ceil((fontSize * 1.9) / tall));
    levels.forEach(({ value }, i) => {
      if ((i + 1) % every === 0) ctx.fillText(rough(value), left + 19, plot.bottom - (i + 1) * tall);
    });
  }

  /** Brings the layers with the played part to a whole step: by adding to them, or from the start after a jump.
   * @param {number} step @param {Show} show */
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

  /** @param {Path2D} path @param {number} r @param {number} phase
   * @param {OffscreenCanvasRenderingContext2D} ctx @param {boolean} withHalo */
  strokeTrail(path, r, phase, ctx, withHalo) {
    const { dash } = this.race.racers[r];
    if (withHalo) {
      const { halo } = this.inkOf;
      halo.strokeStyle = this.look.halo;
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

  /** @param {number} time @param {Show} show @param {{near: any, cross: number[] | null, guest: any}} extras */
  drawFront(time, show, extras) {
    const { frontCtx: ctx, plot, look } = this;
    const { ratio } = look;
    this.drawTrail(show.whole ? this.race.steps : Math.floor(time), show);
    ctx.clearRect(0, 0, this.width, this.height);
    const [left, top, width, height] = [plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top];
    const lay = (/** @type {OffscreenCanvas} */ layer, /** @type {number} */ alpha) => {
      ctx.globalAlpha = alpha;
      ctx.drawImage(layer, left * ratio, top * ratio, width * ratio, height * ratio, left, top, width, height);
    };
    if (show.raised >= 0) lay(this.layers.dim, 0.25);
    lay(this.layers.halo, 0.85);
    lay(this.layers.ink, 1);
    clipTo(ctx, plot);
    extras.guest?.drawBelow(ctx, this);
    this.drawSaddlesAndMinima(ctx); // above the paths: the goal stays in sight
    this.heads = show.order.map((r) => this.headOf(r, time));
    if (!show.whole) for (const head of this.heads) this.drawTip(ctx, head, show);
    if (extras.cross) {
      const [x, y] = extras.cross;
      drawCross(ctx, this.pixelX(x), this.pixelY(y), plot, look.text, look.halo);
    }
    ctx.restore();
    for (const head of this.heads) this.drawHead(ctx, head, show);
    extras.guest?.drawAbove(ctx, this);
    if (extras.near) this.drawNear(ctx, extras.near);
  }

  /** @param {number} r @param {number} time */
  headOf(r, time) {
    const [x, y] = this.race.position(r, time);
    return { r, x, y, px: this.pixelX(x), py: this.pixelY(y), gone: this.race.hasDiverged(r, time) };
  }

  /** The line from the last whole step to the head, which lies between two points at slow speeds.
   * @param {CanvasRenderingContext2D} ctx @param {{r: number, px: number, py: number}} head @param {Show} show */
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

  /** @param {CanvasRenderingContext2D} ctx @param {{r: number, px: number, py: number, gone: boolean}} head @param {Show} show */
  drawHead(ctx, { r, px, py, gone }, show) {
    if (!Number.isFinite(px) || !Number.isFinite(py)) return;
    const { plot, look } = this;
    const color = this.racerColors[r];
    const out = !this.inside(px, py);
    const [x, y] = out ? this.exitPoint(r, px, py, show.time) : [px, py];
    const radius = look.fontSize >= 14 ? 8 : 7;
    ctx.globalAlpha = show.faded(r) ? 0.25 : out && !gone ? 0.6 : 1;
    if (gone) {
      const inset = radius + 2;
      const cx = clamp(x, plot.left + inset, plot.right - inset);
      const cy = clamp(y, plot.top + inset, plot.bottom - inset);
      drawDiverged(ctx, cx, cy, radius, color, look.halo);
    } else {
      drawMarker(ctx, this.race.racers[r].marker, x, y, out ? radius * 0.6 : radius, color, look.halo);
    }
    ctx.globalAlpha = 1;
  }

  /** Where a racer that is out of sight is hinted at: where its last visible piece leaves the picture.
   * @param {number} r @param {number} px @param {number} py @param {number} time */
  exitPoint(r, px, py, time) {
    const { race, plot } = this;
    const last = Math.min(Math.floor(time), race.lastStep(r));
    let [xb, yb] = [px, py];
    for (let step = last; step >= 0; step--) {
      const [xa, ya] = [this.pixelX(race.x(r, step)), this.pixelY(race.y(r, step))];
      if (cutSegment(xa, ya, xb, yb, plot)) return [cutEnds[2], cutEnds[3]];
      [xb, yb] = [xa, ya];
    }
    return [clamp(px, plot.left, plot.right), clamp(py, plot.top, plot.bottom)];
  }

  /** @param {CanvasRenderingContext2D} ctx @param {{r: number, step: number}} near */
  drawNear(ctx, { r, step }) {
    const [px, py] = [this.pixelX(this.race.x(r, step)), this.pixelY(this.race.y(r, step))];
    if (this.inside(px, py)) drawRing(ctx, px, py, 6, this.look.text, 2.5);
  }

  /** The racer and the recorded point nearest to a pixel, or null when none is within reach.
   * @param {number} px @param {number} py @param {Show} show @param {number} [reach] */
  nearest(px, py, show, reach = 14) {
    /** @type {[number, {r: number, step: number} | null]} */
    let [best, found] = [reach, null];
    for (const { r, px: x, py: y } of this.heads) {
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

/** How far along a segment, 0 to 1, the point nearest to (px, py) lies.
 * @param {number} px @param {number} py @param {number} xa @param {number} ya @param {number} xb @param {number} yb */
function nearestPart(px, py, xa, ya, xb, yb) {
  const [dx, dy] = [xb - xa, yb - ya];
  const square = dx * dx + dy * dy;
  return square > 0 ? clamp(((px - xa) * dx + (py - ya) * dy) / square, 0, 1) : 0;
}
