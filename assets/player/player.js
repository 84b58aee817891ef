// The state of one player, its clock, its events, and the function that Streamlit calls.
//
// A player lives as long as its parent element; an update keeps everything that the viewer has set.

import { forgetGround, withGround } from "../kit/grounds.js";
import { copyLink } from "../kit/link.js";
import { icon, lineSample, roundTo, threeDigits } from "../kit/marks.js";
import { withMinus } from "../kit/numbers.js";
import { mounted, offer } from "../kit/mount.js";
import { clamp, escapeText, isDark, reducedMotion, watchTheme } from "../kit/view.js";
import { Bending } from "./bending.js";
import { Chart } from "./chart.js";
import { KnobPanel } from "./knobs.js";
import { BendableRace } from "./loops.js";
import { Picture } from "./picture.js";
import { buildShell, fillChips, fillKeys, fillNotes, fillTable } from "./shell.js";

const STEPS_PER_SECOND = 62.5; // 500 steps in 8 seconds
const SHORTEST_RUN = 3; // seconds: a race of ten steps is shown slowly enough to be seen
const LOOP_REST = 0.9; // seconds at the end before a repeated race begins again
const WIDE = 760;

class Player {
  constructor(parent) {
    this.root = buildShell();
    this.root.player = this;
    parent.append(this.root);
    this.parts = this.findParts();
    this.time = 0;
    this.playing = false;
    this.speed = 1;
    this.loop = false;
    this.hidden = new Set();
    this.raised = -1;
    this.near = null;
    this.dirty = true;
    this.width = 0;
    this.fps = { frames: 0, since: 0 };
    this.bending = new Bending(this);
    this.knobs = new KnobPanel(
      this.parts.knobs,
      (place, value) => this.bending.turn(this.knobs.id, place, value),
      (byKey) => this.bending.release(byKey),
    );
    this.frame = this.frame.bind(this);
    this.listen();
  }

  findParts() {
    const names = ".title .formula .tools .copy .picture .charts .loss .rate .tip .transport .scrub .step .start";
    const more = ".where .refusal .knobs .chips .rows .notes select table [role=status] [data-act=play] [data-act=loop]";
    const parts = {};
    for (const name of `${names} ${more}`.split(" ")) parts[name.replace(/^\.|\[.*=|\]/g, "")] = this.root.querySelector(name);
    return parts;
  }

  // ---- data ----

  update(bytes) {
    if (!bytes || (this.race && this.race.sameBytes(bytes))) return this.restyle();
    const race = new BendableRace(bytes);
    withGround(this, race.header.ground, (ground) => this.take(Object.assign(race, { ground })));
  }

  take(race) {
    const before = this.race;
    const first = !before;
    const sameWindow = !first && String(before.header.window) === String(race.header.window);
    const atEnd = !first && this.time >= before.steps;
    const kept = !first && this.bending.carry(before, race);
    this.race = race;
    if (first) this.buildViews();
    this.picture.setRace(race, sameWindow);
    this.charts = race.arrays.rate ? [this.lossChart, this.rateChart] : [this.lossChart];
    for (const chart of this.charts) chart.setRace(race);
    this.keepTime(first, atEnd, before, kept);
    this.raised = -1;
    this.hideTip();
    this.colors = null;
    this.restyle();
    this.fillTexts();
    this.layout();
    if (first && !this.compact) this.endOffer = offer("player", this);
    this.raise(-1);
  }

  /** Lets another component draw into the picture, hold a racer up and answer clicks; null lets it go. */
  receive(guest) {
    this.guest = guest;
    this.root.classList.toggle("apart", Boolean(guest));
    this.raise(-1);
    this.touch();
  }

  buildViews() {
    this.root.classList.toggle("compact", Boolean(this.race.header.compact));
    this.picture = new Picture(this.parts.picture, this.compact);
    this.lossChart = new Chart(this.parts.loss, "loss", "Loss", () => true, 1e-16);
    const decades = (low, high) => high / low > 30;
    this.rateChart = new Chart(this.parts.rate, "rate", "Learning rate", decades, 1e-5);
  }

  get compact() {
    return this.race.header.compact;
  }

  /** Decides where the clock stands with new data: nothing jumps, unless the race is another one. */
  keepTime(first, atEnd, before, kept) {
    const { race } = this;
    const another =
      !first &&
      !kept &&
      (String(before.header.start) !== String(race.header.start) ||
        (before.header.title !== race.header.title && (this.playing || atEnd)));
    if (first || another) this.restart();
    else this.time = atEnd ? race.steps : Math.min(this.time, race.steps);
  }

  /** Plays from the start, or shows the end to those who want no motion. */
  restart() {
    this.time = reducedMotion() ? this.race.steps : 0;
    this.setPlaying(!reducedMotion());
  }

  fillTexts() {
    const { parts, race, colors, racerColors } = this;
    const { header } = race;
    parts.title.textContent = header.title;
    parts.formula.textContent = header.formula;
    parts.formula.title = header.formula;
    parts.scrub.max = race.steps;
    this.picture.front.setAttribute("aria-label", header.alt);
    parts.rate.hidden = !race.arrays.rate;
    fillChips(parts.chips, race, racerColors, colors.panel);
    fillKeys(parts.chips.querySelector(".keys"), race, colors.text);
    fillTable(parts.table, race, racerColors, colors.panel);
    fillNotes(parts.notes, race);
    this.root.dataset.key = header.key;
    this.root.classList.toggle("bent", race.bent);
    this.root.classList.toggle("untuned", !header.knobs);
    this.showHidden();
    this.placeStart();
    this.showKnobs();
    this.chipsAt = -1;
  }

  // ---- look ----

  /** Takes over the page's theme where it has changed. */
  restyle() {
    if (!this.race) return;
    const scheme = isDark(this.root) ? "dark" : "light";
    const style = getComputedStyle(this.root);
    const font = style.fontFamily;
    if (this.colors && this.scheme === scheme && this.font === font) return;
    const had = this.colors;
    this.scheme = scheme;
    this.font = font;
    this.colors = this.race.header.theme[scheme];
    this.racerColors = this.race.racers.map((racer) => racer[scheme]);
    this.root.dataset.scheme = scheme;
    for (const name of ["text", "muted", "grid", "panel", "accent", "halo"]) {
      this.root.style.setProperty(`--${name}`, this.colors[name]);
    }
    for (const view of [this.picture, ...this.charts]) view.setColors(this.colors, this.racerColors);
    if (had) this.fillTexts();
    if (had) this.layout();
    this.touch();
  }

  /** Sizes are computed from the width of the root alone, so that drawing never asks the page for a layout. */
  layout() {
    const { width } = this;
    if (!width || !this.race) return;
    const wide = width >= WIDE && !this.compact;
    this.root.classList.toggle("wide", wide);
    this.root.classList.toggle("narrow", width < 560);
    const fontSize = width >= 600 ? 14 : 12;
    const gap = 12;
    const pictureWidth = wide ? Math.round((width - gap) * 0.62) : width;
    const part = wide ? 0.46 : width < 480 ? 0.85 : 0.62;
    const pictureHeight = this.compact ? 268 : clamp(width * part, wide ? 380 : 280, wide ? 580 : 520);
    const chartWidth = wide ? width - gap - pictureWidth : width;
    const withRate = Boolean(this.race.arrays.rate);
    const rateHeight = wide ? Math.round(pictureHeight * 0.36) : 160;
    const lossHeight = wide ? pictureHeight - (withRate ? rateHeight : 0) : 230;
    this.root.style.setProperty("--picture-width", `${pictureWidth}px`);
    this.fit(this.parts.picture, this.picture, pictureWidth, pictureHeight, fontSize);
    if (!this.compact) this.fit(this.parts.loss, this.lossChart, chartWidth, lossHeight, fontSize);
    if (!this.compact && withRate) this.fit(this.parts.rate, this.rateChart, chartWidth, rateHeight, fontSize);
    this.placeStart();
    this.touch();
  }

  /** Gives a box its size and its view a new drawing surface, if either has changed. */
  fit(box, view, width, height, fontSize) {
    [width, height] = [Math.round(width), Math.round(height)];
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (view.width === width && view.height === height && view.ratio === ratio && view.font === this.font) return;
    box.style.width = `${width}px`;
    box.style.height = `${height}px`;
    view.resize(width, height, ratio, fontSize, this.font);
  }

  // ---- clock ----

  /** Asks for a frame; frames are drawn only while something moves or has changed. */
  touch() {
    this.dirty = true;
    this.request ||= requestAnimationFrame(this.frame);
  }

  frame(now) {
    this.request = 0;
    if (!this.race || !this.width) return;
    if (!this.root.isConnected) return;
    if (this.playing) this.advance(now);
    if (this.dirty || this.playing) this.draw(now);
    if (this.playing) this.request = requestAnimationFrame(this.frame);
  }

  advance(now) {
    const passed = Math.min(0.1, Math.max(0, (now - (this.clock ?? now)) / 1000));
    this.clock = now;
    this.countFrame(now);
    const { race } = this;
    if (this.time >= race.steps) {
      this.rest += passed;
      if (this.rest > LOOP_REST) this.time = this.rest = 0;
      return;
    }
    this.time += passed * this.speed * this.pace();
    if (this.time < race.lastMove) return;
    this.time = race.steps;
    this.rest = 0;
    if (!this.loop) this.setPlaying(false);
  }

  /** Steps per second at speed 1; long races are shown faster, but not ten times as fast. */
  pace() {
    const span = Math.max(1, this.race.lastMove);
    return Math.min(STEPS_PER_SECOND * Math.max(1, Math.sqrt(span / 500)), span / SHORTEST_RUN);
  }

  countFrame(now) {
    const { fps } = this;
    if (!fps.since) Object.assign(fps, { frames: 0, since: now });
    else fps.frames += 1;
    if (now - fps.since < 1000) return;
    this.root.dataset.fps = ((1000 * fps.frames) / (now - fps.since)).toFixed(1);
    Object.assign(fps, { frames: 0, since: now });
  }

  setPlaying(playing) {
    this.playing = playing;
    this.clock = undefined;
    this.fps.since = 0;
    this.rest = 0;
    if (playing && this.race && this.time >= this.race.steps) this.time = 0;
    this.root.dataset.playing = String(playing);
    const { play } = this.parts;
    const label = playing ? "Pause (Space)" : "Play (Space)";
    play.innerHTML = icon(playing ? "pause" : "play");
    play.setAttribute("aria-label", label);
    play.title = label;
    this.touch();
  }

  /** Goes to a step and stays there. */
  seek(step) {
    this.setPlaying(false);
    this.time = clamp(step, 0, this.race.steps);
    this.root.dataset.step = String(Math.floor(this.time)); // at once: whoever asks next need not wait for a frame
    this.touch();
  }

  stepBy(count) {
    const from = count > 0 ? Math.floor(this.time) : Math.ceil(this.time);
    this.seek(from + count);
  }

  // ---- drawing ----

  draw(now) {
    this.dirty = false;
    this.bending.apply(now);
    const show = this.show();
    const extras = { near: this.near, cross: this.dragging ? this.bending.start : null, guest: this.guest };
    if (this.picture.backDirty) this.picture.drawBack(show, !this.moving);
    this.picture.drawFront(this.time, show, extras);
    if (!this.compact) {
      for (const chart of this.charts) {
        if (chart.dirty) chart.drawBack(show);
        chart.drawFront(this.time, show, extras);
      }
    }
    this.showStep(now);
    this.root.dataset.painted = this.race.header.key;
  }

  /** Which racers are drawn, in which order (the raised one last, on top), and which are faded. */
  show() {
    const { raised, time } = this;
    const order = this.race.racers.map((_, r) => r).filter((r) => !this.isHidden(r));
    if (order.includes(raised)) order.push(...order.splice(order.indexOf(raised), 1));
    return { order, raised, time, whole: this.bending.active, faded: (r) => raised >= 0 && r !== raised };
  }

  showStep(now) {
    const step = Math.floor(this.time);
    const text = `step ${step.toLocaleString("en")} / ${this.race.steps.toLocaleString("en")}`;
    if (this.shownText !== text) {
      this.shownText = text;
      this.root.dataset.step = String(step);
      this.parts.step.textContent = text;
      this.parts.scrub.value = step;
      this.parts.scrub.setAttribute("aria-valuetext", text);
      this.parts.scrub.style.setProperty("--done", `${(100 * step) / this.race.steps}%`);
    }
    // Words that change sixty times a second cannot be read, and cost a layout each.
    if (!this.playing || now - this.chipsAt > 120 || this.chipsAt < 0) this.showLosses(now);
  }

  showLosses(now) {
    this.chipsAt = now;
    const { race } = this;
    this.parts.chips.querySelectorAll(".chip").forEach((chip, r) => {
      const step = Math.min(Math.floor(this.time), race.lastStep(r));
      const text = race.outcome(r, this.time) || threeDigits(race.value("loss", r, step));
      const value = chip.querySelector(".value span");
      if (value.textContent !== text) value.textContent = text;
    });
  }

  // ---- racers: hidden, raised ----

  /** What a hidden racer is remembered by: its look, which it keeps when others come and go. */
  nameOf(r) {
    return this.race.racers[r].id;
  }

  isHidden(r) {
    return this.hidden.has(this.nameOf(r));
  }

  toggle(r) {
    const name = this.nameOf(r);
    if (!this.hidden.delete(name)) this.hidden.add(name);
    this.showHidden();
  }

  /** Shows one racer alone; once more shows all. */
  isolate(r) {
    const others = this.race.racers.map((_, i) => i).filter((i) => i !== r);
    const alone = !this.isHidden(r) && others.every((i) => this.isHidden(i));
    this.hidden.clear();
    if (!alone) for (const i of others) this.hidden.add(this.nameOf(i));
    this.showHidden();
  }

  showHidden() {
    for (const element of this.root.querySelectorAll("[data-racer]")) {
      const hidden = this.isHidden(Number(element.dataset.racer));
      element.classList.toggle("hidden", hidden);
      if (element.matches(".chip")) element.setAttribute("aria-pressed", String(!hidden));
    }
    this.redraw();
  }

  raise(r) {
    if (r < 0 && this.guest) r = this.guest.racerOf(this.race);
    if (r >= 0 && this.isHidden(r)) r = -1;
    if (r === this.raised) return;
    this.raised = r;
    this.root.classList.toggle("raising", r >= 0);
    for (const element of this.root.querySelectorAll("[data-racer]")) {
      element.classList.toggle("raised", Number(element.dataset.racer) === r);
    }
    this.redraw();
  }

  redraw() {
    this.picture.invalidate();
    for (const chart of this.charts) chart.dirty = true;
    this.touch();
  }

  // ---- tooltip ----

  /** Names the racer and its numbers beside the pointer; (x, y) are pixels of the player. */
  showTip(near, x, y) {
    this.near = near;
    this.raise(near ? near.r : -1);
    this.touch();
    if (!near) return this.hideTip();
    const { race, parts } = this;
    const { r, step } = near;
    const [nameX, nameY] = race.header.axes || ["x", "y"];
    const rate = race.arrays.rate ? race.value("rate", r, step) : NaN;
    const lines = [
      `step ${step}`,
      `${nameX} = ${threeDigits(race.x(r, step))}, ${nameY} = ${threeDigits(race.y(r, step))}`,
      `loss = ${threeDigits(race.value("loss", r, step))}`,
    ];
    if (near.chart === "rate" && Number.isFinite(rate)) lines.push(`learning rate = ${threeDigits(rate)}`);
    parts.tip.innerHTML =
      `<strong>${lineSample(race.racers[r], this.racerColors[r], this.colors.panel)}` +
      `${escapeText(race.racers[r].label)}</strong>${lines.map((line) => `<span>${escapeText(line)}</span>`).join("")}`;
    parts.tip.hidden = false;
    const right = x > this.width - 230;
    const low = y > 150;
    parts.tip.style.transform =
      `translate(${x}px, ${y}px) translate(${right ? "calc(-100% - 14px)" : "14px"}, ${low ? "calc(-100% - 10px)" : "14px"})`;
  }

  hideTip() {
    this.near = null;
    this.parts.tip.hidden = true;
  }

  // ---- start ----

  placeStart() {
    if (!this.race || !this.picture.view || !this.picture.plot) return;
    const { start } = this.parts;
    const [x, y] = this.bending.start;
    const [px, py] = [this.picture.pixelX(x), this.picture.pixelY(y)];
    start.style.transform = `translate(${px}px, ${py}px)`;
    start.hidden = !this.picture.inside(px, py);
    const where = `(${withMinus(String(x))}, ${withMinus(String(y))})`;
    start.setAttribute("aria-label", `Start ${where}. Drag it, or move it with the arrow keys.`);
    start.title = `Start ${where}: drag it${this.compact ? "" : ", or click into the picture"}`;
    this.parts.where.textContent = where;
    this.parts.where.hidden = !this.dragging;
    this.parts.where.classList.toggle("left", px > this.picture.width - 190);
    this.parts.where.classList.toggle("below", py < 50);
  }

  /** The start under a pixel, rounded to what the picture can tell apart. */
  startAt(px, py) {
    const { plot, view } = this.picture;
    const x = this.picture.dataX(clamp(px, plot.left, plot.right));
    const y = this.picture.dataY(clamp(py, plot.top, plot.bottom));
    return [roundTo(x, view.right - view.left), roundTo(y, view.top - view.bottom)];
  }

  moveStart(start) {
    this.bending.want({ start });
    this.placeStart();
  }

  // ---- knobs ----

  /** Opens the knobs of a racer; closes them if they are open already, or for -1. */
  toggleKnobs(r) {
    if (r < 0 || this.knobs.id === this.nameOf(r)) this.knobs.hide();
    else this.knobs.id = this.nameOf(r);
    this.showKnobs();
  }

  /** Brings the open panel in line with the race on show. */
  showKnobs() {
    const r = this.race.racers.findIndex((racer) => racer.id === this.knobs.id);
    if (r < 0) this.knobs.hide();
    else this.knobs.show(this.race.racers[r], this.bending.knobs(this.knobs.id), this.racerColors[r], this.colors.panel);
    this.parts.chips.querySelectorAll(".tune").forEach((one, i) => one.setAttribute("aria-expanded", String(i === r)));
  }

  // ---- events ----

  listen() {
    const { root, parts } = this;
    this.observer = new ResizeObserver(([entry]) => {
      const { width } = entry.contentRect;
      this.width = width < 120 ? 0 : Math.floor(width); // the page is still being built: there is no room for a picture
      this.layout();
    });
    this.observer.observe(root);
    this.endWatch = watchTheme(root, () => this.restyle());
    root.addEventListener("click", (event) => this.onClick(event));
    root.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    root.addEventListener("keydown", (event) => this.onKey(event));
    parts.scrub.addEventListener("input", () => this.seek(Number(parts.scrub.value)));
    parts.select.addEventListener("change", () => (this.speed = Number(parts.select.value)));
    for (const box of [parts.chips, parts.rows]) {
      box.addEventListener("pointerover", (event) => this.raise(racerUnder(event)));
      box.addEventListener("pointerleave", () => this.raise(-1));
    }
    this.listenToPicture();
    this.listenToStart();
    this.listenToChart(parts.loss, () => this.lossChart);
    this.listenToChart(parts.rate, () => this.rateChart);
  }

  onClick(event) {
    const act = event.target.closest?.("[data-act]")?.dataset.act;
    const chip = event.target.closest?.(".chip");
    const tune = event.target.closest?.("[data-knobs]");
    if (tune) return this.toggleKnobs(Number(tune.dataset.knobs));
    if (chip) return event.shiftKey ? this.isolate(Number(chip.dataset.racer)) : this.toggle(Number(chip.dataset.racer));
    if (!act) return;
    this.act(act);
    // After a mouse click the keys belong to the player again: Space plays, instead of pressing the same button.
    if (event.detail > 0) this.root.focus({ preventScroll: true });
  }

  onDoubleClick(event) {
    const chip = event.target.closest?.(".chip");
    if (chip && !event.shiftKey) this.isolate(Number(chip.dataset.racer));
  }

  act(name) {
    const acts = {
      first: () => this.seek(0),
      back: () => this.stepBy(-1),
      play: () => this.setPlaying(!this.playing),
      forward: () => this.stepBy(1),
      last: () => this.seek(this.race.steps),
      loop: () => this.setLoop(!this.loop),
      closer: () => this.zoomMiddle(1.5),
      wider: () => this.zoomMiddle(1 / 1.5),
      whole: () => this.zoomMiddle(0),
      copy: () => this.copyLink(),
      close: () => this.toggleKnobs(-1),
    };
    acts[name]();
  }

  setLoop(loop) {
    this.loop = loop;
    this.parts.loop.setAttribute("aria-pressed", String(loop));
  }

  onKey(event) {
    if (!this.race || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    if (target.matches("select, textarea, input:not(.scrub)")) return;
    if (target.matches(".start") && this.nudge(event)) return;
    if (key === " " && target.matches("button")) return; // a focused button is pressed
    const far = event.shiftKey ? 10 : 1;
    const keys = {
      " ": () => this.setPlaying(!this.playing),
      ArrowLeft: () => this.stepBy(-far),
      ArrowRight: () => this.stepBy(far),
      Home: () => this.seek(0),
      End: () => this.seek(this.race.steps),
      "+": () => this.zoomMiddle(1.5),
      "=": () => this.zoomMiddle(1.5),
      "-": () => this.zoomMiddle(1 / 1.5),
      0: () => this.zoomMiddle(0),
    };
    if (target === this.parts.scrub) Object.assign(keys, { ArrowUp: keys.ArrowRight, ArrowDown: keys.ArrowLeft });
    if (!keys[key]) return;
    keys[key]();
    event.preventDefault();
    event.stopPropagation();
  }

  /** Arrow keys on the start handle move it by a fiftieth of the picture; the server is asked when they rest. */
  nudge(event) {
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const direction = directions[event.key];
    if (!direction) return false;
    const { plot } = this.picture;
    const [x, y] = this.bending.start;
    const part = event.shiftKey ? 0.1 : 0.02;
    this.moveStart(
      this.startAt(
        this.picture.pixelX(x) + direction[0] * part * (plot.right - plot.left),
        this.picture.pixelY(y) + direction[1] * part * (plot.bottom - plot.top),
      ),
    );
    this.bending.release(true);
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  copyLink() {
    const url = `${location.origin}${location.pathname}?${this.race.header.query}${this.guest?.query() ?? ""}`;
    copyLink(url, this.root, this.parts.copy.querySelector("span"), this.parts.status);
  }

  // ---- picture: click, drag, zoom ----

  zoomMiddle(factor) {
    const { plot } = this.picture;
    if (factor === 0) this.picture.look({ ...this.picture.whole });
    else this.picture.zoom(factor, (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
    this.viewChanged();
  }

  /** While the view moves the surface is the stretched bitmap; it becomes sharp when the hand rests. */
  viewChanged() {
    this.moving = true;
    clearTimeout(this.settled);
    this.settled = setTimeout(() => {
      this.moving = false;
      this.picture.backDirty = true;
      this.touch();
    }, 120);
    this.placeStart();
    this.touch();
  }

  listenToPicture() {
    const canvas = this.parts.picture.querySelector(".front");
    const pointers = new Map();
    let [travelled, spread] = [0, 0];
    const distance = () => {
      const [a, b] = [...pointers.values()];
      return Math.hypot(a.x - b.x, a.y - b.y);
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.race) return;
      pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      if (pointers.size === 1) travelled = 0;
      else [travelled, spread] = [Infinity, distance()];
      this.hideTip();
    });
    canvas.addEventListener("pointermove", (event) => {
      const held = pointers.get(event.pointerId);
      if (!held) return this.hoverPicture(event);
      const [dx, dy] = [event.offsetX - held.x, event.offsetY - held.y];
      if (pointers.size === 1) {
        travelled = Math.max(travelled, Math.hypot(dx, dy));
        if (travelled <= 4) return;
        canvas.setPointerCapture(event.pointerId);
        this.picture.pan(dx, dy);
      }
      pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()];
        this.picture.zoom(distance() / (spread || 1), (a.x + b.x) / 2, (a.y + b.y) / 2);
        spread = distance();
      }
      this.viewChanged();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!pointers.delete(event.pointerId) || travelled > 4) return;
      this.clickPicture(event.offsetX, event.offsetY);
    });
    for (const end of ["pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", (event) => {
      if (!pointers.has(event.pointerId)) this.showTip(null);
    });
    canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
  }

  /** The wheel zooms only once the player has been chosen; otherwise it belongs to the page. */
  onWheel(event) {
    if (!this.race || !this.root.matches(":focus-within")) return;
    event.preventDefault();
    this.picture.zoom(Math.exp(-clamp(event.deltaY, -100, 100) / 300), event.offsetX, event.offsetY);
    this.viewChanged();
  }

  hoverPicture(event) {
    if (event.pointerType === "touch" || !this.race) return;
    const { picture } = this.parts;
    const near = this.picture.nearest(event.offsetX, event.offsetY, this.show());
    this.showTip(near, picture.offsetLeft + event.offsetX, picture.offsetTop + event.offsetY);
  }

  clickPicture(px, py) {
    if (this.compact) return this.setPlaying(!this.playing);
    const near = this.guest && this.picture.nearest(px, py, this.show());
    if (near) return this.guest.pick(near.r, near.step);
    if (!this.picture.inside(px, py)) return;
    this.moveStart(this.startAt(px, py));
    this.restart();
    this.bending.release(false);
  }

  listenToStart() {
    const { start, picture } = this.parts;
    start.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.race) return;
      event.preventDefault();
      start.focus({ preventScroll: true });
      start.setPointerCapture(event.pointerId);
      this.dragging = true;
      this.hideTip();
      this.placeStart();
    });
    start.addEventListener("pointermove", (event) => {
      if (!this.dragging) return;
      const box = picture.getBoundingClientRect();
      this.moveStart(this.startAt(event.clientX - box.left, event.clientY - box.top));
    });
    const release = (send) => {
      if (!this.dragging) return;
      this.dragging = false;
      this.placeStart();
      this.touch();
      if (send) this.bending.release(false);
      else this.bending.drop();
    };
    start.addEventListener("pointerup", () => release(true));
    start.addEventListener("pointercancel", () => release(false));
  }

  /** Pressing or dragging on a curve goes to that step. */
  listenToChart(box, chart) {
    const canvas = box.querySelector(".front");
    let held = false;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.race) return;
      held = true;
      canvas.setPointerCapture(event.pointerId);
      this.seek(Math.round(chart().stepAt(event.offsetX)));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (held) return this.seek(Math.round(chart().stepAt(event.offsetX)));
      if (event.pointerType === "touch" || !this.race) return;
      const near = chart().nearest(event.offsetX, event.offsetY, this.show());
      this.showTip(near, box.offsetLeft + event.offsetX, box.offsetTop + event.offsetY);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = false));
    canvas.addEventListener("pointerleave", () => this.showTip(null));
  }

  // ---- end ----

  /** Ends the player. */
  release() {
    forgetGround(this);
    this.playing = false;
    this.observer.disconnect();
    this.endWatch();
    this.endOffer?.();
    cancelAnimationFrame(this.request);
    this.bending.end();
    clearTimeout(this.settled);
  }
}

function racerUnder(event) {
  const element = event.target.closest?.("[data-racer]");
  return element ? Number(element.dataset.racer) : -1;
}

export default await mounted(Player, "player/player.css");
