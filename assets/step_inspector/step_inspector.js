// It joins the player of the page, draws the present step of one racer into its picture, and tells
// the server which step that is once the player rests.

import { equalBytes, unpack } from "../kit/bytes.js";
import { clipTo } from "../kit/canvas.js";
import { escapeText, setText } from "../kit/elements.js";
import { Lineup } from "../kit/lineup.js";
import { drawMarker, SADDLE_OUTLINE } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { ask, mounted } from "../kit/mount.js";
import { steady } from "../kit/numbers.js";
import { clamp } from "../kit/scale.js";
import { View } from "../kit/view.js";
import { arrowSample, drawArrow, drawOutline, ellipseAround, LEAST } from "./arrows.js";
import { modelContours, quadraticModel, SIGHT } from "./model.js";

/** @typedef {import("../player/picture.js").Picture} Picture */
/** @typedef {import("./model.js").Model} Model */

/**
 * What is drawn, in the order of the legend: name for the reader, style, and the array that it comes from.
 * @typedef {{
 *   id: string, name: string, kind: string, style: import("./arrows.js").Style, help: string,
 *   array?: string, square?: boolean, memory?: boolean,
 * }} Item
 */

/** @typedef {{
 *   item: Item, vector: number[], pixels: number[] | null, at?: [number, number], longer?: number, drawn?: [number, number],
 * }} Piece */

const REST = 220; // milliseconds without a change after which the words are asked for
const FIRST = 10; // the step that is shown where the player stands at the end, with nothing left to see
const [SHORT, LONG, WIDEST] = [42, 112, 150]; // pixels: least and largest length of the longest arrow; an ellipse's half
const STRETCHED = t("As long as it is on the surface, or as many times longer as it says behind ×, so that it can be seen");
const SHARED = t("All that is measured in gradients shares one scale; what would be too short is drawn × times longer");

/** @type {Record<string, string>} where the model is level */
const CENTRES = { minimum: t("minimum"), maximum: t("maximum"), saddle: t("saddle"), open: t("no centre near") };

const SHELL = `
  <div class="which">
    <label>${escapeText(t("Racer"))} <select aria-label="${escapeText(t("Racer that is taken apart"))}"></select></label>
    <output class="state" role="status"></output>
  </div>
  <div class="chips legend" role="group" aria-label="${escapeText(t("What is drawn: click hides or shows"))}"></div>`;

class StepInspector extends View {
  /** @type {import("../payloads.js").StepInspector} */ header = null;
  /** @type {Uint8Array} */ bytes = null;
  /** @type {Record<string, any>} */ arrays = {};
  /** @type {import("../player/player.js").Player} */ player = null;
  /** @type {Item[]} */ items = [];
  /** @type {Element[]} */ values = [];
  /** @type {{step: number, from: [number, number], parts: Piece[], model: Model | null} | null} */ geometry = null;
  sent = "";
  told = 0; // how often the server was told
  noticed = ""; // the step of the last frame
  pending = false;
  waiting = 0;
  valuesAt = 0;
  /** @type {[number, number] | null} */ range = null; // logarithms of the smallest and largest gradient on the path

  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(parent, "step_inspector", SHELL, "select .legend .state");
    const { select, legend } = this.parts;
    this.lineup = new Lineup(legend, "item", () => this.items.map(({ id }) => id), () => this.player?.touch());
    select.addEventListener("change", () => this.tell(Number(select.value), this.step()));
    legend.addEventListener("click", (/** @type {any} */ event) => {
      const chip = event.target.closest("[data-item]");
      if (chip) this.lineup.toggle(Number(chip.dataset.item));
    });
    this.endAsk = ask("player", (player) => this.join(player));
  }

  // ---- data ----

  get themes() {
    return this.header?.theme;
  }

  /** @param {Uint8Array} message */
  update(message) {
    if (!message || (this.bytes && equalBytes(message, this.bytes))) return this.restyle();
    const { header } = this;
    Object.assign(this, unpack(message));
    this.range = null;
    this.items = this.makeItems();
    if (header?.race !== this.header.race || header.at[0] !== this.header.at[0]) this.look = null;
    this.restyle();
    this.pending = true;
    this.player?.receive(this);
  }

  /** @param {import("../player/player.js").Player} player */
  join(player) {
    this.player = player;
    if (this.header) player.receive(this);
  }

  /** Goes where the server says, unless it repeats what this has told it, or has not heard the last of it yet. */
  follow() {
    const { player, header } = this;
    const [, step] = header.at;
    this.pending = false;
    if (header.heard < this.told) return;
    this.told = header.heard;
    if (step < 0) {
      player.setPlaying(false);
      if (player.time >= this.length - 2) player.seek(clamp(FIRST, 0, Math.max(0, this.length - 2)));
    } else if (String(header.at) !== this.sent) player.seek(step);
    this.sent = String(header.at);
    this.noticed = "";
  }

  get length() {
    return this.header.length;
  }

  /** For the player: the place of the chosen racer, which it holds up. @param {import("../player/loops.js").BendableRace} race */
  racerOf(race) {
    return race.racers.findIndex((racer) => racer.id === this.header.at[0]);
  }

  /** For the player: what its link says more. */
  query() {
    return `&inside=${this.header.at[0]},${this.step()}`;
  }

  /** For the player: somebody clicked a path. @param {number} r @param {number} step */
  pick(r, step) {
    this.player.seek(step);
    this.tell(this.player.race.racers[r].id, Math.max(0, Math.min(step, this.player.race.lastStep(r) - 1)));
  }

  step() {
    return Math.max(0, Math.min(Math.floor(this.player?.time ?? 0), this.length - 2));
  }

  // ---- words on the server ----

  /** @param {number} look of a racer @param {number} step */
  tell(look, step) {
    clearTimeout(this.waiting);
    this.sent = `${look},${step}`;
    this.told += 1;
    this.setTriggerValue("look", [look, step, this.told]);
  }

  /** Called with every frame that the player draws. */
  notice() {
    const now = `${this.header.at[0]},${this.step()}`;
    const playing = this.player.playing;
    const seen = `${now} ${playing}`;
    if (seen === this.noticed) return;
    this.noticed = seen;
    const old = now !== String(this.header.at);
    document.documentElement.dataset.stepWords = old ? "old" : "new";
    const step = this.step();
    const which = this.length < 2 ? t("No step was made.") : t("Step {step} to {next}.", { step, next: step + 1 });
    this.parts.state.textContent = playing ? t("The numbers below follow when the player pauses.") : which;
    clearTimeout(this.waiting);
    if (old && !playing && now !== this.sent) this.waiting = window.setTimeout(() => this.tell(this.header.at[0], step), REST);
  }

  // ---- legend ----

  makeItems() {
    const { arrows, variables } = this.header;
    const seen = "exact" in this.arrays ? t("against the gradient it saw") : t("against the gradient");
    /** @type {Item[]} */
    const items = [{ id: "step", name: t("step taken"), kind: "step", style: arrows.step, help: STRETCHED }];
    if (this.arrays.gradient.some(Number.isFinite)) {
      items.push({ id: "gradient", name: seen, kind: "slope", style: arrows.gradient, array: "gradient", help: SHARED });
    }
    if ("exact" in this.arrays) {
      const exact = { name: t("against the exact gradient"), kind: "slope", style: arrows.exact, help: SHARED };
      items.push({ id: "exact", ...exact, array: "exact" });
    }
    for (const { name, role, words } of variables) {
      const [unit, form] = role.split(" ");
      const word = name.replaceAll("_", " ");
      const kind = role === "place" ? "place" : form ? `${unit} size` : unit;
      const shown = role === "slope" ? t("against {name}", { name: word }) : form === "square" ? t("root of {name}", { name: word }) : word;
      const style = form || role === "place" ? arrows.size : arrows.memory;
      const more = { name: shown, kind, style, array: `state ${name}`, square: form === "square", memory: true };
      items.push({ id: `state ${name}`, ...more, help: words });
    }
    const help = t("contours of the parabola that Newton's method trusts here, and where it is level");
    items.push({ id: "model", name: t("quadratic model"), kind: "model", style: arrows.model, help });
    return items;
  }

  relook() {
    const { select, legend } = this.parts;
    select.innerHTML = this.header.racers
      .map(({ id, sign, label }) => `<option value="${id}">${sign} ${escapeText(label)}</option>`)
      .join("");
    select.value = this.header.at[0];
    legend.innerHTML = this.items
      .map(
        (item, i) =>
          `<button type="button" class="chip" data-item="${i}" title="${escapeText(item.help)}">` +
          `${arrowSample(item.kind, item.style, this.look[item.style.colour])}` +
          `<span><span class="name">${escapeText(item.name)}</span>${item.memory ? `, ${escapeText(item.help)}` : ""}</span>` +
          `<span class="value ${item.kind.replace(" ", "-")}"></span></button>`,
      )
      .join("");
    this.values = [...legend.querySelectorAll(".value")];
    this.lineup.show();
  }

  // ---- picture ----

  /** @param {string} name @param {number} step @returns {[number, number]} */
  pair(name, step) {
    const array = this.arrays[name];
    return [array[2 * step], array[2 * step + 1]];
  }

  /** What is drawn at a step, in pixels: computed once for both layers of a frame. @param {Picture} picture */
  measure(picture) {
    const step = this.step();
    const [x, y] = this.pair("path", step);
    const sx = picture.pixelX(x + 1) - picture.pixelX(x);
    const sy = picture.pixelY(y + 1) - picture.pixelY(y);
    /** @type {[number, number]} */
    const from = [picture.pixelX(x), picture.pixelY(y)];
    const [xn, yn] = this.pair("path", step + 1);
    /** @type {Piece[]} */
    const parts = [];
    for (const item of this.items) {
      if (item.kind === "model") continue;
      const vector = item.kind === "step" ? [xn - x, yn - y] : this.vector(item, step);
      parts.push({ item, vector, pixels: item.kind === "place" ? null : [vector[0] * sx, vector[1] * sy] });
    }
    const unit = this.unitOf(parts.filter(({ item }) => item.kind.startsWith("slope")), step);
    for (const part of parts) this.place(part, part.item.kind.startsWith("slope") ? unit : 1, picture);
    const [gx, gy] = this.pair("exact" in this.arrays ? "exact" : "gradient", step);
    const hessian = [0, 1, 2].map((i) => this.arrays.hessian[3 * step + i]);
    return { step, from, parts, model: quadraticModel(gx, gy, hessian, sx, sy) };
  }

  /** The vector of an item at a step: against gradients, along moves, roots of squares; state variables as updated.
   * @param {Item} item @param {number} step */
  vector(item, step) {
    const values = this.pair(item.array, item.memory ? step + 1 : step);
    if (item.square) return values.map(Math.sqrt);
    return item.kind === "slope" ? values.map((value) => -value) : values;
  }

  /**
   * Pixels are worth so much for all that is measured in gradients: the longest of them grows with the order of
   * magnitude of the gradient, from the smallest on the path to the largest.
   * @param {Piece[]} parts @param {number} step
   */
  unitOf(parts, step) {
    const [longest, widest] = [false, true].map((size) =>
      Math.max(0, ...parts
        .filter(({ item }) => item.kind.endsWith("size") === size)
        .map(({ pixels }) => (size ? Math.max(...pixels.map(Math.abs)) : Math.hypot(...pixels)))
        .filter(Number.isFinite)),
    );
    const [low, high] = (this.range ||= this.findRange());
    const size = Math.log(Math.hypot(...this.pair(this.arrays.exact ? "exact" : "gradient", step)));
    const part = high > low ? clamp((size - low) / (high - low), 0, 1) : 1;
    const wanted = SHORT + (LONG - SHORT) * (Number.isFinite(part) ? part : 0);
    return Math.min(longest > 0 ? wanted / longest : 1, widest > 0 ? WIDEST / widest : Infinity);
  }

  /** @returns {[number, number]} */
  findRange() {
    const array = this.arrays.exact || this.arrays.gradient;
    let [low, high] = [Infinity, 0];
    for (let k = 0; k < 2 * Math.max(0, this.length - 1); k += 2) {
      const size = Math.hypot(array[k], array[k + 1]);
      if (size > 0) [low, high] = [Math.min(low, size), Math.max(high, size)];
    }
    return [Math.log(low), Math.log(high)];
  }

  /** @param {Piece} part @param {number} unit @param {Picture} picture */
  place(part, unit, picture) {
    if (part.item.kind === "place") {
      part.at = [picture.pixelX(part.vector[0]), picture.pixelY(part.vector[1])];
      return;
    }
    const [dx, dy] = part.pixels.map((pixel) => pixel * unit);
    const long = part.item.kind.endsWith("size") ? Math.max(Math.abs(dx), Math.abs(dy)) : Math.hypot(dx, dy);
    part.longer = long > 0 && long < LEAST ? LEAST / long : 1;
    part.drawn = [dx * part.longer, dy * part.longer];
  }

  /** @param {string} id */
  shows(id) {
    return !this.lineup.hidden.has(id);
  }

  /** For the player, below its heads: the quadratic model. @param {CanvasRenderingContext2D} ctx @param {Picture} picture */
  drawBelow(ctx, picture) {
    const { race } = this.player;
    const fits = race.header.key === this.header.race && !race.bent; // else the data are of another race
    if (fits && this.pending) this.follow();
    if (fits) this.notice();
    else document.documentElement.dataset.stepWords = "old";
    const r = fits ? this.racerOf(race) : -1;
    const visible = r >= 0 && this.length > 1 && !this.player.isHidden(r);
    this.geometry = visible ? this.measure(picture) : null;
    this.showValues();
    if (!this.geometry || !this.geometry.model || !this.shows("model")) return;
    const { from, model } = this.geometry;
    const style = this.header.arrows.model;
    const color = this.look[style.colour];
    ctx.save();
    ctx.translate(...from);
    const [ink, halo] = [color, this.look.halo].map((one) => {
      const fading = ctx.createRadialGradient(0, 0, SIGHT[0], 0, 0, SIGHT[1]);
      fading.addColorStop(0, one);
      fading.addColorStop(1, `${one}00`);
      return fading;
    });
    for (const [path, through] of modelContours(model)) drawOutline(ctx, path, style, ink, halo, through ? 1.5 : 0);
    if (model.centre) this.drawCentre(ctx, model, color);
    ctx.restore();
  }

  /** Marks where the model is level: a ring at a minimum, the saddle's sign at a saddle, a triangle on a hill.
   * @param {CanvasRenderingContext2D} ctx @param {Model} model @param {string} color */
  drawCentre(ctx, { kind, centre: [x, y] }, color) {
    if (kind !== "saddle") return drawMarker(ctx, kind === "minimum" ? "ring" : "triangle", x, y, 8, color, this.look.halo);
    ctx.translate(x, y);
    const path = new Path2D(SADDLE_OUTLINE);
    drawOutline(ctx, path, { width: 3, dash: [] }, color, this.look.halo);
    ctx.translate(-x, -y);
  }

  /** For the player, above the paths: outlines first, the step last. @param {CanvasRenderingContext2D} ctx @param {Picture} picture */
  drawAbove(ctx, { plot }) {
    if (!this.geometry) return;
    const { from, parts } = this.geometry;
    const { halo } = this.look;
    clipTo(ctx, plot);
    for (const { item, drawn, at } of parts.toReversed()) {
      if (!this.shows(item.id)) continue;
      const color = this.look[item.style.colour];
      if (at) drawOutline(ctx, ellipseAround(...at, 9, 9), item.style, color, halo);
      else if (!drawn.every(Number.isFinite) || !(Math.hypot(...drawn) > 0)) continue;
      else if (item.kind.endsWith("size")) {
        drawOutline(ctx, ellipseAround(...from, Math.abs(drawn[0]), Math.abs(drawn[1])), item.style, color, halo);
      } else drawArrow(ctx, ...from, ...drawn, item.style, color, halo);
    }
    ctx.restore();
  }

  showValues() {
    const now = performance.now();
    if (this.player.playing && now - this.valuesAt < 120) return;
    this.valuesAt = now;
    this.items.forEach((item, i) => {
      setText(this.values[i], this.geometry ? this.valueText(item) : "");
    });
  }

  /** @param {Item} item */
  valueText(item) {
    const { parts, model } = this.geometry;
    if (item.kind === "model") return model ? CENTRES[model.kind] : t("none");
    const { vector, longer } = parts.find((part) => part.item === item);
    if (item.kind === "place") return "";
    const size = item.kind.endsWith("size") ? t("{a:steady} by {b:steady}", { a: vector[0], b: vector[1] }) : steady(Math.hypot(...vector));
    return longer > 1 ? `${size} (×${longer < 100 ? Number(longer.toPrecision(2)) : steady(longer)})` : size;
  }

  // ---- end ----

  release() {
    super.release();
    clearTimeout(this.waiting);
    this.endAsk();
    if (this.player?.guest === this) this.player.receive(null);
    delete document.documentElement.dataset.stepWords;
  }
}

export default await mounted(StepInspector, "step_inspector/step_inspector.css");
