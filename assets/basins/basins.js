// All maps of the page, their legend, and what pointer and keys do.

import { equalBytes, unpack } from "../kit/bytes.js";
import { escapeText } from "../kit/elements.js";
import { CANVASES } from "../kit/figure.js";
import { waitNoMore, withGround, withLasting } from "../kit/lasting.js";
import { lineSample } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { mounted } from "../kit/mount.js";
import { percent, steady } from "../kit/numbers.js";
import { REST } from "../kit/playback.js";
import { clamp, roundTo } from "../kit/scale.js";
import { contourPath, upsample } from "../kit/surface.js";
import { Tip } from "../kit/tip.js";
import { reducedMotion, View } from "../kit/view.js";
import { BasinMap, DIVERGED, NONE, packShades } from "./map.js";

/** @typedef {import("../payloads.js").Basins} Header */

const TWO = 700; // width from which two maps stand side by side
const ASK = 700; // milliseconds between two questions for the whole maps
const PLAY = 2500; // milliseconds in which the paths from a new start are drawn

const SHELL = `
  <div class="head"><strong class="title"></strong><span class="what"></span></div>
  <div class="legend"></div>
  <div class="maps"></div>
  <ul class="notes"></ul>
  ${REST}`;

const FIGURE = `
  <figcaption><span class="who"></span></figcaption>
  <div class="map">${CANVASES}</div>
  <div class="shares" role="img"></div>`;

class Basins extends View {
  /** @type {Header} */ header = null;
  /** @type {Uint8Array} */ bytes = null;
  /** @type {Record<string, any>} */ arrays = {};
  /** @type {import("../kit/lasting.js").Ground} */ ground = null;
  /** @type {BasinMap[]} */ maps = [];
  /** @type {number[] | null} */ cell = null; // the cell under the pointer or the keys
  /** @type {number[] | null} */ placed = null; // the start that was chosen, until the server has answered
  /** @type {Path2D} */ contours = null;
  backDirty = false;
  began = 0;
  played = -1;
  waiting = 0;
  asking = 0;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(parent, "basins", SHELL, ".title .what .legend .maps .notes .tip [role=status]");
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", t("Basin maps"));
    this.tip = new Tip(this.parts.tip);
  }

  // ---- data ----

  get themes() {
    return this.header?.theme;
  }

  /** @param {Uint8Array} message */
  update(message) {
    if (!message || (this.bytes && equalBytes(message, this.bytes))) return this.restyle();
    const { bytes, header, arrays } = unpack(message);
    withGround(this, header.ground, (ground) => {
      withLasting(this, header.fates, (fates) => {
        this.take({ bytes, header, arrays: { ...arrays, ...fates.arrays }, ground });
      });
    });
  }

  /** @param {any} sent */
  take(sent) {
    const before = this.header;
    Object.assign(this, sent);
    const { header } = this;
    const differs = (/** @type {keyof Header} */ name) => !before || String(before[name]) !== String(header[name]);
    if (differs("start")) this.began = performance.now();
    if (differs("side") || differs("window")) this.cell = null;
    clearTimeout(this.waiting);
    this.placed = null;
    this.look = null;
    this.buildMaps();
    this.restyle();
    this.askForWhole();
  }

  /** Asks the server now and then, as long as the maps are coarse. */
  askForWhole() {
    clearTimeout(this.asking);
    if (this.header.whole) return;
    this.asking = window.setTimeout(() => {
      this.setTriggerValue("ask", this.header.key);
      this.askForWhole();
    }, ASK);
  }

  buildMaps() {
    while (this.maps.length > this.header.racers.length) this.maps.pop().figure.remove();
    while (this.maps.length < this.header.racers.length) {
      const figure = document.createElement("figure");
      figure.innerHTML = FIGURE;
      this.parts.maps.append(figure);
      const map = new BasinMap(figure);
      this.maps.push(map);
      this.listen(map);
    }
    this.maps.forEach((map, r) => map.setData(this, r));
  }

  // ---- looks ----

  relook() {
    // What lies on the maps is drawn in the light theme's ink in both: the colours of the maps are the same.
    const { text: ink, halo } = this.header.theme.light;
    Object.assign(this.look, { ink, halo });
    this.root.style.setProperty("--halo", halo);
    const shades = packShades(this.header.ramps);
    for (const map of this.maps) Object.assign(map, { shades, image: null });
    this.fillTexts();
    this.layout();
  }

  layout() {
    if (!this.width || !this.look) return;
    const columns = this.width >= TWO && this.maps.length > 1 ? 2 : 1;
    const gap = 16;
    const width = Math.min(Math.floor((this.width - gap * (columns - 1)) / columns), 820);
    const height = clamp(Math.round(width * (columns === 2 ? 0.62 : 0.7)), 240, 460);
    this.root.classList.toggle("two", columns === 2);
    this.root.style.setProperty("--map-width", `${width}px`);
    for (const map of this.maps) map.resize(width, height, this.look);
    this.contours = null;
    this.backDirty = true;
    this.touch();
  }

  /** The contour lines of the surface in device pixels of a map; all maps are equally large. */
  lines() {
    const { plot } = this.maps[0];
    const { ratio } = this.look;
    const [width, height] = [plot.right - plot.left, plot.bottom - plot.top].map((side) => Math.round(side * ratio));
    const { window, levels } = this.header;
    const [left, right, bottom, top] = window;
    const field = upsample(this.ground, window, { left, right, bottom, top }, width, height);
    return contourPath(field, width, height, levels, Math.max(2, Math.round(2 * ratio)));
  }

  // ---- texts ----

  fillTexts() {
    const { header, parts } = this;
    const n = header.side ** 2;
    parts.title.textContent = header.title;
    parts.what.textContent = header.whole
      ? t("where {n:count} starts end", { n })
      : t("where {n:count} starts end; a finer map is being computed", { n });
    parts.legend.innerHTML = this.legend();
    parts.notes.innerHTML = header.racers
      .filter((racer) => racer.note)
      .map((racer) => `<li>${escapeText(racer.note)}</li>`)
      .join("");
    this.maps.forEach((map, r) => {
      const racer = header.racers[r];
      map.figure.querySelector(".who").innerHTML =
        `${lineSample(racer, racer[this.look.scheme], this.look.panel)}<span class="name">${escapeText(racer.label)}</span>`;
      const told = racer.shares.map(({ words, share }) => `${words} ${percent(share)}`).join(", ");
      const box = map.figure.querySelector(".shares");
      box.innerHTML = racer.shares.map((one) => this.share(one)).join("");
      box.setAttribute("aria-label", `${racer.label}: ${told}`);
      map.front.setAttribute(
        "aria-label",
        t("Map of {racer}: {told}. Arrow keys choose a start, Enter plays its race.", { racer: racer.label, told }),
      );
    });
  }

  /** A piece of the bar below a map. @param {{kind: string, words: string, share: number}} piece */
  share({ kind, words, share }) {
    const { header } = this;
    const ramp = kind === "basin" ? header.ramps[words.charCodeAt(0) - 65] : header.ramps[header.own];
    const color = kind === "basin" || kind === "more" ? `background:${ramp[4]};color:${this.look.ink}` : "";
    const part = `<span class="part">${percent(share)}</span>`;
    const text = kind === "basin" ? `<b>${words}</b> ${part}` : `<span class="word">${words}</span> ${part}`;
    return `<span class="${kind}" style="flex-grow:${share};${color}" title="${words} ${percent(share)}"><span>${text}</span></span>`;
  }

  legend() {
    const { header } = this;
    const swatch = (/** @type {string[]} */ ramp) => `<i class="swatch" style="background:linear-gradient(to right, ${ramp.join(",")})"></i>`;
    /** @param {Header["places"][0]} minimum @param {number} m */
    const place = ({ x, y, loss, letter }, m) =>
      `<span class="entry">${swatch(header.ramps[m])}<b>${letter}</b> (${steady(x)}, ${steady(y)})` +
      `<span class="loss">${escapeText(t("loss {loss:steady}", { loss: Math.abs(loss) < 1e-12 ? 0 : loss }))}</span></span>`;
    const entries = header.places.slice(0, header.own).map(place);
    const more = header.places.length - header.own;
    const entry = (/** @type {string} */ sample, /** @type {string} */ text) =>
      entries.push(`<span class="entry">${sample}${escapeText(text)}</span>`);
    if (more > 0) entry(swatch(header.ramps[header.own]), t("other minima: {n}", { n: more }));
    const kinds = new Set(header.racers.flatMap((racer) => racer.shares.map((one) => one.kind)));
    if (!header.places.length) entry("", t("This surface has no minimum in the window."));
    if (kinds.has("nowhere")) entry(`<i class="swatch nowhere"></i>`, t("none reached"));
    if (kinds.has("diverged")) entry(`<i class="swatch diverged"></i>`, t("diverged"));
    const [low, high] = header.range;
    const scale = header.places.length
      ? `<span class="entry scale">${escapeText(t("light to dark: {low} to {high} steps", { low, high }))}</span>`
      : "";
    return entries.join("") + scale;
  }

  // ---- time ----

  /** @param {number} now */
  draw(now) {
    const { header } = this;
    if (this.backDirty) {
      this.contours ||= this.lines();
      for (const map of this.maps) map.drawBack(this.contours);
      this.backDirty = false;
      this.root.dataset.painted = header.key;
      this.root.dataset.side = String(header.side);
    }
    const longest = Math.max(1, ...header.racers.map((racer) => racer.length - 1));
    const part = reducedMotion() ? 1 : clamp((now - this.began) / PLAY, 0, 1);
    this.played = this.placed ? -1 : longest * part * part; // slowly at first, where most happens
    const place = this.placed || header.start;
    for (const map of this.maps) map.drawFront(this.played, place, this.cell && this.middle(this.cell));
    if (part < 1 && !this.placed) this.touch();
  }

  // ---- pointer and keys ----

  /** The start in the middle of a cell, with the digits that the map was computed from. @param {number[]} cell */
  middle([column, row]) {
    const { window, side } = this.header;
    const [left, right, bottom, top] = window;
    return [left + ((right - left) * (column + 0.5)) / side, bottom + ((top - bottom) * (row + 0.5)) / side];
  }

  /** @param {BasinMap} map */
  listen(map) {
    const { front } = map;
    front.tabIndex = 0;
    front.setAttribute("role", "application");
    const at = (/** @type {MouseEvent} */ event) =>
      (map.inside(event.offsetX, event.offsetY) ? map.cellAt(event.offsetX, event.offsetY) : null);
    front.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") this.point(map, at(event));
    });
    front.addEventListener("pointerleave", () => this.point(map, null));
    front.addEventListener("blur", () => this.point(map, null));
    front.addEventListener("click", (event) => {
      const cell = this.cell || at(event); // the one that was told of: a click has its place in whole pixels only
      if (cell) this.choose(cell);
    });
    front.addEventListener("keydown", (event) => this.onKey(map, event));
  }

  /** @param {BasinMap} map @param {KeyboardEvent} event */
  onKey(map, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, number[]>} */
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const move = moves[event.key];
    if (!move && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    const { side, start } = this.header;
    const cell = this.cell || map.cellAt(map.pixelX(start[0]), map.pixelY(start[1]));
    if (!move) return this.choose(cell);
    const far = event.shiftKey ? 10 : 1;
    this.point(map, cell.map((value, axis) => clamp(value + far * move[axis], 0, side - 1)));
    this.parts.status.textContent = this.words(map, this.cell);
  }

  /** What the map says about a start. @param {BasinMap} map @param {number[]} cell */
  words(map, cell) {
    const { header } = this;
    const { code, steps } = map.fate(cell);
    if (code === DIVERGED) return t("diverges");
    if (code === NONE) return t("reaches no minimum");
    const { letter, x, y } = header.places[code];
    const where = letter || `(${steady(x)}, ${steady(y)})`;
    return t("reaches {where} in {steps} steps", { where, steps });
  }

  /** Marks a cell on all maps and tells what becomes of its start. @param {BasinMap} map @param {number[] | null} cell */
  point(map, cell) {
    this.cell = cell;
    if (!cell) this.tip.hide();
    else {
      const { axes, window, racers } = this.header;
      const [x, y] = this.middle(cell);
      const lines = this.maps.map((one, r) => {
        const sample = lineSample(racers[r], racers[r][this.look.scheme], this.look.panel);
        return `<span class="${one === map ? "own" : ""}">${sample}${escapeText(`${racers[r].label} ${this.words(one, cell)}`)}</span>`;
      });
      const [across, up] = [steady(roundTo(x, window[1] - window[0])), steady(roundTo(y, window[3] - window[2]))];
      const place = t("Start {place}", { place: `${axes[0]} = ${across}, ${axes[1]} = ${up}` });
      const html = `<strong>${escapeText(place)}</strong>${lines.join("")}`;
      const [px, py] = [map.box.offsetLeft + map.pixelX(x), map.box.offsetTop + map.pixelY(y)];
      this.tip.show(html, px, py, this.width, [this.width / 2, 220]);
    }
    this.touch();
  }

  /** Shows the new start at once and asks the server for its race. @param {number[]} cell */
  choose(cell) {
    const start = this.middle(cell);
    this.placed = start;
    this.parts.status.textContent = t("Start {place}", { place: start.map(steady).join(", ") });
    this.touch();
    this.setTriggerValue("start", start);
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => {
      this.placed = null; // no answer: the ring returns to the start that is shown
      this.touch();
    }, 8000);
  }

  release() {
    super.release();
    waitNoMore(this);
    clearTimeout(this.waiting);
    clearTimeout(this.asking);
  }
}

export default await mounted(Basins, "basins/basins.css");
