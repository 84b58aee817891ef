// A training from outside: loss and accuracy, below them learning rate and gradient.

import { t } from "../kit/messages.js";
import { rough, steady } from "../kit/numbers.js";
import { clamp, extent, lastAtMost, Scale } from "../kit/scale.js";
import { Curves, seriesOf } from "./curves.js";
import { partOf } from "./layers.js";
import { AXES } from "./shell.js";

/** @typedef {import("./log.js").Run} Run */
/** @typedef {{run: Run, place: number, marker: string}} Visible a run that is shown, and its place among all */
/** @typedef {import("./observatory.js").Finding} Finding */

export const SIDE_BY_SIDE = 700; // pixels, from which two figures, or the insides of two nets, stand side by side
export const PHONE = 560;
/** @type {Record<string, string>} the chart that the evidence of a finding lies in */
const CHART_OF = { loss: "loss", accuracy: "accuracy", rate: "rate", gradients: "norm" };

export class Plots {
  /** @param {import("./observatory.js").Observatory} view */
  constructor(view) {
    this.view = view;
    const { loss, accuracy, rate, norm } = view.parts;
    /** @type {Record<string, Curves>} */
    this.charts = {
      loss: new Curves(loss, { title: t("Loss"), best: t("lowest") }),
      accuracy: new Curves(accuracy, { title: t("Accuracy"), percent: true, best: t("highest") }),
      rate: new Curves(rate, { title: t("Learning rate") }),
      norm: new Curves(norm, { title: t("Length of the whole gradient") }),
    };
    this.resetScales();
  }

  get all() {
    return Object.values(this.charts);
  }

  resetScales() {
    this.charts.accuracy.scale = new Scale({ low: 0, high: 1 });
    this.charts.rate.scale = new Scale();
    this.charts.norm.scale = new Scale({ log: true });
    this.setLog(this.view.parts.log.checked);
  }

  /** @param {boolean} log */
  setLog(log) {
    this.charts.loss.scale = new Scale({ log });
  }

  /** Two columns where there is room for them; the lower charts then carry the numbers of the common axis.
   * @param {number} width @param {import("../kit/view.js").Look} look */
  layout(width, look) {
    const wide = width >= SIDE_BY_SIDE;
    const half = wide ? Math.floor((width - 20) / 2) : width;
    const tall = wide ? clamp(Math.round(width * 0.24), 190, 300) : 200;
    for (const [name, chart] of Object.entries(this.charts)) {
      const low = name === "rate" || name === "norm";
      chart.labels = low || !wide;
      chart.resize(half, low ? 118 : tall, look);
    }
    this.view.parts.charts.style.setProperty("--half", `${half}px`);
  }

  /** Takes in new data of the runs that are to be seen. @param {Visible[]} visible */
  takeIn(visible) {
    this.curves(visible, "loss");
    this.curves(visible, "accuracy");
    this.strip(visible, "rate", ({ ticks }) => [ticks.step, ticks.rate, ticks.length]);
    this.strip(visible, "norm", ({ probes }) => [
      probes.map(({ step }) => step), probes.map((probe) => probe.total_norm), probes.length,
    ]);
    this.addGuessing(visible);
    this.addBands();
  }

  /** @param {import("./curves.js").Show} show @param {number} x @param {import("./curves.js").Near | null} near */
  draw(show, x, near) {
    for (const [name, chart] of Object.entries(this.charts)) {
      if (chart.dirty) chart.drawBack(show);
      chart.drawFront(x, show, near);
      chart.front.setAttribute("aria-label", this.textOf(name));
    }
  }

  /** One of the two large charts. @param {Visible[]} visible @param {string} name */
  curves(visible, name) {
    const { view } = this;
    const chart = this.charts[name];
    const drawn = visible.map((fact) => this.curvesOf(fact, name));
    const keyed = visible.length > 1 ? "many" : "single";
    Object.assign(chart, { series: drawn.flat(), keyed });
    chart.setAxis(view.axis);
    chart.crosses = visible
      .filter(({ run }) => run.end?.word === "diverged")
      .map(({ run, place }) => ({
        x: run.xOf(view.axisName, run.end.step), y: run.mean(name, run.end.step - 1, 1), color: view.color(place),
      }));
    const none = visible.length && !visible.some(({ run }) => run.ticks.length || run.validations.length);
    chart.empty = none ? this.waitingFor(visible) : "";
    chart.flags = this.flagsOf(visible, false);
    if (name === "loss") this.holdLoss(chart, visible);
  }

  /** @param {Visible} fact @param {string} name */
  curvesOf({ run, place, marker }, name) {
    const { view } = this;
    const facts = { run: place, color: view.color(place), marker };
    const { each, validations } = run;
    const window = view.windowOf(run);
    const x = run.places(view.axisName);
    const vx = Float64Array.from({ length: validations.length }, (_, i) => run.xOf(view.axisName, validations.step[i]));
    const series = [];
    if (window > 1) series.push(seriesOf({ ...facts, kind: "raw" }, x, (i) => each[name][i], each.length));
    series.push(seriesOf({ ...facts, kind: "training" }, x, (i) => run.mean(name, i + 1, window), each.length));
    const validation = { ...facts, kind: "validation", best: run.best(name) };
    series.push(seriesOf(validation, vx, (i) => validations[name][i], vx.length));
    const averaged = validations[`average_${name}`];
    if (averaged.subarray(0, vx.length).some(Number.isFinite)) {
      series.push(seriesOf({ ...facts, kind: "averaged" }, vx, (i) => averaged[i], vx.length));
    }
    return series;
  }

  /** @param {Visible[]} visible */
  waitingFor(visible) {
    if (visible.every(({ run }) => run.state?.state === "missing")) return t("the curves grow here while it trains");
    if (visible.every(({ run }) => run.state && !run.active)) return t("no curve was recorded");
    return visible.some(({ run }) => run.active) ? t("the first point comes with the first steps") : "";
  }

  /** Room for the losses; a linear axis leaves out what is far above the loss of guessing.
   * @param {Curves} chart @param {Visible[]} visible */
  holdLoss(chart, visible) {
    const classes = Math.max(0, ...visible.map(({ run }) => run.start?.classes.length || 0));
    if (classes < 2) return;
    const { log } = chart.scale;
    const guessing = Math.log(classes);
    const ends = chart.series.filter(({ kind }) => kind !== "raw").map(({ count, y }) => extent(count, y, log));
    const low = Math.min(guessing / 2, ...ends.map(([one]) => one));
    const high = Math.max(guessing, ...ends.map(([, one]) => one));
    const initial = Math.max(0, ...visible.map(({ run }) => run.start?.initial_loss || 0));
    const most = Math.max(2 * guessing, Math.min(initial, 12 * guessing));
    chart.cut = !log && high > 1.05 * most;
    if (log) chart.scale.hold(Math.max(low, high * 1e-9), high);
    else chart.scale.hold(0, Math.min(high, most));
  }

  /** One of the two lower charts. `columns(run)` gives steps, values and their count.
   * @param {Visible[]} visible @param {string} name @param {(run: Run) => [ArrayLike<number>, ArrayLike<number>, number]} columns */
  strip(visible, name, columns) {
    const { axisName, axis } = this.view;
    const chart = this.charts[name];
    chart.series = visible.map(({ run, place, marker }) => {
      const [steps, values, count] = columns(run);
      const x = Float64Array.from({ length: count }, (_, i) => run.xOf(axisName, steps[i]));
      const facts = { run: place, kind: "training", color: this.view.color(place), marker };
      return seriesOf(facts, x, (i) => values[i], count);
    });
    const ends = chart.series.map(({ count, y }) => extent(count, y, true));
    const [low, high] = [Math.min(...ends.map(([one]) => one)), Math.max(...ends.map(([, one]) => one))];
    if (name === "rate") {
      const log = visible.some(({ run }) => run.ratesFarBelow(high / 50));
      if (log !== chart.scale.log) chart.scale = new Scale({ log });
    }
    chart.scale.hold(chart.scale.log ? Math.max(low, high * 1e-9) : 0, high);
    chart.flags = this.flagsOf(visible, name === "rate");
    chart.setAxis(axis);
  }

  /** The settings that were changed while it trained. @param {Visible[]} visible @param {boolean} named */
  flagsOf(visible, named) {
    return visible.flatMap(({ run, place }) =>
      run.changes.map((change) => ({
        x: run.xOf(this.view.axisName, change.step),
        color: this.view.color(place),
        label: named ? `${this.view.data.settings[change.field]} ${rough(change.value)}` : "",
      })),
    );
  }

  /** @param {Visible[]} visible */
  addGuessing(visible) {
    const classes = visible.find(({ run }) => run.start)?.run.start.classes.length;
    const { loss, accuracy } = this.charts;
    const even = t("ln {n} = {loss:steady}, guessing", { n: classes, loss: Math.log(classes) });
    loss.lines = classes ? [{ value: Math.log(classes), label: even }] : [];
    accuracy.lines = classes ? [{ value: 1 / classes, label: t("guessing, {share:steady} %", { share: 100 / classes }) }] : [];
  }

  /** Where the evidence of the findings lies. */
  addBands() {
    for (const chart of this.all) {
      chart.bands = [];
      chart.dirty = true;
    }
    this.eachFinding((finding, i) => this.charts[CHART_OF[finding.curve]]?.bands.push(this.bandOf(finding, i)));
  }

  /** @param {(finding: Finding, i: number) => void} act */
  eachFinding(act) {
    this.view.findings.forEach((group, i) => group.forEach((finding) => act(finding, i)));
  }

  /** @param {Finding} finding @param {number} i */
  bandOf({ run, first, last }, i) {
    const [from, to] = [first, last].map((step) => run.xOf(this.view.axisName, step));
    return { from, to, number: i + 1, active: i === this.view.finding };
  }

  /** What a chart shows at the slider, for those who do not see it. @param {string} name */
  textOf(name) {
    const { view } = this;
    const say = name === "accuracy" ? partOf : steady;
    const at = (/** @type {any} */ table, /** @type {string} */ column, /** @type {number} */ step) => {
      const i = lastAtMost(table.step, table.length, step);
      return i < 0 ? "–" : say(table[column][i]);
    };
    const lines = view.shown.map(({ run, label }) => {
      const step = view.stepOf(run);
      if (name === "norm") return `${label}: ${say(run.probes.upTo(step)?.total_norm ?? NaN)}`;
      if (name === "rate") return `${label}: ${at(run.ticks, "rate", step)}`;
      const training = say(run.mean(name, step, view.windowOf(run)));
      const validation = at(run.validations, name, step);
      return t("{run}: training {training}, validation {validation}", { run: label, training, validation });
    });
    const facts = { title: this.charts[name].title, axis: AXES[view.axisName], lines: lines.join("; ") };
    return t("{title} against {axis}. At the slider: {lines}.", facts);
  }
}
