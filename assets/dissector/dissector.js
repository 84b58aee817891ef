// It joins the player of the page, draws the present step of one racer into its picture, and tells
// the server which step that is once the player rests.

import { equalBytes, unpack } from "../kit/bytes.js";
import { drawMarker, SADDLE_OUTLINE, threeDigits } from "../kit/marks.js";
import { ask, mounted } from "../kit/mount.js";
import { clamp, escapeText, isDark, watchTheme } from "../kit/view.js";
import { arrowSample, drawArrow, drawOutline, ellipseAround, LEAST } from "./arrows.js";
import { modelContours, quadraticModel, SIGHT } from "./model.js";

const REST = 220; // milliseconds without a change after which the words are asked for
const FIRST = 10; // the step that is shown where the player stands at the end, with nothing left to see
const [SHORT, LONG, WIDEST] = [42, 112, 150]; // pixels: least and largest length of the longest arrow; an ellipse's half
const STRETCHED = "As long as it is on the surface, or as many times longer as it says behind ×, so that it can be seen";
const SHARED = "All that is measured in gradients shares one scale; what would be too short is drawn × times longer";

const SHELL = `
  <div class="which">
    <label>Racer <select aria-label="Racer that is taken apart"></select></label>
    <output class="state" role="status"></output>
  </div>
  <div class="chips legend" role="group" aria-label="What is drawn: click hides or shows"></div>`;

class Dissector {
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "figures dissector";
    this.root.innerHTML = SHELL;
    this.root.dissector = this;
    parent.append(this.root);
    this.racers = this.root.querySelector("select");
    this.legend = this.root.querySelector(".legend");
    this.state = this.root.querySelector(".state");
    this.hidden = new Set();
    this.sent = "";
    this.told = 0; // how often the server was told
    this.geometry = null;
    this.racers.addEventListener("change", () => this.tell(Number(this.racers.value), this.step()));
    this.legend.addEventListener("click", (event) => this.toggle(event.target.closest("[data-item]")));
    this.endWatch = watchTheme(this.root, () => this.restyle());
    this.endAsk = ask("player", (player) => this.join(player));
  }

  // ---- data ----

  update(message) {
    if (!message || (this.bytes && equalBytes(message, this.bytes))) return this.restyle();
    Object.assign(this, unpack(message));
    this.items = this.makeItems();
    this.restyle();
    this.pending = true;
    this.player?.receive(this);
  }

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
    this.noticed = null;
  }

  get length() {
    return this.header.length;
  }

  /** For the player: the place of the chosen racer, which it holds up. */
  racerOf(race) {
    return race.racers.findIndex((racer) => racer.id === this.header.at[0]);
  }

  /** For the player: what its link says more. */
  query() {
    return `&inside=${this.header.at[0]},${this.step()}`;
  }

  /** For the player: somebody clicked a path. */
  pick(r, step) {
    this.player.seek(step);
    this.tell(this.player.race.racers[r].id, Math.max(0, Math.min(step, this.player.race.lastStep(r) - 1)));
  }

  step() {
    return Math.max(0, Math.min(Math.floor(this.player?.time ?? 0), this.length - 2));
  }

  // ---- words on the server ----

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
    const which = this.length < 2 ? "No step was made." : `Step ${step} to ${step + 1}.`;
    this.state.textContent = playing ? "The numbers below follow when the player pauses." : which;
    clearTimeout(this.waiting);
    if (old && !playing && now !== this.sent) this.waiting = setTimeout(() => this.tell(this.header.at[0], step), REST);
  }

  // ---- legend ----

  /** What is drawn, in the order of the legend: name for the reader, style, and the array that it comes from. */
  makeItems() {
    const { arrows, variables } = this.header;
    const seen = "exact" in this.arrays ? "against the gradient it saw" : "against the gradient";
    const items = [{ id: "step", name: "step taken", kind: "step", style: arrows.step, help: STRETCHED }];
    if (this.arrays.gradient.some(Number.isFinite)) {
      items.push({ id: "gradient", name: seen, kind: "slope", style: arrows.gradient, array: "gradient", help: SHARED });
    }
    if ("exact" in this.arrays) {
      const exact = { name: "against the exact gradient", kind: "slope", style: arrows.exact, help: SHARED };
      items.push({ id: "exact", ...exact, array: "exact" });
    }
    for (const { name, role, words } of variables) {
      const [unit, form] = role.split(" ");
      const word = name.replaceAll("_", " ");
      const kind = role === "place" ? "place" : form ? `${unit} size` : unit;
      const shown = { slope: `against ${word}` }[role] || (form === "square" ? `root of ${word}` : word);
      const style = form || role === "place" ? arrows.size : arrows.memory;
      const more = { name: shown, kind, style, array: `state ${name}`, square: form === "square", memory: true };
      items.push({ id: `state ${name}`, ...more, help: words });
    }
    const help = "contours of the parabola that Newton's method trusts here, and where it is level";
    items.push({ id: "model", name: "quadratic model", kind: "model", style: arrows.model, help });
    return items;
  }

  /** Takes over the page's theme where it has changed. */
  restyle() {
    if (!this.header) return;
    const scheme = isDark(this.root) ? "dark" : "light";
    const styled = [scheme, this.header.race, this.header.at[0]].join();
    if (styled === this.styled) return;
    this.styled = styled;
    this.colors = this.header.theme[scheme];
    for (const [name, color] of Object.entries(this.colors)) this.root.style.setProperty(`--${name}`, color);
    this.racers.innerHTML = this.header.racers
      .map(({ id, sign, label }) => `<option value="${id}">${sign} ${escapeText(label)}</option>`)
      .join("");
    this.racers.value = this.header.at[0];
    this.legend.innerHTML = this.items
      .map(
        (item, i) =>
          `<button type="button" class="chip" data-item="${i}" title="${escapeText(item.help || "")}">` +
          `${arrowSample(item.kind, item.style, this.colors[item.style.colour])}` +
          `<span><span class="name">${escapeText(item.name)}</span>${item.memory ? `, ${escapeText(item.help)}` : ""}</span>` +
          `<span class="value ${item.kind.replace(" ", "-")}"></span></button>`,
      )
      .join("");
    this.values = [...this.legend.querySelectorAll(".value")];
    this.showHidden();
    this.player?.touch();
  }

  toggle(chip) {
    if (!chip) return;
    const { id } = this.items[chip.dataset.item];
    if (!this.hidden.delete(id)) this.hidden.add(id);
    this.showHidden();
    this.player?.touch();
  }

  showHidden() {
    this.legend.querySelectorAll(".chip").forEach((chip, i) => {
      const hidden = this.hidden.has(this.items[i].id);
      chip.classList.toggle("hidden", hidden);
      chip.setAttribute("aria-pressed", String(!hidden));
    });
  }

  // ---- picture ----

  pair(name, step) {
    const array = this.arrays[name];
    return [array[2 * step], array[2 * step + 1]];
  }

  /** What is drawn at a step, in pixels: computed once for both layers of a frame. */
  measure(picture) {
    const step = this.step();
    const [x, y] = this.pair("path", step);
    const sx = picture.pixelX(x + 1) - picture.pixelX(x);
    const sy = picture.pixelY(y + 1) - picture.pixelY(y);
    const from = [picture.pixelX(x), picture.pixelY(y)];
    const [xn, yn] = this.pair("path", step + 1);
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

  /** The vector of an item at a step: against gradients, along moves, roots of squares; state variables as updated. */
  vector(item, step) {
    const values = this.pair(item.array, item.memory ? step + 1 : step);
    if (item.square) return values.map(Math.sqrt);
    return item.kind === "slope" ? values.map((value) => -value) : values;
  }

  /**
   * Pixels are worth so much for all that is measured in gradients: the longest of them grows with the order of
   * magnitude of the gradient, from the smallest on the path to the largest.
   */
  unitOf(parts, step) {
    const [longest, widest] = [false, true].map((size) =>
      Math.max(0, ...parts
        .filter(({ item }) => item.kind.endsWith("size") === size)
        .map(({ pixels }) => (size ? Math.max(...pixels.map(Math.abs)) : Math.hypot(...pixels)))
        .filter(Number.isFinite)),
    );
    if (!this.range) this.range = new Map();
    if (!this.range.has(this.bytes)) {
      this.range.clear();
      const array = this.arrays.exact || this.arrays.gradient;
      let [low, high] = [Infinity, 0];
      for (let k = 0; k < 2 * Math.max(0, this.length - 1); k += 2) {
        const size = Math.hypot(array[k], array[k + 1]);
        if (size > 0) [low, high] = [Math.min(low, size), Math.max(high, size)];
      }
      this.range.set(this.bytes, [Math.log(low), Math.log(high)]);
    }
    const [low, high] = this.range.get(this.bytes);
    const size = Math.log(Math.hypot(...this.pair(this.arrays.exact ? "exact" : "gradient", step)));
    const part = high > low ? clamp((size - low) / (high - low), 0, 1) : 1;
    const wanted = SHORT + (LONG - SHORT) * (Number.isFinite(part) ? part : 0);
    return Math.min(longest > 0 ? wanted / longest : 1, widest > 0 ? WIDEST / widest : Infinity);
  }

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

  shows(id) {
    return !this.hidden.has(id);
  }

  /** For the player, below its heads: the quadratic model. */
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
    const color = this.colors[style.colour];
    ctx.save();
    ctx.translate(...from);
    const [ink, halo] = [color, this.colors.halo].map((one) => {
      const fading = ctx.createRadialGradient(0, 0, SIGHT[0], 0, 0, SIGHT[1]);
      fading.addColorStop(0, one);
      fading.addColorStop(1, `${one}00`);
      return fading;
    });
    for (const [path, through] of modelContours(model)) drawOutline(ctx, path, style, ink, halo, through ? 1.5 : 0);
    if (model.centre) this.drawCentre(ctx, model, color);
    ctx.restore();
  }

  /** Marks where the model is level: a ring at a minimum, the saddle's sign at a saddle, a triangle on a hill. */
  drawCentre(ctx, { kind, centre: [x, y] }, color) {
    if (kind !== "saddle") return drawMarker(ctx, kind === "minimum" ? "ring" : "triangle", x, y, 8, color, this.colors.halo);
    ctx.translate(x, y);
    const path = new Path2D(SADDLE_OUTLINE);
    drawOutline(ctx, path, { width: 3, dash: [] }, color, this.colors.halo);
    ctx.translate(-x, -y);
  }

  /** For the player, above the paths: outlines first, the step last. */
  drawAbove(ctx, { plot }) {
    if (!this.geometry) return;
    const { from, parts } = this.geometry;
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
    ctx.clip();
    for (const { item, drawn, at } of parts.toReversed()) {
      if (!this.shows(item.id)) continue;
      const color = this.colors[item.style.colour];
      if (at) drawOutline(ctx, ellipseAround(...at, 9, 9), item.style, color, this.colors.halo);
      else if (!drawn.every(Number.isFinite) || !(Math.hypot(...drawn) > 0)) continue;
      else if (item.kind.endsWith("size")) {
        drawOutline(ctx, ellipseAround(...from, ...drawn.map(Math.abs)), item.style, color, this.colors.halo);
      } else drawArrow(ctx, ...from, ...drawn, item.style, color, this.colors.halo);
    }
    ctx.restore();
  }

  showValues() {
    const now = performance.now();
    if (this.player.playing && now - (this.valuesAt ?? 0) < 120) return;
    this.valuesAt = now;
    this.items.forEach((item, i) => {
      const text = this.geometry ? this.valueOf(item) : "";
      if (this.values[i].textContent !== text) this.values[i].textContent = text;
    });
  }

  valueOf(item) {
    const { parts, model } = this.geometry;
    if (item.kind === "model") return model ? { open: "no centre near" }[model.kind] || model.kind : "none";
    const { vector, longer } = parts.find((part) => part.item === item);
    if (item.kind === "place") return "";
    const size = item.kind.endsWith("size") ? vector.map(threeDigits).join(" by ") : threeDigits(Math.hypot(...vector));
    return longer > 1 ? `${size} (×${longer < 100 ? Number(longer.toPrecision(2)) : threeDigits(longer)})` : size;
  }

  // ---- end ----

  release() {
    clearTimeout(this.waiting);
    this.endAsk();
    this.endWatch();
    if (this.player?.guest === this) this.player.receive(null);
    delete document.documentElement.dataset.stepWords;
  }
}

export default await mounted(Dissector, "dissector/dissector.css");
