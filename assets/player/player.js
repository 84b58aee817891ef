// The state of one player, its clock, its events, and the function that Streamlit calls.
//
// A player lives as long as its parent element; an update keeps everything that the viewer has set.

import { setText } from "../kit/elements.js";
import { waitNoMore, withGround } from "../kit/lasting.js";
import { copyLink } from "../kit/link.js";
import { lineSample } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { mounted, offer } from "../kit/mount.js";
import { steady, withMinus } from "../kit/numbers.js";
import { Playback } from "../kit/playback.js";
import { clamp, roundTo } from "../kit/scale.js";
import { tipHtml } from "../kit/tip.js";
import { reducedMotion } from "../kit/view.js";
import { Bending } from "./bending.js";
import { Chart } from "./chart.js";
import { KnobPanel } from "./knobs.js";
import { BendableRace } from "./loops.js";
import { Picture } from "./picture.js";
import { fillChips, fillKeys, fillNotes, fillTable, PARTS, SHELL } from "./shell.js";

/** @typedef {import("../kit/elements.js").Part} Part */

/**
 * Which racers are drawn, in which order (the raised one last, on top), and which are faded.
 * @typedef {{order: number[], raised: number, time: number, whole: boolean, faded: (r: number) => boolean}} Show
 */

/**
 * What may draw into the picture: the step inspector.
 * @typedef {{
 *   racerOf(race: BendableRace): number, query(): string, pick(r: number, step: number): void,
 *   drawBelow(ctx: CanvasRenderingContext2D, picture: Picture): void,
 *   drawAbove(ctx: CanvasRenderingContext2D, picture: Picture): void,
 * }} Guest
 */

const STEPS_PER_SECOND = 62.5; // 500 steps in 8 seconds
const SHORTEST_RUN = 3; // seconds: a race of ten steps is shown slowly enough to be seen
const LOOP_REST = 0.9; // seconds at the end before a repeated race begins again
const WIDE = 760;

export class Player extends Playback {
  time = 0;
  speed = 1;
  loop = false;
  rest = 0;
  fps = { frames: 0, since: 0 };
  dragging = false;
  moving = false; // the view
  settled = 0;
  chipsAt = -1;
  shownText = "";
  /** @type {BendableRace} */ race = null;
  /** @type {Picture} */ picture = null;
  /** @type {Chart} */ lossChart = null;
  /** @type {Chart} */ rateChart = null;
  /** @type {Chart[]} */ charts = [];
  /** @type {string[]} */ racerColors = [];
  /** @type {Guest} */ guest = null;
  /** @type {() => void} */ endOffer = null;
  bending = new Bending(this);

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const facts = { label: t("Race player"), play: t("Play (Space)"), of: "racer", chip: ".chip" };
    super(parent, "player", SHELL, PARTS, facts);
    this.knobs = new KnobPanel(
      this.parts.knobs,
      (place, value) => this.bending.turn(this.knobs.id, place, value),
      (byKey) => this.bending.release(byKey),
    );
    this.parts.select.addEventListener("change", () => (this.speed = Number(this.parts.select.value)));
    this.listenToNames(this.parts.chips, this.parts.rows);
    this.listenToPicture();
    this.listenToStart();
  }

  // ---- data ----

  get themes() {
    return this.race?.header.theme;
  }

  ids() {
    return this.race.racers.map((racer) => racer.id);
  }

  get end() {
    return this.race.steps;
  }

  /** @param {Uint8Array} bytes */
  update(bytes) {
    if (!bytes || this.race?.sameBytes(bytes)) return this.restyle();
    const race = new BendableRace(bytes);
    withGround(this, race.header.ground, (ground) => this.take(Object.assign(race, { ground })));
  }

  /** @param {BendableRace} race */
  take(race) {
    const before = this.race;
    const first = !before;
    const sameWindow = !first && String(before.header.window) === String(race.header.window);
    const atEnd = !first && this.time >= before.steps;
    const kept = !first && this.bending.carry(before, race);
    this.race = race;
    if (first) this.buildViews();
    this.picture.setRace(race, sameWindow);
    this.charts = this.compact ? [] : race.arrays.rate ? [this.lossChart, this.rateChart] : [this.lossChart];
    for (const chart of this.charts) chart.setRace(race);
    this.keepTime(first, atEnd, before, kept);
    this.lineup.raised = -1;
    this.hideTip();
    this.look = null;
    this.restyle();
    if (first && !this.compact) this.endOffer = offer("player", this);
    this.raise(-1);
  }

  /** Lets another component draw into the picture, hold a racer up and answer clicks; null lets it go. @param {Guest} guest */
  receive(guest) {
    this.guest = guest;
    this.root.classList.toggle("apart", Boolean(guest));
    this.raise(-1);
    this.touch();
  }

  buildViews() {
    this.root.classList.toggle("compact", this.compact);
    this.picture = new Picture(this.parts.picture, this.compact);
    this.lossChart = new Chart(this.parts.loss, "loss", t("Loss"), () => true, 1e-16);
    this.rateChart = new Chart(this.parts.rate, "rate", t("Learning rate"), (low, high) => high / low > 30, 1e-5);
    for (const chart of [this.lossChart, this.rateChart]) {
      this.listenToChart(chart, (px, py) => chart.nearest(px, py, this.show()));
    }
  }

  /** Whether there is room for the picture alone. */
  get compact() {
    return this.race.header.compact;
  }

  /** Decides where the clock stands with new data: nothing jumps, unless the race is another one.
   * @param {boolean} first @param {boolean} atEnd @param {BendableRace} before @param {boolean} kept */
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
    const { parts, race, look, racerColors } = this;
    const { header } = race;
    parts.title.textContent = header.title;
    parts.formula.textContent = header.formula;
    parts.formula.title = header.formula;
    parts.scrub.max = race.steps;
    this.picture.front.setAttribute("aria-label", header.alt);
    parts.rate.hidden = !race.arrays.rate;
    fillChips(parts.chips, race, racerColors, look.panel);
    fillKeys(parts.chips.querySelector(".keys"), race, look.text);
    fillTable(parts.table, race, racerColors, look.panel);
    fillNotes(parts.notes, race);
    this.root.dataset.key = header.key;
    this.root.classList.toggle("bent", race.bent);
    this.root.classList.toggle("untuned", !header.knobs);
    this.lineup.show();
    this.placeStart();
    this.showKnobs();
    this.chipsAt = -1;
  }

  // ---- look ----

  relook() {
    const { scheme } = this.look;
    this.racerColors = this.race.racers.map((racer) => racer[scheme]);
    this.picture.setColors(this.look, this.racerColors);
    for (const chart of this.charts) chart.racerColors = this.racerColors;
    this.fillTexts();
    this.layout();
  }

  /** @param {number} width */
  resize(width) {
    super.resize(width < 120 ? 0 : width); // the page is still being built: there is no room for a picture
  }

  layout() {
    const { width, look, parts } = this;
    if (!width || !look) return;
    const wide = width >= WIDE && !this.compact;
    this.root.classList.toggle("wide", wide);
    this.root.classList.toggle("narrow", width < 560);
    const gap = 12;
    const pictureWidth = wide ? Math.round((width - gap) * 0.62) : width;
    const part = wide ? 0.46 : width < 480 ? 0.85 : 0.62;
    const pictureHeight = this.compact ? 268 : clamp(width * part, wide ? 380 : 280, wide ? 580 : 520);
    const chartWidth = wide ? width - gap - pictureWidth : width;
    const withRate = Boolean(this.race.arrays.rate);
    const rateHeight = wide ? Math.round(pictureHeight * 0.36) : 160;
    const lossHeight = wide ? pictureHeight - (withRate ? rateHeight : 0) : 230;
    this.root.style.setProperty("--picture-width", `${pictureWidth}px`);
    this.picture.resize(pictureWidth, pictureHeight, look);
    for (const chart of this.charts) chart.resize(chartWidth, chart.box === parts.rate ? rateHeight : lossHeight, look);
    document.documentElement.dataset.player = "drawn"; // the page need not keep its room any longer
    this.placeStart();
    this.touch();
  }

  // ---- clock ----

  /** @param {number} now */
  advance(now) {
    const passed = this.passed(now);
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

  /** @param {number} now */
  countFrame(now) {
    const { fps } = this;
    if (!fps.since) Object.assign(fps, { frames: 0, since: now });
    else fps.frames += 1;
    if (now - fps.since < 1000) return;
    this.root.dataset.fps = ((1000 * fps.frames) / (now - fps.since)).toFixed(1);
    Object.assign(fps, { frames: 0, since: now });
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    this.fps.since = 0;
    this.rest = 0;
    if (playing && this.race && this.time >= this.race.steps) this.time = 0;
    super.setPlaying(playing);
  }

  /** @param {number} step */
  seek(step) {
    this.setPlaying(false);
    this.time = clamp(Math.round(step), 0, this.race.steps);
    this.root.dataset.step = String(Math.floor(this.time)); // at once: whoever asks next need not wait for a frame
    this.touch();
  }

  /** @param {number} count */
  stepBy(count) {
    const from = count > 0 ? Math.floor(this.time) : Math.ceil(this.time);
    this.seek(from + count);
  }

  // ---- drawing ----

  /** @param {number} now */
  draw(now) {
    this.bending.apply(now);
    const show = this.show();
    const extras = { near: this.near, cross: this.dragging ? this.bending.start : null, guest: this.guest };
    if (this.picture.dirty) this.picture.drawBack(show, !this.moving);
    this.picture.drawFront(this.time, show, extras);
    for (const chart of this.charts) {
      if (chart.dirty) chart.drawBack(show);
      chart.drawFront(this.time, show, extras);
    }
    this.showStep(now);
    this.root.dataset.painted = this.race.header.key;
  }

  /** @returns {Show} */
  show() {
    const { raised, time } = this;
    const order = this.race.racers.map((_, r) => r).filter((r) => !this.isHidden(r));
    if (order.includes(raised)) order.push(...order.splice(order.indexOf(raised), 1));
    return { order, raised, time, whole: this.bending.active, faded: (r) => raised >= 0 && r !== raised };
  }

  /** @param {number} now */
  showStep(now) {
    const step = Math.floor(this.time);
    const text = t("step {step:count} / {steps:count}", { step, steps: this.race.steps });
    if (this.shownText !== text) {
      this.shownText = text;
      this.root.dataset.step = String(step);
      this.parts.scrub.value = step;
      this.showPlace(text, step / this.race.steps);
    }
    // Words that change sixty times a second cannot be read, and cost a layout each.
    if (!this.playing || now - this.chipsAt > 120 || this.chipsAt < 0) this.showLosses(now);
  }

  /** @param {number} now */
  showLosses(now) {
    this.chipsAt = now;
    this.parts.chips.querySelectorAll(".chip .value span").forEach((/** @type {Part} */ value, /** @type {number} */ r) => {
      setText(value, this.chipText(r));
    });
  }

  /** What a racer's chip says: its loss, or how it ended. @param {number} r */
  chipText(r) {
    const { race, time } = this;
    if (race.racers[r].awaited) return t("on release");
    if (race.hasEnded(r, time)) return race.outcome(r);
    return steady(race.value("loss", r, Math.min(Math.floor(time), race.lastStep(r))));
  }

  /** @param {number} r */
  isHidden(r) {
    return this.lineup.isHidden(r);
  }

  /** @param {number} r */
  raise(r) {
    super.raise(r < 0 && this.guest ? this.guest.racerOf(this.race) : r);
  }

  redraw() {
    this.picture.invalidate();
    for (const chart of this.charts) chart.dirty = true;
    this.touch();
  }

  // ---- tooltip ----

  /** Names the racer and its numbers beside the pointer; (x, y) are pixels of the player.
   * @param {{r: number, step: number, chart?: string}} near @param {number} x @param {number} y */
  showTip(near, x, y) {
    this.near = near;
    this.raise(near ? near.r : -1);
    this.touch();
    if (!near) return this.hideTip();
    const { race } = this;
    const { r, step } = near;
    const [nameX, nameY] = race.header.axes;
    const rate = race.arrays.rate ? race.value("rate", r, step) : NaN;
    const lines = [
      t("step {step}", { step }),
      `${nameX} = ${steady(race.x(r, step))}, ${nameY} = ${steady(race.y(r, step))}`,
      t("loss = {loss:steady}", { loss: race.value("loss", r, step) }),
    ];
    if (near.chart === "rate" && Number.isFinite(rate)) lines.push(t("learning rate = {rate:steady}", { rate }));
    const sample = lineSample(race.racers[r], this.racerColors[r], this.look.panel);
    this.tip.show(tipHtml(sample, race.racers[r].label, lines), x, y, this.width);
  }

  // ---- start ----

  placeStart() {
    if (!this.picture?.plot) return;
    const { start, where } = this.parts;
    const [x, y] = this.bending.start;
    const [px, py] = [this.picture.pixelX(x), this.picture.pixelY(y)];
    start.style.transform = `translate(${px}px, ${py}px)`;
    start.hidden = !this.picture.inside(px, py);
    const place = `(${withMinus(String(x))}, ${withMinus(String(y))})`;
    start.setAttribute("aria-label", t("Start {place}. Drag it, or move it with the arrow keys.", { place }));
    start.title = this.compact
      ? t("Start {place}: drag it", { place })
      : t("Start {place}: drag it, or click into the picture", { place });
    where.textContent = place;
    where.hidden = !this.dragging;
    where.classList.toggle("left", px > this.picture.width - 190);
    where.classList.toggle("below", py < 50);
  }

  /** The start under a pixel, rounded to what the picture can tell apart. @param {number} px @param {number} py */
  startAt(px, py) {
    const { picture } = this;
    const { view } = picture;
    return [roundTo(picture.xAt(px), view.right - view.left), roundTo(picture.yAt(py), view.top - view.bottom)];
  }

  /** @param {number[]} start */
  moveStart(start) {
    this.bending.want({ start });
    this.placeStart();
  }

  // ---- knobs ----

  /** Opens the knobs of a racer; closes them if they are open already, or for -1. @param {number} r */
  toggleKnobs(r) {
    if (r < 0 || this.knobs.id === this.race.racers[r].id) this.knobs.hide();
    else this.knobs.id = this.race.racers[r].id;
    this.showKnobs();
  }

  /** Brings the open panel in line with the race on show. */
  showKnobs() {
    const r = this.race.racers.findIndex((racer) => racer.id === this.knobs.id);
    if (r < 0) this.knobs.hide();
    else this.knobs.show(this.race.racers[r], this.bending.knobs(this.knobs.id), this.racerColors[r], this.look.panel);
    [...this.parts.chips.querySelectorAll(".tune")].forEach((one, i) => one.setAttribute("aria-expanded", String(i === r)));
  }

  // ---- events ----

  /** @param {MouseEvent} event */
  onClick(event) {
    const tune = /** @type {Part} */ (event.target).closest?.("[data-knobs]");
    if (tune) this.toggleKnobs(Number(tune.dataset.knobs));
    else super.onClick(event);
  }

  acts() {
    return {
      ...super.acts(),
      loop: () => this.setLoop(!this.loop),
      closer: () => this.zoomMiddle(1.5),
      wider: () => this.zoomMiddle(1 / 1.5),
      whole: () => this.zoomMiddle(0),
      copy: () => this.copyLink(),
      close: () => this.toggleKnobs(-1),
    };
  }

  /** @param {boolean} loop */
  setLoop(loop) {
    this.loop = loop;
    this.parts.loop.setAttribute("aria-pressed", String(loop));
  }

  /** @param {KeyboardEvent} event */
  keys(event) {
    const { closer, wider, whole } = this.acts();
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const far = event.shiftKey ? 0.1 : 0.02;
    const moves = Object.entries(directions).map(([key, [x, y]]) => [key, () => this.nudge(x * far, y * far)]);
    return {
      ...super.keys(event), "+": closer, "=": closer, "-": wider, 0: whole,
      ...(event.target === this.parts.start && Object.fromEntries(moves)),
    };
  }

  /** Arrow keys on the start handle move it by a part of the picture; the server is asked when they rest.
   * @param {number} across @param {number} down */
  nudge(across, down) {
    const { picture } = this;
    const { plot } = picture;
    const [x, y] = this.bending.start;
    const [px, py] = [picture.pixelX(x) + across * (plot.right - plot.left), picture.pixelY(y) + down * (plot.bottom - plot.top)];
    this.moveStart(this.startAt(px, py));
    this.bending.release(true);
  }

  copyLink() {
    const query = `${this.race.header.query}${this.guest?.query() ?? ""}`;
    copyLink(query, this.root, this.parts.copy.querySelector("span"), this.parts.status);
  }

  // ---- picture: click, drag, zoom ----

  /** @param {number} factor of 0: the whole window */
  zoomMiddle(factor) {
    const { plot } = this.picture;
    if (factor === 0) this.picture.lookAt(this.picture.whole);
    else this.picture.zoom(factor, (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
    this.viewChanged();
  }

  /** While the view moves the surface is the stretched bitmap; it becomes sharp when the hand rests. */
  viewChanged() {
    this.moving = true;
    clearTimeout(this.settled);
    this.settled = window.setTimeout(() => {
      this.moving = false;
      this.picture.dirty = true;
      this.touch();
    }, 120);
    this.placeStart();
    this.touch();
  }

  listenToPicture() {
    /** @type {HTMLCanvasElement} */
    const canvas = this.parts.picture.querySelector(".front");
    /** @type {Map<number, {x: number, y: number}>} */
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
    for (const end of /** @type {const} */ (["pointercancel", "lostpointercapture"])) {
      canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", (event) => {
      if (!pointers.has(event.pointerId)) this.showTip(null, 0, 0);
    });
    canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
  }

  /** The wheel zooms only once the player has been chosen; otherwise it belongs to the page. @param {WheelEvent} event */
  onWheel(event) {
    if (!this.race || !this.root.matches(":focus-within")) return;
    event.preventDefault();
    this.picture.zoom(Math.exp(-clamp(event.deltaY, -100, 100) / 300), event.offsetX, event.offsetY);
    this.viewChanged();
  }

  /** @param {PointerEvent} event */
  hoverPicture(event) {
    if (event.pointerType === "touch" || !this.race) return;
    const { picture } = this.parts;
    const near = this.picture.nearest(event.offsetX, event.offsetY, this.show());
    this.showTip(near, picture.offsetLeft + event.offsetX, picture.offsetTop + event.offsetY);
  }

  /** @param {number} px @param {number} py */
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
    start.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      if (event.button !== 0 || !this.race) return;
      event.preventDefault();
      start.focus({ preventScroll: true });
      start.setPointerCapture(event.pointerId);
      this.dragging = true;
      this.hideTip();
      this.placeStart();
    });
    start.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
      if (!this.dragging) return;
      const box = picture.getBoundingClientRect();
      this.moveStart(this.startAt(event.clientX - box.left, event.clientY - box.top));
    });
    const release = (/** @type {boolean} */ send) => {
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

  release() {
    super.release();
    waitNoMore(this);
    this.endOffer?.();
    this.bending.end();
    clearTimeout(this.settled);
  }
}

export default await mounted(Player, "player/player.css");
