// The state of one observatory, its events, and the function that Streamlit calls.
//
// An observatory lives as long as its parent element; an update keeps what is loaded and what the viewer has set.
// One place along the training, `x` in the units of the chosen axis, ties all figures together.

import { icon, lineSample, threeDigits } from "../kit/marks.js";
import { mounted } from "../kit/mount.js";
import { clamp, escapeText, isDark, rgb, watchTheme } from "../kit/view.js";
import { DASHES, niceAbove } from "./curves.js";
import { Feed } from "./feed.js";
import { Inside } from "./inside.js";
import { percent } from "./layers.js";
import { lastAtMost, Run } from "./log.js";
import { keepChildren, setText } from "./pictures.js";
import { Plots, SIDE_BY_SIDE } from "./plots.js";
import { announce, buildObservatory, doneOf, LAYER_TABS, RUN_ROW, RUNS_HEAD, statusOf, whole } from "./shell.js";

const REDRAW = 180; // milliseconds between two drawings of new data: four runs report four times a second each
const WHOLE_PLAY = 12; // seconds for the whole training when it is played
const MOST_KEPT = 12; // runs whose curves are kept in memory
const LONGEST_CHANGE = 800; // milliseconds that the former runs stay while the first words about others are awaited

class Observatory {
  constructor(parent) {
    this.root = buildObservatory();
    this.root.observatory = this;
    parent.append(this.root);
    this.parts = this.findParts();
    this.runs = new Map();
    this.shown = [];
    Object.assign(this, { x: 0, following: true, playing: false, width: 0 });
    Object.assign(this, { raised: -1, near: null, findings: [], finding: -1 });
    this.axisName = "epoch";
    this.window = 0.1;
    this.hidden = new Set();
    this.frame = this.frame.bind(this);
    this.feed = new Feed(() => this.refresh(), () => this.turned());
    this.plots = new Plots(this);
    this.inside = new Inside(this);
    this.listen();
  }

  findParts() {
    const parts = {};
    const names =
      "title stamp log window runs stored-note findings charts loss accuracy rate norm transport scrub step live " +
      "inside looks picks layers-panes pictures-panes tip mode";
    for (const name of names.split(" ")) parts[name] = this.root.querySelector(`.${name}`);
    parts.status = this.root.querySelector("[role=status]");
    parts.play = this.root.querySelector("[data-act=play]");
    return parts;
  }

  // ---- data ----

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
    this.feed.watch(next.map(({ run }) => run), data.base, data.visitor);
    clearTimeout(this.changing);
    this.change = () => this.replace(data, next);
    // What is on the screen stays there until something is known of what takes its place.
    if (!this.shown.length || next.every(({ run }) => run.known)) this.change();
    else this.changing = setTimeout(() => this.change?.(), LONGEST_CHANGE);
  }

  /** These runs are on the screen from now on. */
  replace(data, next) {
    const before = this.shown.map(({ run }) => run.key).join();
    this.change = null;
    Object.assign(this, { data, shown: next });
    const keys = new Set(data.runs.map(({ key }) => key));
    for (const key of this.runs.keys()) if (this.runs.size > MOST_KEPT && !keys.has(key)) this.runs.delete(key);
    if (before !== [...keys].join()) this.begin();
    this.look = null;
    this.restyle();
    this.fillRuns();
    this.layout();
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
    this.turning = setTimeout(() => {
      this.parts.status.textContent = announce(this.shown);
      const states = this.shown.map(({ run }) => [run.key, run.state?.state ?? run.told]);
      this.setTriggerValue?.("state", Object.fromEntries(states));
    }, 100);
  }

  // ---- look ----

  restyle() {
    if (!this.data) return;
    const scheme = isDark(this.root) ? "dark" : "light";
    const font = getComputedStyle(this.root).fontFamily;
    const fontSize = this.width >= 600 || !this.width ? 14 : 12;
    if (this.look?.scheme === scheme && this.look.font === font && this.look.fontSize === fontSize) return;
    const colors = this.data.theme[scheme];
    const named = ["background", "text", "muted", "grid", "panel", "accent", "halo", "alarm", "deep"];
    for (const name of named) this.root.style.setProperty(`--${name}`, colors[name]);
    const packed = colors.heat.map((color) => new Uint32Array(Uint8Array.from(rgb(color)).buffer)[0]);
    this.look = {
      ...colors, scheme, font, fontSize, heat: packed, marks: this.data.marks,
      color: (run) => this.shown.find((one) => one.run === run)?.[scheme] ?? colors.accent,
    };
    this.root.dataset.scheme = scheme;
    this.fillRuns();
    this.layout();
    this.refresh();
  }

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
      if (chip.said !== html) chip.innerHTML = chip.said = html;
      chip.title = `${fact.label}: click hides or shows, double click shows it alone`;
    });
    const stored = this.shown.length > 0 && this.shown.every((fact) => fact.stored);
    this.root.classList.toggle("stored", stored);
    this.root.classList.toggle("several", this.shown.length > 1);
    setText(parts["stored-note"], this.data.note);
    parts["stored-note"].hidden = !this.data.note;
    this.showHidden();
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
        threeDigits(run.mean("loss", step, window)),
        percent(run.mean("accuracy", step, window)),
        i < 0 ? "–" : threeDigits(run.validations.loss[i]),
        i < 0 ? "–" : percent(run.validations.accuracy[i]),
      ];
      row.querySelectorAll(".number").forEach((cell, k) => setText(cell, values[k]));
    });
    const start = this.focus?.start;
    setText(this.parts.title, start ? start.title : "");
    setText(this.parts.stamp, start ? stampOf(start) : "");
  }

  /** The findings of all runs, numbered as in the figures; what several runs have in common is one finding. */
  findFindings() {
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
      button.title = "Goes to the evidence";
      setText(button.firstElementChild, String(i + 1));
      const samples = this.shown.length > 1 ? this.findings[i].map(({ place }) => this.sample(place)).join("") : "";
      button.lastElementChild.innerHTML = `${samples}${escapeText(this.findings[i][0].sentence)}`;
    });
    // Sentences come and go while it trains; the figures below stay where they are.
    this.findingsHigh = Math.max(this.findingsHigh || 0, findings.offsetHeight);
    findings.style.minHeight = `${this.findingsHigh}px`;
  }

  /** A run's line with its mark, as an element. */
  sample(place) {
    return lineSample({ dash: [], marker: this.shown[place].marker }, this.color(place), this.look.background);
  }

  isHidden(place) {
    return this.hidden.has(this.shown[place]?.key);
  }

  toggle(place) {
    const { key } = this.shown[place];
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.showHidden();
  }

  isolate(place) {
    const others = this.shown.filter((_, i) => i !== place);
    const alone = !this.isHidden(place) && others.every(({ key }) => this.hidden.has(key));
    this.hidden.clear();
    if (!alone) for (const { key } of others) this.hidden.add(key);
    this.showHidden();
  }

  showHidden() {
    for (const chip of this.parts.runs.querySelectorAll(".chip")) {
      const hidden = this.isHidden(Number(chip.dataset.run));
      chip.classList.toggle("hidden", hidden);
      chip.setAttribute("aria-pressed", String(!hidden));
    }
    this.refresh();
  }

  raise(place) {
    if (place >= 0 && this.isHidden(place)) place = -1;
    if (place === this.raised) return;
    this.raised = place;
    this.root.classList.toggle("raising", place >= 0);
    for (const chip of this.parts.runs.querySelectorAll(".chip")) {
      chip.classList.toggle("raised", Number(chip.dataset.run) === place);
    }
    for (const chart of this.plots.all) chart.dirty = true;
    this.touch();
  }

  // ---- the place along the training ----

  /** The run whose inside is shown, and whose steps the slider counts. */
  get focus() {
    return this.shown[this.inside.chosen]?.run;
  }

  stepOf(run) {
    return this.following ? run.lastStep : run.stepAt(this.axisName, this.x);
  }

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
    const text = {
      step: (x) => `step ${whole(x)}`,
      epoch: (x) => `epoch ${threeDigits(x).replace(/\.0+$/, "")}`,
      seconds: (x) => `${whole(x)} s`,
    };
    this.axis = { name, end, known: ends.some((one) => one > 0), whole: name === "step", text: text[name] };
  }

  seek(x) {
    this.setPlaying(false);
    const newest = this.newest();
    this.x = clamp(x, 0, newest);
    this.following = this.x >= newest;
    this.touch();
  }

  /** To the next or former look into the net. */
  stepBy(count) {
    const run = this.focus;
    if (!run?.probes.length) return;
    const steps = run.probes.map(({ step }) => step);
    const here = this.stepOf(run);
    let i = lastAtMost(steps, steps.length, here);
    if (count < 0 && i >= 0 && steps[i] < here) i += 1;
    const to = i + count;
    if (to >= steps.length) return this.seek(this.newest());
    this.seek(to < 0 ? 0 : run.xOf(this.axisName, steps[to]));
  }

  setPlaying(playing) {
    if (playing && this.x >= this.newest()) this.x = 0;
    this.playing = playing;
    this.clock = undefined;
    if (playing) this.following = false;
    this.root.dataset.playing = String(playing);
    const label = playing ? "Pause (Space)" : "Play through the training (Space)";
    this.parts.play.innerHTML = icon(playing ? "pause" : "play");
    this.parts.play.setAttribute("aria-label", label);
    this.parts.play.title = label;
    this.touch();
  }

  advance(now) {
    const passed = Math.min(0.1, Math.max(0, (now - (this.clock ?? now)) / 1000));
    this.clock = now;
    const newest = this.newest();
    this.x += (passed * this.axis.end) / WHOLE_PLAY;
    if (this.x < newest) return;
    this.following = true;
    this.setPlaying(false);
  }

  setAxis(name) {
    const run = this.focus;
    const step = run ? this.stepOf(run) : 0;
    this.axisName = name;
    if (run) this.x = run.xOf(name, step);
    this.refresh();
  }

  // ---- drawing ----

  touch() {
    this.dirty = true;
    this.request ||= requestAnimationFrame(this.frame);
  }

  frame(now) {
    this.request = 0;
    if (!this.data || !this.look || !this.width || !this.root.isConnected) return;
    if (!this.axis) this.findAxis();
    if (this.playing) this.advance(now);
    if (this.dirty || this.playing) this.draw(now);
    if (this.playing) this.request ||= requestAnimationFrame(this.frame);
  }

  draw(now) {
    this.dirty = false;
    const wait = REDRAW - (now - (this.drawnAt ?? -Infinity));
    if (this.stale && wait > 0) {
      clearTimeout(this.later);
      this.later = setTimeout(() => this.touch(), wait);
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
      const steps = focus.start ? ` / ${whole(focus.start.steps)}` : "";
      const epoch = focus.start ? ` · epoch ${focus.xOf("epoch", step).toFixed(1)}` : "";
      const text = `step ${whole(step)}${steps}${epoch}`;
      this.root.dataset.step = String(step);
      if (parts.step.textContent !== text) {
        parts.step.textContent = text;
        parts.scrub.setAttribute("aria-valuetext", text);
      }
    }
    parts.scrub.max = axis.end;
    if (!this.scrubbing) parts.scrub.value = this.x;
    parts.scrub.style.setProperty("--done", `${(100 * Math.min(this.x, axis.end)) / axis.end}%`);
    parts.scrub.style.setProperty("--there", `${(100 * Math.min(newest, axis.end)) / axis.end}%`);
    this.wasActive ||= this.active;
    parts.live.hidden = !this.wasActive;
    parts.live.style.visibility = this.active ? "" : "hidden"; // keeps its room: the slider does not change its length
    parts.live.classList.toggle("on", this.following);
    parts.live.setAttribute("aria-pressed", String(this.following));
    parts.live.title = this.following ? "Follows the training" : "Follow the training again (End)";
    this.root.dataset.following = String(this.following);
  }

  // ---- findings ----

  pointAt(i) {
    if (i === this.finding) return;
    this.finding = i;
    this.plots.addBands();
    this.touch();
  }

  goTo(i) {
    if (!this.findings[i]) return;
    const [finding] = this.findings[i];
    if (this.shown.length > 1) this.inside.pick(finding.place);
    if (LAYER_TABS[finding.curve]) this.inside.openTab("layers", finding.curve);
    this.seek(finding.run.xOf(this.axisName, finding.last));
  }

  // ---- tooltip ----

  showTip(near, x, y) {
    if (near || this.near) this.touch();
    this.near = near;
    if (!near) return this.hideTip();
    const { series, i, figure } = near;
    const layer = series.kind === "layer";
    if (!layer) this.raise(series.run);
    const run = layer ? figure.run : this.shown[series.run].run;
    const step = layer ? run.probes[i].step : run.stepAt(this.axisName, series.x(i));
    const value = series.y(i);
    const training = figure.keyed ? "training " : "";
    const words = { training, validation: "validation ", averaged: "averaged weights, " };
    const name = layer ? "" : `${words[series.kind]}${figure.title.toLowerCase()} `;
    const lines = [
      `${name}${figure.percent ? percent(value) : threeDigits(value)}`,
      `step ${whole(step)}, epoch ${run.xOf("epoch", step).toFixed(1)}, ${threeDigits(run.xOf("seconds", step))} s`,
    ];
    const line = { dash: series.dash || DASHES[series.kind], marker: series.marker };
    const sample = lineSample(line, series.color, this.look.background);
    const head = escapeText(layer ? series.label : this.shown[series.run].label);
    const { tip } = this.parts;
    const below = lines.map((one) => `<span>${escapeText(one)}</span>`);
    tip.innerHTML = `<strong>${sample}${head}</strong>${below.join("")}`;
    tip.hidden = false;
    const [left, above] = [x > this.width - 240, y > 120];
    const aside = `${left ? "calc(-100% - 14px)" : "14px"}, ${above ? "calc(-100% - 10px)" : "14px"}`;
    tip.style.transform = `translate(${x}px, ${y}px) translate(${aside})`;
  }

  hideTip() {
    this.near = null;
    this.parts.tip.hidden = true;
    this.raise(-1);
  }

  // ---- events ----

  listen() {
    const { root, parts } = this;
    this.observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width === this.width) return;
      this.width = width;
      this.restyle();
      this.layout();
    });
    this.observer.observe(root);
    this.endWatch = watchTheme(root, () => this.restyle());
    root.addEventListener("click", (event) => this.onClick(event));
    root.addEventListener("dblclick", (event) => {
      const chip = event.target.closest?.(".runs .chip");
      if (chip) this.isolate(Number(chip.dataset.run));
    });
    root.addEventListener("keydown", (event) => this.onKey(event));
    root.addEventListener("change", (event) => this.onChange(event.target));
    parts.scrub.addEventListener("input", () => this.seek(Number(parts.scrub.value)));
    parts.scrub.addEventListener("pointerdown", () => (this.scrubbing = true));
    for (const end of ["pointerup", "pointercancel", "blur"]) {
      parts.scrub.addEventListener(end, () => {
        this.scrubbing = false;
        this.touch();
      });
    }
    const under = ({ target }, name) => Number(target.closest?.(`[data-${name}]`)?.dataset[name] ?? -1);
    parts.runs.addEventListener("pointerover", (event) => this.raise(under(event, "run")));
    parts.runs.addEventListener("pointerleave", () => this.raise(-1));
    parts.findings.addEventListener("pointerover", (event) => this.pointAt(under(event, "finding")));
    parts.findings.addEventListener("focusin", (event) => this.pointAt(under(event, "finding")));
    for (const end of ["pointerleave", "focusout"]) parts.findings.addEventListener(end, () => this.pointAt(-1));
    for (const chart of this.plots.all) this.listenToChart(chart);
  }

  /** Pressing or dragging on a curve goes to that place. */
  listenToChart(chart) {
    const { box } = chart;
    const canvas = box.querySelector(".front");
    let held = false;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !chart.axis) return;
      held = true;
      canvas.setPointerCapture(event.pointerId);
      this.seek(chart.xAt(event.offsetX));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!chart.axis) return;
      if (held) return this.seek(chart.xAt(event.offsetX));
      if (event.pointerType === "touch") return;
      const [here, there] = [this.root.getBoundingClientRect(), box.getBoundingClientRect()];
      const near = chart.nearest(event.offsetX, event.offsetY);
      this.showTip(near, there.left - here.left + event.offsetX, there.top - here.top + event.offsetY);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = false));
    canvas.addEventListener("pointerleave", () => this.showTip(null));
  }

  onClick(event) {
    const at = (selector) => event.target.closest?.(selector);
    const chip = at(".runs .chip");
    if (chip) return this[event.shiftKey ? "isolate" : "toggle"](Number(chip.dataset.run));
    if (at("[data-pick]")) return this.inside.pick(Number(at("[data-pick]").dataset.pick));
    if (at("[data-tab]")) return this.inside.openTab(at("[data-tab]").dataset.group, at("[data-tab]").dataset.tab);
    if (at("[data-finding]")) return this.goTo(Number(at("[data-finding]").dataset.finding));
    const act = at("[data-act]")?.dataset.act;
    if (!act) return;
    if (act === "play") this.setPlaying(!this.playing);
    else this.seek(act === "first" ? 0 : this.newest());
    // After a mouse click the keys belong to the slider again: Space plays, instead of pressing the same button.
    if (event.detail > 0) this.root.focus({ preventScroll: true });
  }

  onChange(target) {
    if (target.name === "axis") this.setAxis(target.value);
    if (target.name === "mode") this.inside.mode = target.value;
    if (target === this.parts.log) this.plots.setLog(target.checked);
    if (target === this.parts.window) this.window = Number(target.value);
    if (target.matches(".two")) this.inside.pickTwo(target.checked);
    this.refresh();
  }

  onKey(event) {
    if (!this.axis || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target, key } = event;
    if (target.matches("[role=tab]")) {
      const tab = { ArrowLeft: target.previousElementSibling, ArrowRight: target.nextElementSibling }[key];
      if (!tab) return;
      tab.focus();
      tab.click();
      event.preventDefault();
      return event.stopPropagation();
    }
    if (target.matches("select, textarea, input:not(.scrub)")) return;
    if (key === " " && target.matches("button")) return; // a focused button is pressed
    const far = event.shiftKey ? 10 : 1;
    const keys = {
      " ": () => this.setPlaying(!this.playing),
      ArrowLeft: () => this.stepBy(-far),
      ArrowRight: () => this.stepBy(far),
      Home: () => this.seek(0),
      End: () => this.seek(this.newest()),
    };
    if (target === this.parts.scrub) Object.assign(keys, { ArrowUp: keys.ArrowRight, ArrowDown: keys.ArrowLeft });
    if (!keys[key]) return;
    keys[key]();
    event.preventDefault();
    event.stopPropagation();
  }

  // ---- end ----

  /** Ends the observatory. */
  release() {
    this.feed.end();
    this.observer.disconnect();
    this.inside.release();
    this.endWatch();
    this.playing = false;
    cancelAnimationFrame(this.request);
    for (const timer of [this.later, this.turning, this.changing]) clearTimeout(timer);
  }
}

/** A training in small print. */
function stampOf(start) {
  const size = start.parameters >= 1e5 ? `${whole(start.parameters / 1000)} k` : whole(start.parameters);
  return `${size} parameters · batch ${whole(start.batch)} · ${start.device}`;
}

export default await mounted(Observatory, "observatory/observatory.css");
