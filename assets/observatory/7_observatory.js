// Observatory, part 7: the state of one observatory, its events, and the function that Streamlit calls.
//
// An observatory lives as long as its parent element; an update keeps what is loaded and what the viewer has set.
// One place along the training, `x` in the units of the chosen axis, ties all figures together.

const REDRAW = 180; // milliseconds between two drawings of new data: four runs report four times a second each
const WHOLE_PLAY = 12; // seconds for the whole training when it is played
const SIDE_BY_SIDE = 700; // pixels, from which two runs stand side by side
const MOST_KEPT = 12; // runs whose curves are kept in memory
const CHART_OF = { loss: "loss", accuracy: "accuracy", rate: "rate", gradients: "norm" };

class Observatory {
  constructor(parent) {
    this.root = buildObservatory();
    this.root.observatory = this;
    parent.append(this.root);
    this.parts = this.findParts();
    this.runs = new Map();
    this.shown = [];
    Object.assign(this, { x: 0, following: true, playing: false, raised: -1, near: null, findings: [], finding: -1, width: 0 });
    this.axisName = "epoch";
    this.window = 0.1;
    this.tab = { layers: "activations", pictures: "filters" };
    this.mode = "heat";
    this.hidden = new Set();
    this.inside = [0];
    this.seenSections = new Set();
    this.frame = this.frame.bind(this);
    this.feed = new Feed(() => this.refresh(), () => this.turned());
    this.charts = {
      loss: new Curves(this.parts.loss, { title: "Loss", labels: false }),
      accuracy: new Curves(this.parts.accuracy, { title: "Accuracy", percent: true, labels: false }),
      rate: new Curves(this.parts.rate, { title: "Learning rate" }),
      norm: new Curves(this.parts.norm, { title: "Length of the whole gradient" }),
    };
    this.resetScales();
    this.listen();
  }

  findParts() {
    const parts = {};
    const names =
      "title stamp log window runs stored-note findings charts loss accuracy rate norm transport scrub step live inside " +
      "looks picks layers-panes pictures-panes tip mode";
    for (const name of names.split(" ")) parts[name] = this.root.querySelector(`.${name}`);
    parts.status = this.root.querySelector("[role=status]");
    parts.play = this.root.querySelector("[data-act=play]");
    return parts;
  }

  // ---- data ----

  update(data) {
    const said = JSON.stringify(data);
    if (!data || said === this.said) return this.restyle();
    const before = this.shown.map(({ run }) => run.key).join();
    this.said = said;
    this.data = data;
    this.shown = data.runs.map((fact) => {
      if (!this.runs.has(fact.key)) this.runs.set(fact.key, new Run(fact.key));
      const run = this.runs.get(fact.key);
      run.told = fact.state;
      return { ...fact, run };
    });
    const keys = new Set(data.runs.map(({ key }) => key));
    for (const key of this.runs.keys()) if (this.runs.size > MOST_KEPT && !keys.has(key)) this.runs.delete(key);
    if (before !== [...keys].join()) this.begin();
    this.feed.watch(this.shown.map(({ run }) => run), data.base, data.visitor);
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
    this.picked = false;
    this.inside = [0];
    this.resetScales();
    this.hideTip();
    this.findingsHigh = 0;
    this.wasActive = false;
    this.parts.findings.style.minHeight = "";
  }

  resetScales() {
    const log = this.parts.log.checked;
    this.charts.loss.scale = new Scale({ log });
    this.charts.accuracy.scale = new Scale({ low: 0, high: 1 });
    this.charts.rate.scale = new Scale();
    this.charts.norm.scale = new Scale({ log: true });
  }

  /** New data: figures are drawn anew, at most five times a second. */
  refresh() {
    this.stale = true;
    this.touch();
  }

  /** The state of a run has changed: the page may have other buttons to show. */
  turned() {
    clearTimeout(this.turning); // several runs often turn together: one rerun of the page is enough
    this.turning = setTimeout(() => {
      this.parts.status.textContent = announce(this.shown);
      this.setTriggerValue?.("state", Object.fromEntries(this.shown.map(({ run }) => [run.key, run.state?.state ?? run.told])));
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
      ...colors, scheme, font, fontSize, heat: packed,
      color: (run) => this.shown.find((one) => one.run === run)?.[scheme] ?? colors.accent,
    };
    this.root.dataset.scheme = scheme;
    this.fillRuns();
    for (const pane of this.panes || []) pane.drawn = "";
    this.layout();
    this.refresh();
  }

  color(place) {
    return this.shown[place][this.look.scheme];
  }

  layout() {
    const { width, parts, look } = this;
    if (!width || !look) return;
    const wide = width >= SIDE_BY_SIDE;
    this.root.classList.toggle("narrow", !wide);
    const half = wide ? Math.floor((width - 20) / 2) : width;
    const tall = wide ? clamp(Math.round(width * 0.24), 190, 300) : 200;
    const sizes = { loss: tall, accuracy: tall, rate: 118, norm: 118 };
    for (const [name, chart] of Object.entries(this.charts)) {
      chart.labels = !wide || name === "rate" || name === "norm";
      chart.resize(half, sizes[name] + (chart.labels ? 0 : 0), look, { bottom: chart.labels ? 1.9 : 0.55 });
      chart.dirty = true;
    }
    parts.charts.style.setProperty("--half", `${half}px`);
    this.buildPanes();
    this.refresh();
  }

  // ---- runs, chips, findings ----

  fillRuns() {
    const { parts, look } = this;
    if (!look) return;
    const rows = [...keepChildren(parts.runs, this.shown.length + 1, RUN_ROW)];
    rows[0].outerHTML.includes("runs-head") || (rows[0].outerHTML = RUNS_HEAD);
    [...parts.runs.children].slice(1).forEach((row, place) => {
      const fact = this.shown[place];
      const chip = row.querySelector(".chip");
      row.dataset.run = chip.dataset.run = place;
      const html = `${this.sample(place)}<span class="name">${escapeText(fact.label)}</span>`;
      if (chip.said !== html) chip.innerHTML = chip.said = html;
      chip.title = `${fact.label}: click hides or shows, double click shows it alone`;
    });
    const stored = this.shown.length > 0 && this.shown.every((fact) => fact.stored);
    this.root.classList.toggle("stored", stored);
    parts["stored-note"].hidden = !stored;
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
    const said = JSON.stringify([this.findings.map((group) => group.map(({ sentence, place }) => [sentence, place])), this.shown.length, this.look.scheme]);
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
    for (const chart of Object.values(this.charts)) chart.dirty = true;
    this.touch();
  }

  // ---- the place along the training ----

  /** The run whose inside is shown, and whose steps the slider counts. */
  get focus() {
    return this.shown[this.inside[0]]?.run;
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
    const text = { step: (x) => `step ${whole(x)}`, epoch: (x) => `epoch ${threeDigits(x).replace(/\.0+$/, "")}`, seconds: (x) => `${whole(x)} s` };
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
    const show = { raised: this.raised };
    for (const [name, chart] of Object.entries(this.charts)) {
      if (chart.dirty) chart.drawBack(show);
      chart.drawFront(this.x, show, this.near);
      chart.front.setAttribute("aria-label", this.chartText(name));
    }
    this.tellRuns();
    this.tellStep();
    this.drawPanes();
    this.root.dataset.painted = this.shown.map(({ run }) => run.key).join(" ");
  }

  /** New data go into the figures. */
  takeIn() {
    if (!this.picked && !this.focus?.start) {
      const first = this.shown.findIndex(({ run }) => run.start);
      if (first >= 0) this.inside = [first];
    }
    this.findAxis();
    this.tellFindings();
    const visible = this.shown.map((fact, place) => ({ ...fact, place })).filter(({ place }) => !this.isHidden(place));
    this.curves(visible, "loss");
    this.curves(visible, "accuracy");
    this.strip(visible, "rate", (run) => [run.ticks.step, run.ticks.rate, run.ticks.length]);
    this.strip(visible, "norm", (run) => [
      run.probes.map(({ step }) => step), run.probes.map(({ total_norm: norm }) => norm), run.probes.length,
    ]);
    this.addGuessing(visible);
    this.addBands();
    for (const pane of this.panes || []) pane.drawn = "";
    this.fillPicks();
  }

  /** One of the two large charts. */
  curves(visible, name) {
    const chart = this.charts[name];
    const series = [];
    const crosses = [];
    for (const { run, place, marker } of visible) {
      const facts = { run: place, color: this.color(place), marker };
      const { each, validations } = run;
      const x = this.placesOf(run);
      const window = this.windowOf(run);
      if (window > 1) series.push(seriesOf({ ...facts, kind: "raw" }, x, (i) => each[name][i], each.length));
      series.push(seriesOf({ ...facts, kind: "training" }, x, (i) => run.mean(name, i + 1, window), each.length));
      const vx = Float64Array.from({ length: validations.length }, (_, i) => run.xOf(this.axisName, validations.step[i]));
      const best = run.best;
      series.push(seriesOf({ ...facts, kind: "validation", best }, vx, (i) => validations[name][i], vx.length));
      const averaged = validations[`average_${name}`];
      if (averaged.subarray(0, vx.length).some(Number.isFinite)) {
        series.push(seriesOf({ ...facts, kind: "averaged" }, vx, (i) => averaged[i], vx.length));
      }
      if (run.end?.word === "diverged") {
        crosses.push({ x: run.xOf(this.axisName, run.end.step), y: run.mean(name, run.end.step - 1, 1), color: facts.color });
      }
    }
    const hollow = !visible.some(({ run }) => run.ticks.length || run.validations.length);
    Object.assign(chart, { series, crosses, axis: this.axis, dirty: true, keyed: visible.length > 1 ? "many" : "single" });
    chart.empty = hollow && visible.length ? this.waitingFor(visible) : "";
    chart.flags = this.flagsOf(visible, false);
    if (name === "loss") this.holdLoss(chart, visible);
  }

  waitingFor(visible) {
    if (visible.every(({ run }) => run.state && !run.active)) return "no curve";
    return visible.some(({ run }) => run.active) ? "the first point comes with the first steps" : "";
  }

  /** Room for the losses; a linear axis leaves out what is far above the loss of guessing. */
  holdLoss(chart, visible) {
    let [low, high] = [Infinity, -Infinity];
    for (const series of chart.series) {
      if (series.kind === "raw") continue;
      for (let i = 0; i < series.count; i++) {
        const value = series.y(i);
        if (!Number.isFinite(value) || (chart.scale.log && value <= 0)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    const guessing = Math.max(0, ...visible.map(({ run }) => Math.log(run.start?.classes.length || 0)).filter(Number.isFinite));
    const initial = Math.max(0, ...visible.map(({ run }) => run.start?.initial_loss || 0));
    high = Math.max(high, guessing);
    if (!(low <= high)) low = 0.5 * guessing;
    const most = Math.max(2 * guessing, Math.min(initial, 12 * guessing));
    chart.cut = !chart.scale.log && high > 1.05 * most;
    if (!chart.scale.log) high = Math.min(high, most);
    if (!guessing) return;
    chart.scale.hold(chart.scale.log ? Math.max(low, high * 1e-9) : 0, high);
  }

  /** One of the two lower charts. `columns(run)` gives steps, values and their count. */
  strip(visible, name, columns) {
    const chart = this.charts[name];
    let [low, high] = [Infinity, -Infinity];
    chart.series = visible.map(({ run, place, marker }) => {
      const [steps, values, count] = columns(run);
      const x = Float64Array.from({ length: count }, (_, i) => run.xOf(this.axisName, steps[i]));
      for (let i = 0; i < count; i++) {
        if (!(values[i] > 0) || !Number.isFinite(values[i])) continue;
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
      }
      return seriesOf({ run: place, kind: "training", color: this.color(place), marker }, x, (i) => values[i], count);
    });
    if (name === "rate") {
      // A rate that spends most of its time far below its peak is read off a log axis; one that ends near 0 is not.
      const [, values, count] = visible.length ? columns(visible[0].run) : [0, [], 0];
      const log = count > 8 && Float64Array.from(values.slice(0, count)).sort()[count >> 2] < high / 50;
      if (log !== chart.scale.log) chart.scale = new Scale({ log });
      chart.scale.hold(log ? Math.max(low, high * 1e-5) : 0, high);
    } else chart.scale.hold(Math.max(low, high * 1e-9), high);
    Object.assign(chart, { axis: this.axis, dirty: true, flags: this.flagsOf(visible, name === "rate") });
  }

  /** The places of all steps of a run on the axis. */
  placesOf(run) {
    const said = `${run.version} ${this.axisName}`;
    if (run.placesSaid === said) return run.places;
    const { each, ticks } = run;
    const places = new Float64Array(each.length);
    if (this.axisName === "seconds") {
      let [i, s0, t0] = [0, 0, 0];
      for (let step = 1; step <= each.length; step++) {
        while (i < ticks.length && ticks.step[i] < step) [s0, t0, i] = [ticks.step[i], ticks.seconds[i], i + 1];
        places[step - 1] = i < ticks.length ? t0 + ((step - s0) / (ticks.step[i] - s0)) * (ticks.seconds[i] - t0) : t0;
      }
    } else {
      const per = this.axisName === "epoch" ? run.start?.steps_per_epoch || 1 : 1;
      for (let i = 0; i < places.length; i++) places[i] = (i + 1) / per;
    }
    Object.assign(run, { placesSaid: said, places });
    return places;
  }

  flagsOf(visible, named) {
    return visible.flatMap(({ run, place }) =>
      run.changes.map((change) => ({
        x: run.xOf(this.axisName, change.step), color: this.color(place), label: named ? changeText(change) : "",
      })),
    );
  }

  addGuessing(visible) {
    const classes = visible.find(({ run }) => run.start)?.run.start.classes.length;
    const { loss, accuracy } = this.charts;
    loss.lines = classes ? [{ value: Math.log(classes), label: `ln ${classes} = ${threeDigits(Math.log(classes))}, guessing` }] : [];
    accuracy.lines = classes ? [{ value: 1 / classes, label: `guessing, ${threeDigits(100 / classes)} %` }] : [];
  }

  /** Where the evidence of the findings lies. */
  addBands() {
    for (const chart of Object.values(this.charts)) chart.bands = [];
    this.eachFinding((finding, i) => this.charts[CHART_OF[finding.curve]]?.bands.push(this.bandOf(finding, i)));
  }

  eachFinding(act) {
    this.findings.forEach((group, i) => group.forEach((finding) => act(finding, i)));
  }

  bandOf({ run, first, last, layer }, i) {
    const [from, to] = [first, last].map((step) => run.xOf(this.axisName, step));
    return { from, to, layer, number: i + 1, active: i === this.finding };
  }

  chartText(name) {
    const lines = this.shown.map(({ run, label }) => {
      const step = this.stepOf(run);
      const i = lastAtMost(run.validations.step, run.validations.length, step);
      if (name === "loss" || name === "accuracy") {
        const say = name === "loss" ? threeDigits : percent;
        return `${label}: training ${say(run.mean(name, step, this.windowOf(run)))}, validation ${i < 0 ? "–" : say(run.validations[name][i])}`;
      }
      if (name === "norm") return `${label}: ${threeDigits(run.probes.at(step)?.total_norm ?? NaN)}`;
      const k = lastAtMost(run.ticks.step, run.ticks.length, step);
      return `${label}: ${k < 0 ? "–" : threeDigits(run.ticks.rate[k])}`;
    });
    return `${this.charts[name].title} against ${this.axisName}. At the slider: ${lines.join("; ")}.`;
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

  // ---- panes: the inside of one net, or of two side by side ----

  buildPanes() {
    const { parts } = this;
    const count = this.width >= SIDE_BY_SIDE ? this.inside.length : 1;
    const width = count > 1 ? Math.floor((this.width - 28) / 2) : this.width;
    const names = this.inside.slice(0, count).map((place) => this.shown[place]?.key);
    const said = JSON.stringify([names, width, this.tab, this.mode, this.look?.fontSize, this.width < 560]);
    if (said === this.panesSaid) return;
    this.panesSaid = said;
    parts.mode.hidden = !INSIDE[this.tab.layers];
    const html = `<div class="pane"><div class="pane-head"></div><div class="pane-body"></div></div>`;
    const layers = keepChildren(parts["layers-panes"], count, html);
    const pictures = keepChildren(parts["pictures-panes"], count, html);
    const built = [this.tab.layers, INSIDE[this.tab.layers] && this.mode !== "lines" ? "rows" : "lines", this.mode === "lines"].join();
    this.panes = layers.map((layer, i) => {
      const kept = this.panes?.[i]?.built === built ? this.panes[i].view : null;
      const view = kept || this.buildView(layer.lastElementChild);
      const pictureBox = pictures[i].lastElementChild;
      pictureBox.view ||= new Pictures(pictureBox);
      return { place: this.inside[i], width, view, built, heads: [layer, pictures[i]], pictures: pictureBox.view, drawn: "" };
    });
    parts["layers-panes"].setAttribute("aria-label", LAYER_TABS[this.tab.layers]);
    parts["pictures-panes"].setAttribute("aria-label", PICTURE_TABS[this.tab.pictures]);
  }

  /** What a pane holds for the chosen tab: {draw(run, width), moment(run)}. */
  buildView(box) {
    const tab = this.tab.layers;
    box.className = "pane-body";
    if (INSIDE[tab] && this.mode !== "lines") {
      const rows = new Rows(box);
      return {
        rows,
        draw: (run, width) => {
          rows.layout(run.start.layers, width, this.look, this.width < 560);
          rows.drawMaps(run, tab, this.mode, this.axis, this.look);
          this.markLayers(rows, run, tab);
        },
        moment: (run) => rows.drawMoment(run.probes.at(this.stepOf(run)), this.x),
      };
    }
    box.innerHTML = "";
    box.classList.add("lines-body");
    const make = (facts, scale) => {
      const figure = new LayerLines(box.appendChild(Object.assign(document.createElement("div"), { className: "chart" })), facts);
      figure.scale = scale;
      return figure;
    };
    let figures;
    if (tab === "units") {
      figures = [["dead", "Dead units"], ["saturated", "Saturated outputs"]].map(([name, title]) => {
        const figure = make({ name, title, percent: true }, new Scale({ low: 0, high: 1 }));
        figure.lines = [{ value: TOO_MUCH, label: "half" }];
        return figure;
      });
    } else if (tab === "updates") {
      const [low, high] = this.data.healthy;
      figures = [make({ name: "update_ratio", title: "Length of the update over length of the weights" }, new Scale({ log: true }))];
      figures[0].healthy = { low, high, label: "healthy: around 10⁻³" };
    } else figures = [make({ name: INSIDE[tab].lines, title: INSIDE[tab].title }, new Scale({ log: true }))];
    for (const figure of figures) this.listenToChart(figure.box, figure);
    return {
      figures,
      draw: (run, width) => {
        const useful = figures.filter(({ name }) => name !== "saturated" || run.start.bounded.some(Boolean));
        const window = Math.max(1, Math.round((this.window * run.probes.length) / Math.max(run.xOf("epoch", run.lastStep), 1e-9)));
        for (const figure of figures) {
          const each = useful.length > 1 && width >= SIDE_BY_SIDE ? Math.floor((width - 20) / 2) : width;
          figure.box.hidden = !useful.includes(figure);
          figure.box.style.width = `${each}px`;
          const right = width < 480 ? 128 : 178;
          figure.resize(each, clamp(run.start.layers.length * 20 + 90, 300, 460), this.look, { right });
          figure.setRun(run, this.axis, this.look, window);
          figure.bands = [];
          this.eachFinding((finding, i) => {
            const here = tab === "units" ? finding.name === figure.name : finding.curve === tab;
            if (finding.run === run && here) figure.bands.push(this.bandOf(finding, i));
          });
          figure.drawBack({ raised: -1 });
        }
      },
      moment: () => {
        for (const figure of figures) if (figure.axis) figure.drawFront(this.x, { raised: this.near?.figure === figure ? this.near.series.run : -1 }, this.near);
      },
    };
  }

  /** The evidence of findings that lies in layers: a shaded band over the maps, and its number at the layer. */
  markLayers(rows, run, tab) {
    rows.box.querySelectorAll(".band").forEach((band) => band.remove());
    const names = run.start.layers;
    const badges = names.map(() => []);
    this.eachFinding((finding, i) => {
      if (finding.run !== run || finding.curve !== tab) return;
      const at = names.indexOf(finding.layer);
      const [from, to] = [finding.first, finding.last].map((step) => rows.pixelX(run.xOf(this.axisName, step)));
      const band = document.createElement("div");
      band.className = `band${i === this.finding ? " active" : ""}`;
      const lies = rows.narrow ? 0 : rows.side;
      const first = rows.rows[Math.max(at, 0)].map.canvas;
      band.style.left = `${lies + Math.min(from, to - 6)}px`;
      band.style.width = `${Math.max(6, to - from)}px`;
      band.style.top = `${at < 0 ? 0 : first.offsetTop}px`;
      band.style.height = `${at < 0 ? rows.list.offsetHeight : first.offsetHeight}px`;
      rows.box.append(band);
      if (at >= 0) badges[at].push(i + 1);
    });
    rows.rows.forEach(({ name }, i) => name.setAttribute("data-findings", badges[i].join(" ")));
  }

  drawPanes() {
    this.buildPanes();
    for (const pane of this.panes) {
      const fact = this.shown[pane.place];
      const run = fact?.run;
      if (!run) continue;
      this.tellPane(pane, fact);
      const step = this.stepOf(run);
      if (this.seenSections.has(this.parts.inside) && run.start) {
        const said = `${run.version} ${this.axis.end} ${this.axisName} ${this.finding} ${this.window}`;
        if (pane.drawn !== said) {
          pane.view.draw(run, pane.width);
          pane.drawn = said;
        }
        const moment = `${said} ${this.x} ${step} ${this.near?.series?.run} ${this.near?.i}`;
        if (pane.moment !== moment) pane.view.moment(run);
        pane.moment = moment;
      }
      if (this.seenSections.has(this.parts.looks)) pane.pictures.show(run, this.tab.pictures, step);
    }
  }

  tellPane(pane, fact) {
    const several = this.shown.length > 1;
    const empty = fact.run.probes.length ? "" : "What happens inside the net is shown here from the first steps on.";
    pane.heads.forEach((box, i) => {
      const head = box.firstElementChild;
      const html = several ? `${this.sample(pane.place)}<b>${escapeText(fact.label)}</b>` : "";
      if (head.said !== html) head.innerHTML = head.said = html;
      head.hidden = !html || (this.panes.length < 2 && i === 0);
      box.lastElementChild.hidden = i === 0 && Boolean(empty);
      if (i === 0) box.dataset.empty = empty;
    });
  }

  /** With several runs: whose inside is shown. */
  fillPicks() {
    const { picks } = this.parts;
    picks.hidden = this.shown.length < 2;
    if (picks.hidden) return;
    const two = this.inside.length > 1;
    const html =
      `<span class="picks-label">Inside of</span>` +
      this.shown
        .map(
          (fact, place) =>
            `<button type="button" class="chip pick" data-pick="${place}" aria-pressed="${this.inside.includes(place)}">` +
            `${this.sample(place)}<span class="name">${escapeText(fact.label)}</span></button>`,
        )
        .join("") +
      (this.width >= SIDE_BY_SIDE
        ? `<label class="switch"><input type="checkbox" class="two"${two ? " checked" : ""}><span>two side by side</span></label>`
        : "");
    if (picks.said === html) return;
    const kept = picks.contains(this.root.getRootNode().activeElement) ? this.root.getRootNode().activeElement.dataset.pick : undefined;
    picks.innerHTML = picks.said = html;
    if (kept !== undefined) picks.querySelector(`[data-pick="${kept}"]`)?.focus({ preventScroll: true });
  }

  /** Shows the inside of a run; of two, the one that was chosen longer ago gives way. */
  pick(place) {
    this.picked = true;
    if (this.inside.length === 1) this.inside = [place];
    else if (!this.inside.includes(place)) this.inside = [this.inside[1], place].sort();
    this.refresh();
  }

  pickTwo(two) {
    this.picked = true;
    const [first] = this.inside;
    const other = this.shown.findIndex((_, place) => place !== first);
    this.inside = two && other >= 0 ? [first, other].sort() : [first];
    this.refresh();
  }

  openTab(group, name) {
    this.tab[group] = name;
    for (const tab of this.root.querySelectorAll(`[data-group=${group}]`)) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.near = null;
    this.touch();
  }

  // ---- findings ----

  pointAt(i) {
    if (i === this.finding) return;
    this.finding = i;
    this.addBands();
    for (const chart of Object.values(this.charts)) chart.dirty = true;
    this.touch();
  }

  goTo(i) {
    if (!this.findings[i]) return;
    const [finding] = this.findings[i];
    if (this.shown.length > 1) this.pick(finding.place);
    if (LAYER_TABS[finding.curve]) this.openTab("layers", finding.curve);
    this.seek(finding.run.xOf(this.axisName, finding.last));
  }

  // ---- tooltip ----

  showTip(near, x, y) {
    const changed = near?.figure !== this.near?.figure || near?.i !== this.near?.i || near?.series.run !== this.near?.series.run;
    this.near = near;
    if (changed) this.touch();
    if (!near) return this.hideTip();
    const { series, i, figure } = near;
    const layer = series.kind === "layer";
    if (!layer) this.raise(series.run);
    const run = layer ? figure.run : this.shown[series.run].run;
    const step = layer ? run.probes[i].step : run.stepAt(this.axisName, series.x(i));
    const value = series.y(i);
    const words = { training: figure === this.charts.loss || figure === this.charts.accuracy ? "training " : "", validation: "validation ", averaged: "averaged weights, " };
    const name = layer ? "" : `${words[series.kind]}${figure.title.toLowerCase()} `;
    const lines = [
      `${name}${figure.percent ? percent(value) : threeDigits(value)}`,
      `step ${whole(step)}, epoch ${run.xOf("epoch", step).toFixed(1)}, ${threeDigits(run.xOf("seconds", step))} s`,
    ];
    const head = layer
      ? escapeText(series.label)
      : `${lineSample({ dash: DASHES[series.kind], marker: series.marker }, series.color, this.look.background)}${escapeText(this.shown[series.run].label)}`;
    const { tip } = this.parts;
    tip.innerHTML = `<strong>${head}</strong>${lines.map((line) => `<span>${escapeText(line)}</span>`).join("")}`;
    tip.hidden = false;
    const right = x > this.width - 240;
    tip.style.transform = `translate(${x}px, ${y}px) translate(${right ? "calc(-100% - 14px)" : "14px"}, ${y > 120 ? "calc(-100% - 10px)" : "14px"})`;
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
    this.seeing = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.seenSections[isIntersecting ? "add" : "delete"](target);
      this.touch();
    }, { rootMargin: "200px" });
    for (const section of [parts.inside, parts.looks]) this.seeing.observe(section);
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
    parts.runs.addEventListener("pointerover", (event) => this.raise(Number(event.target.closest?.("[data-run]")?.dataset.run ?? -1)));
    parts.runs.addEventListener("pointerleave", () => this.raise(-1));
    const finding = (event) => Number(event.target.closest?.("[data-finding]")?.dataset.finding ?? -1);
    parts.findings.addEventListener("pointerover", (event) => this.pointAt(finding(event)));
    parts.findings.addEventListener("focusin", (event) => this.pointAt(finding(event)));
    for (const end of ["pointerleave", "focusout"]) parts.findings.addEventListener(end, () => this.pointAt(-1));
    for (const chart of Object.values(this.charts)) this.listenToChart(chart.box, chart);
    this.listenToMaps();
  }

  /** Pressing or dragging on a curve goes to that place. */
  listenToChart(box, chart) {
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

  /** The same on the maps of the layers, which come and go. */
  listenToMaps() {
    const box = this.parts["layers-panes"];
    let held = null;
    const seek = (event) => {
      const { left } = held.canvas.getBoundingClientRect();
      const { plot } = held.rows;
      this.seek(clamp((event.clientX - left - plot.left) / (plot.right - plot.left), 0, 1) * this.axis.end);
    };
    box.addEventListener("pointerdown", (event) => {
      const canvas = event.target.closest?.("canvas.map");
      const rows = canvas && this.panes.find((pane) => pane.view.rows?.box.contains(canvas))?.view.rows;
      if (!rows || event.button !== 0) return;
      held = { canvas, rows };
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    box.addEventListener("pointermove", (event) => held && seek(event));
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => (held = null));
  }

  onClick(event) {
    const at = (selector) => event.target.closest?.(selector);
    if (at(".runs .chip")) return event.shiftKey ? this.isolate(Number(at(".chip").dataset.run)) : this.toggle(Number(at(".chip").dataset.run));
    if (at("[data-pick]")) return this.pick(Number(at("[data-pick]").dataset.pick));
    if (at("[data-tab]")) return this.openTab(at("[data-tab]").dataset.group, at("[data-tab]").dataset.tab);
    if (at("[data-finding]")) return this.goTo(Number(at("[data-finding]").dataset.finding));
    const act = at("[data-act]")?.dataset.act;
    if (!act) return;
    ({ first: () => this.seek(0), play: () => this.setPlaying(!this.playing), live: () => this.seek(this.newest()) })[act]();
    // After a mouse click the keys belong to the slider again: Space plays, instead of pressing the same button.
    if (event.detail > 0) this.root.focus({ preventScroll: true });
  }

  onChange(target) {
    if (target.name === "axis") this.setAxis(target.value);
    if (target.name === "mode") this.mode = target.value;
    if (target === this.parts.log) this.charts.loss.scale = new Scale({ log: target.checked });
    if (target === this.parts.window) this.window = Number(target.value);
    if (target.matches(".two")) this.pickTwo(target.checked);
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
    this.seeing.disconnect();
    this.endWatch();
    this.playing = false;
    cancelAnimationFrame(this.request);
    for (const timer of [this.later, this.turning]) clearTimeout(timer);
  }
}

/** A training in small print. */
function stampOf(start) {
  const size = start.parameters >= 1e5 ? `${whole(start.parameters / 1000)} k` : whole(start.parameters);
  return `${size} parameters · batch ${whole(start.batch)} · ${start.device}`;
}

export default mounted(Observatory);
