// The state of one observatory, its events, and the function that Streamlit calls.
//
// An observatory lives as long as its parent element; an update keeps what is loaded and what the viewer has set.
// One place along the training, `x` in the units of the chosen axis, ties all figures together.

import { rgb } from "../kit/canvas.js";
import { escapeText, keepChildren, numberUnder, setHtml, setText } from "../kit/elements.js";
import { lineSample } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { mounted } from "../kit/mount.js";
import { amount, count, steady } from "../kit/numbers.js";
import { Playback } from "../kit/playback.js";
import { clamp, lastAtMost, niceAbove } from "../kit/scale.js";
import { tipHtml } from "../kit/tip.js";
import { DASHES } from "./curves.js";
import { Feed } from "./feed.js";
import { Inside } from "./inside.js";
import { partOf } from "./layers.js";
import { Run } from "./log.js";
import { Plots, SIDE_BY_SIDE } from "./plots.js";
import { announce, doneOf, LAYER_TABS, OBSERVATORY, PARTS, RUN_ROW, RUNS_HEAD, statusOf } from "./shell.js";

/** @typedef {import("../kit/elements.js").Part} Part */
/** @typedef {import("../payloads.js").Observatory} Data */
/** @typedef {import("../payloads.js").ShownRun & {run: Run}} Shown */
/** @typedef {import("./log.js").Event & {run: Run, place: number}} Finding */

const REDRAW = 180; // milliseconds between two drawings of new data: four runs report four times a second each
const WHOLE_PLAY = 12; // seconds for the whole training when it is played
const MOST_KEPT = 12; // runs whose curves are kept in memory
const LONGEST_CHANGE = 800; // milliseconds that the former runs stay while the first words about others are awaited

export class Observatory extends Playback {
  /** @type {Data} */ data = null;
  /** @type {Map<string, Run>} */ runs = new Map();
  /** @type {Shown[]} */ shown = [];
  /** @type {import("./curves.js").Axis} */ axis = null;
  /** @type {Finding[][]} */ findings = [];
  /** @type {(() => void) | null} */ change = null;
  finding = -1; // the one that is pointed at
  findingsHigh = 0;
  findingsSaid = "";
  said = "";
  x = 0;
  following = true;
  axisName = "epoch";
  window = 0.1;
  scrubbing = false;
  stale = false;
  wasActive = false;
  drawnAt = -Infinity;
  changing = 0;
  turning = 0;
  later = 0;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const facts = { label: t("Training"), play: t("Play through the training (Space)"), of: "run", chip: ".runs .chip" };
    super(parent, "observatory", OBSERVATORY, PARTS, facts);
    this.feed = new Feed(() => this.refresh(), () => this.turned());
    this.plots = new Plots(this);
    this.inside = new Inside(this);
    this.listen();
  }

  // ---- data ----

  get themes() {
    return this.data?.theme;
  }

  ids() {
    return this.shown.map(({ key }) => key);
  }

  get end() {
    return this.newest();
  }

  /** @param {Data} data */
  update(data) {
    const said = JSON.stringify(data);
    if (!data || said === this.said) return this.restyle();
    this.said = said;
    const next = data.runs.map((fact) => {
      if (!this.runs.has(fact.key)) this.runs.set(fact.key, new Run(fact.key));
      const run = this.runs.get(fact.key);
      run.told = fact.state;
      return { ...fact, run };
    });
    for (const { run, log } of next) if (log && !run.state) this.feed.open(run, log);
    this.feed.watch(next.filter(({ log }) => !log).map(({ run }) => run), data.base, data.visitor);
    clearTimeout(this.changing);
    this.change = () => this.replace(data, next);
    // What is on the screen stays there until something is known of what takes its place.
    if (!this.shown.length || next.every(({ run }) => run.known)) this.change();
    else this.changing = window.setTimeout(() => this.change?.(), LONGEST_CHANGE);
  }

  /** These runs are on the screen from now on. @param {Data} data @param {Shown[]} next */
  replace(data, next) {
    const before = this.shown.map(({ run }) => run.key).join();
    this.change = null;
    Object.assign(this, { data, shown: next });
    const keys = new Set(data.runs.map(({ key }) => key));
    for (const key of this.runs.keys()) if (this.runs.size > MOST_KEPT && !keys.has(key)) this.runs.delete(key);
    if (before !== [...keys].join()) this.begin();
    this.look = null;
    this.restyle();
    this.refresh();
  }

  /** Other runs: the newest is shown, axes begin anew. */
  begin() {
    this.following = true;
    this.setPlaying(false);
    this.finding = -1;
    this.inside.reset();
    this.plots.resetScales();
    this.hideTip();
    this.findingsHigh = 0;
    this.wasActive = false;
    this.parts.findings.style.minHeight = "";
  }

  /** New data: figures are drawn anew, at most five times a second. */
  refresh() {
    if (this.change && this.feed.runs.every((run) => run.known)) this.change();
    this.stale = true;
    this.touch();
  }

  /** The state of a run has changed: the page may have other buttons to show. */
  turned() {
    clearTimeout(this.turning); // several runs often turn together: one rerun of the page is enough
    this.turning = window.setTimeout(() => {
      this.parts.status.textContent = announce(this.shown);
      const states = this.shown.map(({ run }) => [run.key, run.state?.state ?? run.told]);
      this.setTriggerValue("state", Object.fromEntries(states));
    }, 100);
  }

  // ---- look ----

  relook() {
    const { look, data } = this;
    const heat = look.heat.map((/** @type {string} */ color) => new Uint32Array(Uint8Array.from(rgb(color)).buffer)[0]);
    const color = (/** @type {Run} */ run) => this.shown.find((one) => one.run === run)?.[look.scheme] ?? look.accent;
    Object.assign(look, { heat, color, marks: data.marks });
    this.fillRuns();
    this.layout();
    this.refresh();
  }

  /** @param {number} place */
  color(place) {
    return this.shown[place][this.look.scheme];
  }

  layout() {
    const { width, look } = this;
    if (!width || !look) return;
    this.root.classList.toggle("narrow", width < SIDE_BY_SIDE);
    this.plots.layout(width, look);
    this.refresh();
  }

  // ---- runs, chips, findings ----

  fillRuns() {
    const { parts, look } = this;
    if (!look) return;
    if (!parts.runs.firstElementChild) parts.runs.innerHTML = RUNS_HEAD;
    keepChildren(parts.runs, this.shown.length + 1, RUN_ROW).slice(1).forEach((row, place) => {
      const fact = this.shown[place];
      const chip = row.querySelector(".chip");
      row.dataset.run = chip.dataset.run = place;
      const html = `${this.sample(place)}<span class="name">${escapeText(fact.label)}</span>`;
      setHtml(chip, html);
      chip.title = t("{run}: click hides or shows, double click shows it alone", { run: fact.label });
    });
    const stored = this.shown.length > 0 && this.shown.every((fact) => fact.stored);
    this.root.classList.toggle("stored", stored);
    this.root.classList.toggle("several", this.shown.length > 1);
    setText(parts["stored-note"], this.data.note);
    parts["stored-note"].hidden = !this.data.note;
    this.lineup.show();
  }

  /** State and numbers of every run, at the slider's step. */
  tellRuns() {
    [...this.parts.runs.children].slice(1).forEach((row, place) => {
      const { run } = this.shown[place];
      const { text, alarm = false, share } = statusOf(run);
      const words = row.querySelector(".words");
      setText(words, text);
      words.title = text;
      row.classList.toggle("alarmed", alarm);
      row.dataset.state = run.state?.state ?? "";
      row.classList.toggle("active", run.active);
      row.querySelector(".bar-of-progress > i").style.transform = `scaleX(${clamp(share ?? doneOf(run), 0, 1)})`;
      const step = this.stepOf(run);
      const window = this.windowOf(run);
      const i = lastAtMost(run.validations.step, run.validations.length, step);
      const values = [
        steady(run.mean("loss", step, window)),
        partOf(run.mean("accuracy", step, window)),
        i < 0 ? "–" : steady(run.validations.loss[i]),
        i < 0 ? "–" : partOf(run.validations.accuracy[i]),
      ];
      [...row.querySelectorAll(".number")].forEach((cell, k) => setText(cell, values[k]));
    });
    const start = this.focus?.start;
    setText(this.parts.title, start ? start.title : "");
    setText(this.parts.stamp, start ? stampOf(start) : "");
  }

  /** The findings of all runs, numbered as in the figures; what several runs have in common is one finding. */
  findFindings() {
    /** @type {Map<string, Finding[]>} */
    const found = new Map();
    this.shown.forEach(({ run }, place) => {
      if (this.isHidden(place)) return;
      for (const finding of run.findings.values()) {
        if (!found.has(finding.sentence)) found.set(finding.sentence, []);
        found.get(finding.sentence).push({ ...finding, run, place });
      }
    });
    this.findings = [...found.values()];
  }

  tellFindings() {
    const { findings } = this.parts;
    this.findFindings();
    const words = this.findings.map((group) => group.map(({ sentence, place }) => [sentence, place]));
    const said = JSON.stringify([words, this.shown.length, this.look.scheme]);
    if (said === this.findingsSaid) return;
    this.findingsSaid = said;
    const html = `<li><button type="button" class="finding"><b></b><span></span></button></li>`;
    keepChildren(findings, this.findings.length, html).forEach((item, i) => {
      const [button] = item.children;
      button.dataset.finding = i;
      button.title = t("Goes to the evidence");
      setText(button.firstElementChild, String(i + 1));
      const samples = this.shown.length > 1 ? this.findings[i].map(({ place }) => this.sample(place)).join("") : "";
      button.lastElementChild.innerHTML = `${samples}${escapeText(this.findings[i][0].sentence)}`;
    });
    // Sentences come and go while it trains; the figures below stay where they are.
    this.findingsHigh = Math.max(this.findingsHigh || 0, findings.offsetHeight);
    findings.style.minHeight = `${this.findingsHigh}px`;
  }

  /** A run's line with its mark, as an element. @param {number} place */
  sample(place) {
    return lineSample({ dash: [], marker: this.shown[place].marker }, this.color(place), this.look.background);
  }

  /** @param {number} place */
  isHidden(place) {
    return this.lineup.isHidden(place);
  }

  redraw() {
    for (const chart of this.plots.all) chart.dirty = true;
    this.refresh();
  }

  // ---- the place along the training ----

  /** The run whose inside is shown, and whose steps the slider counts. */
  get focus() {
    return this.shown[this.inside.chosen]?.run;
  }

  /** @param {Run} run @returns {number} */
  stepOf(run) {
    return this.following ? run.lastStep : run.stepAt(this.axisName, this.x);
  }

  /** @param {Run} run */
  windowOf(run) {
    return Math.max(1, Math.round(this.window * (run.start?.steps_per_epoch || 1)));
  }

  newest() {
    return Math.max(0, ...this.shown.map(({ run }) => run.xOf(this.axisName, run.lastStep)));
  }

  get active() {
    return this.shown.some(({ run }) => run.active);
  }

  /** The axis along the training that all figures share. */
  findAxis() {
    const name = this.axisName;
    const ends = this.shown.map(({ run }) => {
      if (!run.start) return 0;
      if (name !== "seconds") return run.xOf(name, run.start.steps);
      return run.xOf(name, run.lastStep) + (run.active ? run.secondsLeft || 0 : 0);
    });
    let end = Math.max(0, ...ends) || 1;
    if (name === "seconds") {
      // The time to go is a guess: the axis moves only where it is far off.
      const held = this.axis?.name === name ? this.axis.end : 0;
      end = end <= held && end > 0.6 * held && this.active ? held : niceAbove(end);
    }
    /** @type {Record<string, (x: number) => string>} */
    const text = {
      step: (x) => t("step {step:count}", { step: x }),
      epoch: (x) => t("epoch {epoch:digits}", { epoch: x }),
      seconds: (x) => `${count(x)} s`,
    };
    this.axis = { name, end, known: ends.some((one) => one > 0), whole: name === "step", text: text[name] };
  }

  /** @param {number} x */
  seek(x) {
    this.setPlaying(false);
    const newest = this.newest();
    this.x = clamp(x, 0, newest);
    this.following = this.x >= newest;
    this.touch();
  }

  /** To the next or former look into the net. @param {number} by */
  stepBy(by) {
    const run = this.focus;
    if (!run?.probes.length) return;
    const steps = run.probes.map(({ step }) => step);
    const here = this.stepOf(run);
    let i = lastAtMost(steps, steps.length, here);
    if (by < 0 && i >= 0 && steps[i] < here) i += 1;
    const to = i + by;
    if (to >= steps.length) return this.seek(this.newest());
    this.seek(to < 0 ? 0 : run.xOf(this.axisName, steps[to]));
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    if (playing && this.x >= this.newest()) this.x = 0;
    if (playing) this.following = false;
    super.setPlaying(playing);
  }

  /** @param {number} now */
  advance(now) {
    this.x += (this.passed(now) * this.axis.end) / WHOLE_PLAY;
    if (this.x < this.newest()) return;
    this.following = true;
    this.setPlaying(false);
  }

  /** @param {string} name */
  setAxis(name) {
    const run = this.focus;
    const step = run ? this.stepOf(run) : 0;
    this.axisName = name;
    if (run) this.x = run.xOf(name, step);
    this.refresh();
  }

  // ---- drawing ----

  get ready() {
    if (!this.data || !this.look) return false;
    if (!this.axis) this.findAxis();
    return true;
  }

  /** @param {number} now */
  draw(now) {
    const wait = REDRAW - (now - this.drawnAt);
    if (this.stale && wait > 0) {
      clearTimeout(this.later);
      this.later = window.setTimeout(() => this.touch(), wait);
    } else if (this.stale) {
      this.stale = false;
      this.drawnAt = now;
      this.takeIn();
    }
    if (this.following) this.x = this.newest();
    this.plots.draw({ raised: this.raised }, this.x, this.near);
    this.tellRuns();
    this.tellStep();
    this.inside.draw();
    this.root.dataset.painted = this.shown.map(({ run }) => run.key).join(" ");
  }

  /** New data go into the figures. */
  takeIn() {
    this.inside.choose(this.shown);
    this.findAxis();
    this.tellFindings();
    const placed = this.shown.map((fact, place) => ({ ...fact, place }));
    this.plots.takeIn(placed.filter(({ place }) => !this.isHidden(place)));
    this.inside.spoil();
  }

  tellStep() {
    const { parts, focus, axis } = this;
    const newest = this.newest();
    if (focus) {
      const step = this.stepOf(focus);
      const facts = { step, steps: focus.start?.steps, epoch: focus.xOf("epoch", step).toFixed(1) };
      const text = focus.start
        ? t("step {step:count} / {steps:count} · epoch {epoch}", facts)
        : t("step {step:count}", { step });
      this.root.dataset.step = String(step);
      this.showPlace(text, Math.min(this.x / axis.end, 1));
    }
    parts.scrub.max = axis.end;
    if (!this.scrubbing) parts.scrub.value = this.x;
    parts.scrub.style.setProperty("--there", `${(100 * Math.min(newest, axis.end)) / axis.end}%`);
    this.wasActive ||= this.active;
    parts.live.hidden = !this.wasActive;
    parts.live.style.visibility = this.active ? "" : "hidden"; // keeps its room: the slider does not change its length
    parts.live.classList.toggle("on", this.following);
    parts.live.setAttribute("aria-pressed", String(this.following));
    parts.live.title = this.following ? t("Follows the training") : t("Follow the training again (End)");
    this.root.dataset.following = String(this.following);
  }

  // ---- findings ----

  /** @param {number} i */
  pointAt(i) {
    if (i === this.finding) return;
    this.finding = i;
    this.plots.addBands();
    this.touch();
  }

  /** @param {number} i */
  goTo(i) {
    if (!this.findings[i]) return;
    const [finding] = this.findings[i];
    if (this.shown.length > 1) this.inside.pick(finding.place);
    if (LAYER_TABS[finding.curve]) this.inside.openTab("layers", finding.curve);
    this.seek(finding.run.xOf(this.axisName, finding.last));
  }

  // ---- tooltip ----

  /** @param {import("./curves.js").Near | null} near @param {number} x @param {number} y */
  showTip(near, x, y) {
    if (near || this.near) this.touch();
    this.near = near;
    if (!near) return this.hideTip();
    const { series, i, figure } = near;
    const layer = series.kind === "layer";
    if (!layer) this.raise(series.run);
    const run = layer ? /** @type {any} */ (figure).run : this.shown[series.run].run;
    const step = layer ? run.probes[i].step : run.stepAt(this.axisName, series.x(i));
    const value = series.y(i);
    const facts = { name: figure.title.toLowerCase(), value: figure.percent ? partOf(value) : steady(value) };
    /** @type {Record<string, string>} */
    const words = {
      layer: facts.value,
      training: figure.keyed ? t("training {name} {value}", facts) : `${facts.name} ${facts.value}`,
      validation: t("validation {name} {value}", facts),
      averaged: t("averaged weights, {name} {value}", facts),
    };
    const place = { step, epoch: run.xOf("epoch", step).toFixed(1), seconds: run.xOf("seconds", step) };
    const lines = [words[series.kind], t("step {step:count}, epoch {epoch}, {seconds:steady} s", place)];
    const line = { dash: series.dash || DASHES[series.kind], marker: series.marker };
    const sample = lineSample(line, series.color, this.look.background);
    this.tip.show(tipHtml(sample, layer ? series.label : this.shown[series.run].label, lines), x, y, this.width);
  }

  hideTip() {
    super.hideTip();
    this.raise(-1);
  }

  // ---- events ----

  listen() {
    const { root, parts } = this;
    root.addEventListener("change", (event) => this.onChange(/** @type {Part} */ (event.target)));
    parts.scrub.addEventListener("pointerdown", () => (this.scrubbing = true));
    for (const end of ["pointerup", "pointercancel", "blur"]) {
      parts.scrub.addEventListener(end, () => {
        this.scrubbing = false;
        this.touch();
      });
    }
    this.listenToNames(parts.runs);
    for (const begin of ["pointerover", "focusin"]) {
      parts.findings.addEventListener(begin, (/** @type {Event} */ event) => this.pointAt(numberUnder(event, "finding")));
    }
    for (const end of ["pointerleave", "focusout"]) parts.findings.addEventListener(end, () => this.pointAt(-1));
    for (const chart of this.plots.all) this.listenToChart(chart, (px, py) => chart.nearest(px, py));
  }

  acts() {
    const { first, play } = super.acts();
    return { first, play, live: () => this.seek(this.newest()) };
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const at = (/** @type {string} */ name) => /** @type {Part} */ (event.target).closest?.(`[data-${name}]`)?.dataset;
    if (at("pick")) return this.inside.pick(Number(at("pick").pick));
    if (at("tab")) return this.inside.openTab(at("tab").group, at("tab").tab);
    if (at("finding")) return this.goTo(Number(at("finding").finding));
    super.onClick(event);
  }

  /** @param {Part} target */
  onChange(target) {
    if (target.name === "axis") this.setAxis(target.value);
    if (target.name === "mode") this.inside.mode = target.value;
    if (target === this.parts.log) this.plots.setLog(target.checked);
    if (target === this.parts.window) this.window = Number(target.value);
    if (target.matches(".two")) this.inside.pickTwo(target.checked);
    this.refresh();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const target = /** @type {Part} */ (event.target);
    if (!target.matches("[role=tab]")) return super.onKey(event);
    const tab = { ArrowLeft: target.previousElementSibling, ArrowRight: target.nextElementSibling }[event.key];
    if (!tab) return super.onKey(event);
    tab.focus();
    tab.click();
    event.preventDefault();
    event.stopPropagation();
  }

  // ---- end ----

  release() {
    super.release();
    this.feed.end();
    this.inside.release();
    for (const timer of [this.later, this.turning, this.changing]) clearTimeout(timer);
  }
}

/** A training in small print. @param {Record<string, any>} start */
function stampOf(start) {
  const size = start.parameters >= 1e5 ? amount(start.parameters) : count(start.parameters);
  return t("{size} parameters · batch {batch:count} · {device}", { size, batch: start.batch, device: start.device });
}

export default await mounted(Observatory, "observatory/observatory.css");
