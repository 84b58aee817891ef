// All maps of the page, their legend, and what pointer and keys do.

import { equalBytes, unpack } from "../kit/bytes.js";
import { forgetGround, withGround } from "../kit/grounds.js";
import { lineSample, roundTo, threeDigits } from "../kit/marks.js";
import { contourPath, upsample } from "../kit/surface.js";
import { mounted } from "../kit/mount.js";
import { clamp, escapeText, isDark, reducedMotion, watchTheme } from "../kit/view.js";
import { BasinMap, DIVERGED, NONE, packShades } from "./map.js";

const TWO = 700; // width from which two maps stand side by side
const ASK = 700; // milliseconds between two questions for the whole maps
const PLAY = 2500; // milliseconds in which the paths from a new start are drawn

const SHELL = `
  <div class="head"><strong class="title"></strong><span class="what"></span></div>
  <div class="legend"></div>
  <div class="maps"></div>
  <ul class="notes"></ul>
  <div class="tip" hidden></div>
  <div class="unseen" role="status" aria-live="polite"></div>`;

const FIGURE = `
  <figcaption><span class="who"></span></figcaption>
  <div class="map"><canvas class="back" aria-hidden="true"></canvas>
    <canvas class="front" tabindex="0" role="application"></canvas></div>
  <div class="shares" role="img"></div>`;

class Basins {
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "figures basins";
    this.root.innerHTML = SHELL;
    this.root.basins = this;
    parent.append(this.root);
    this.parts = {};
    for (const name of ["title", "what", "legend", "maps", "notes", "tip"]) {
      this.parts[name] = this.root.querySelector(`.${name}`);
    }
    this.parts.status = this.root.querySelector("[role=status]");
    this.maps = [];
    this.cell = null; // the cell under the pointer or the keys
    this.frame = this.frame.bind(this);
    this.observer = new ResizeObserver(([entry]) => {
      this.width = Math.floor(entry.contentRect.width);
      this.layout();
    });
    this.observer.observe(this.root);
    this.endWatch = watchTheme(this.root, () => this.restyle());
  }

  // ---- data ----

  update(message) {
    if (!message || (this.bytes && equalBytes(message, this.bytes))) return this.restyle();
    const sent = unpack(message);
    withGround(this, sent.header.ground, (ground) => this.take(sent, ground));
  }

  take(sent, ground) {
    const before = this.header;
    Object.assign(this, sent, { ground });
    const { header } = this;
    const moved = !before || String(before.start) !== String(header.start);
    if (moved || this.played === undefined) this.began = performance.now();
    if (!before || String(before.window) !== String(header.window)) this.contours = null;
    if (before && (before.side !== header.side || String(before.window) !== String(header.window))) this.cell = null;
    this.contours = null;
    clearTimeout(this.waiting);
    this.placed = null;
    this.colors = null;
    this.buildMaps();
    this.restyle();
    this.fillTexts();
    this.layout();
    this.askForWhole();
  }

  /** Asks the server now and then, as long as the maps are coarse. */
  askForWhole() {
    clearTimeout(this.asking);
    if (this.header.whole) return;
    this.asking = setTimeout(() => {
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

  restyle() {
    if (!this.header) return;
    const scheme = isDark(this.root) ? "dark" : "light";
    const font = getComputedStyle(this.root).fontFamily;
    if (this.colors && this.scheme === scheme && this.font === font) return;
    const had = this.colors;
    Object.assign(this, { scheme, font });
    // What lies on the maps is drawn in the light theme's ink in both: the colours of the maps are the same.
    const { text: ink, halo } = this.header.theme.light;
    this.colors = { ...this.header.theme[scheme], ink, halo };
    this.root.dataset.scheme = scheme;
    for (const name of ["text", "muted", "grid", "panel", "accent", "halo", "alarm"]) {
      this.root.style.setProperty(`--${name}`, this.colors[name]);
    }
    const shades = packShades(this.header.ramps);
    this.maps.forEach((map, r) => map.setColors(this.colors, this.header.racers[r][scheme], shades));
    if (!had) return;
    this.fillTexts();
    this.layout();
  }

  /** Sizes follow from the width of the root alone. */
  layout() {
    if (!this.width || !this.header) return;
    const columns = this.width >= TWO && this.maps.length > 1 ? 2 : 1;
    const gap = 16;
    const width = Math.min(Math.floor((this.width - gap * (columns - 1)) / columns), 820);
    const height = clamp(Math.round(width * (columns === 2 ? 0.62 : 0.7)), 240, 460);
    const ratio = window.devicePixelRatio || 1;
    this.root.classList.toggle("two", columns === 2);
    this.root.style.setProperty("--map-width", `${width}px`);
    for (const map of this.maps) {
      map.box.style.height = `${height}px`;
      map.resize(width, height, ratio, this.width >= 560 ? 14 : 12, this.font);
    }
    this.contours = null;
    this.touch(true);
  }

  /** The contour lines of the surface in device pixels of a map; all maps are equally large. */
  lines() {
    const { plot, ratio } = this.maps[0];
    const [width, height] = [plot.right - plot.left, plot.bottom - plot.top].map((side) => Math.round(side * ratio));
    const { window, levels } = this.header;
    const [left, right, bottom, top] = window;
    const field = upsample(this.ground, window, { left, right, bottom, top }, width, height);
    return contourPath(field, width, height, levels, Math.max(2, Math.round(2 * ratio)));
  }

  // ---- texts ----

  fillTexts() {
    const { header, parts } = this;
    const { side, whole } = header;
    parts.title.textContent = header.title;
    parts.what.textContent = whole
      ? `where ${(side * side).toLocaleString("en")} starts end`
      : `where ${(side * side).toLocaleString("en")} starts end; a finer map is being computed`;
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", "Basin maps");
    parts.legend.innerHTML = this.legend();
    parts.notes.innerHTML = header.racers
      .filter((racer) => racer.note)
      .map((racer) => `<li>${escapeText(racer.note)}</li>`)
      .join("");
    this.maps.forEach((map, r) => {
      const racer = header.racers[r];
      map.figure.querySelector(".who").innerHTML =
        `${lineSample(racer, racer[this.scheme], this.colors.panel)}<span class="name">${escapeText(racer.label)}</span>`;
      const told = racer.shares.map(({ words, share }) => `${words} ${percent(share)}`).join(", ");
      const box = map.figure.querySelector(".shares");
      box.innerHTML = racer.shares.map((one) => this.share(one)).join("");
      box.setAttribute("aria-label", `${racer.label}: ${told}`);
      map.front.setAttribute(
        "aria-label",
        `Map of ${racer.label}: ${told}. Arrow keys choose a start, Enter plays its race.`,
      );
    });
  }

  /** A piece of the bar below a map. */
  share({ kind, words, share }) {
    const { header } = this;
    const ramp = kind === "basin" ? header.ramps[words.charCodeAt(0) - 65] : header.ramps[header.own];
    const color = kind === "basin" || kind === "more" ? `background:${ramp[4]};color:${this.colors.ink}` : "";
    const part = `<span class="part">${percent(share)}</span>`;
    const text = kind === "basin" ? `<b>${words}</b> ${part}` : `<span class="word">${words}</span> ${part}`;
    return `<span class="${kind}" style="flex-grow:${share};${color}" title="${words} ${percent(share)}"><span>${text}</span></span>`;
  }

  legend() {
    const { header } = this;
    const swatch = (ramp) => `<i class="swatch" style="background:linear-gradient(to right, ${ramp.join(",")})"></i>`;
    const place = ({ x, y, loss, letter }, m) =>
      `<span class="entry">${swatch(header.ramps[m])}<b>${letter}</b> (${threeDigits(x)}, ${threeDigits(y)})` +
      `<span class="loss">loss ${threeDigits(Math.abs(loss) < 1e-12 ? 0 : loss)}</span></span>`;
    const entries = header.places.slice(0, header.own).map(place);
    const more = header.places.length - header.own;
    if (more > 0) entries.push(`<span class="entry">${swatch(header.ramps[header.own])}${more} more minima</span>`);
    const kinds = new Set(header.racers.flatMap((racer) => racer.shares.map((one) => one.kind)));
    if (!header.places.length) entries.push(`<span class="entry">This surface has no minimum in the window.</span>`);
    if (kinds.has("nowhere")) entries.push(`<span class="entry"><i class="swatch nowhere"></i>none reached</span>`);
    if (kinds.has("diverged")) entries.push(`<span class="entry"><i class="swatch diverged"></i>diverged</span>`);
    const [low, high] = header.range;
    const scale = header.places.length
      ? `<span class="entry scale">light to dark: ${low} to ${high} steps</span>`
      : "";
    return entries.join("") + scale;
  }

  // ---- time ----

  touch(back = false) {
    this.backDirty ||= back;
    this.request ||= requestAnimationFrame(this.frame);
  }

  frame(now) {
    this.request = 0;
    if (!this.header || !this.maps[0]?.plot) return;
    const { header } = this;
    if (this.backDirty) {
      this.contours ||= this.lines();
      for (const map of this.maps) map.drawBack(this.contours);
      this.backDirty = false;
      this.root.dataset.painted = header.key;
      this.root.dataset.side = header.side;
    }
    const longest = Math.max(1, ...header.racers.map((racer) => racer.length - 1));
    const part = reducedMotion() ? 1 : clamp((now - this.began) / PLAY, 0, 1);
    this.played = this.placed ? -1 : longest * part * part; // slowly at first, where most happens
    const place = this.placed || header.start;
    for (const map of this.maps) map.drawFront(this.played, place, this.cell && this.middle(this.cell));
    if (part < 1 && !this.placed) this.touch();
  }

  // ---- pointer and keys ----

  /** The start in the middle of a cell, with the digits that the map was computed from. */
  middle([column, row]) {
    const { window, side } = this.header;
    const [left, right, bottom, top] = window;
    return [left + ((right - left) * (column + 0.5)) / side, bottom + ((top - bottom) * (row + 0.5)) / side];
  }

  listen(map) {
    const { front } = map;
    const at = (event) => (map.inside(event.offsetX, event.offsetY) ? map.cellAt(event.offsetX, event.offsetY) : null);
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

  onKey(map, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
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

  /** What the map says about a start. */
  words(map, cell) {
    const { header } = this;
    const { code, steps } = map.fate(cell);
    if (code === DIVERGED) return "diverges";
    if (code === NONE) return "reaches no minimum";
    const { letter, x, y } = header.places[code];
    const where = letter || `(${threeDigits(x)}, ${threeDigits(y)})`;
    return `reaches ${where} in ${steps} steps`;
  }

  /** Marks a cell on all maps and tells what becomes of its start. */
  point(map, cell) {
    this.cell = cell;
    const { tip } = this.parts;
    tip.hidden = !cell;
    if (cell) {
      const { axes, window, racers } = this.header;
      const [x, y] = this.middle(cell);
      const lines = this.maps.map((one, r) => {
        const sample = lineSample(racers[r], racers[r][this.scheme], this.colors.panel);
        return `<span class="${one === map ? "own" : ""}">${sample}${escapeText(racers[r].label)} ${this.words(one, cell)}</span>`;
      });
      const place = `${axes[0]} = ${threeDigits(roundTo(x, window[1] - window[0]))}, ${axes[1]} = ${threeDigits(roundTo(y, window[3] - window[2]))}`;
      tip.innerHTML = `<strong>Start ${place}</strong>${lines.join("")}`;
      this.placeTip(map, x, y);
    }
    this.touch();
  }

  placeTip(map, x, y) {
    const { tip } = this.parts;
    const box = map.box;
    const [px, py] = [box.offsetLeft + map.pixelX(x), box.offsetTop + map.pixelY(y)];
    const left = px > this.width / 2 ? "calc(-100% - 16px)" : "16px";
    const above = py > 220 ? "calc(-100% - 12px)" : "16px";
    tip.style.transform = `translate(${px}px, ${py}px) translate(${left}, ${above})`;
  }

  /** Shows the new start at once and asks the server for its race. */
  choose(cell) {
    const start = this.middle(cell);
    this.placed = start;
    this.parts.status.textContent = `Start ${start.map(threeDigits).join(", ")}`;
    this.touch();
    this.setTriggerValue("start", start);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.placed = null; // no answer: the ring returns to the start that is shown
      this.touch();
    }, 8000);
  }

  release() {
    forgetGround(this);
    this.observer.disconnect();
    this.endWatch();
    cancelAnimationFrame(this.request);
    clearTimeout(this.waiting);
    clearTimeout(this.asking);
  }
}

/** A share in percent, as in `playground/numbers.py`. */
const percent = (share) => (share >= 0.005 ? `${Math.round(100 * share)} %` : "< 1 %");

export default await mounted(Basins, "basins/basins.css");
