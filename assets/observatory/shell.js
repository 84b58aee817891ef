// The elements around the figures, and the words in them.

import { iconButton } from "../kit/elements.js";
import { count as whole, rough } from "../kit/numbers.js";
import { FIRST, REST } from "../kit/playback.js";

/** @typedef {import("./log.js").Run} Run */
/** @typedef {Record<string, string>} Choices value -> text */

/** @type {Choices} */
export const LAYER_TABS = {
  activations: "Activations",
  gradients: "Gradients",
  weights: "Weights",
  updates: "Update / weight",
  units: "Dead and saturated",
};
export const PICTURE_TABS = { filters: "Filters", samples: "Augmented images", confusion: "Confusion", mistakes: "Mistakes" };
const MODES = { heat: "heat map", ridges: "ridges", lines: "lines" };
const AXES = { step: "step", epoch: "epoch", seconds: "seconds" };
const WINDOWS = { 0: "every step", 0.1: "0.1 epoch mean", 0.3: "0.3 epoch mean", 1: "1 epoch mean" };

/** @param {string} name @param {Choices} choices @param {string} chosen @param {string} label */
const radios = (name, choices, chosen, label) =>
  `<fieldset class="switch ${name}"><legend class="unseen">${label}</legend>` +
  Object.entries(choices)
    .map(
      ([value, text]) =>
        `<label><input type="radio" name="${name}" value="${value}"${value === chosen ? " checked" : ""}>` +
        `<span>${text}</span></label>`,
    )
    .join("") +
  `</fieldset>`;

/** @param {string} group @param {Choices} choices @param {string} chosen @param {string} label */
const tabs = (group, choices, chosen, label) =>
  `<div class="tabs" role="tablist" aria-label="${label}">` +
  Object.entries(choices)
    .map(
      ([name, text]) =>
        `<button type="button" role="tab" data-group="${group}" data-tab="${name}" ` +
        `aria-selected="${name === chosen}" tabindex="${name === chosen ? 0 : -1}">${text}</button>`,
    )
    .join("") +
  `</div>`;

const windows = Object.entries(WINDOWS)
  .map(([value, text]) => `<option value="${value}"${value === "0.1" ? " selected" : ""}>${text}</option>`)
  .join("");

export const OBSERVATORY = `
  <div class="head">
    <div class="what"><strong class="title"></strong> <span class="stamp"></span></div>
    <div class="tools">
      ${radios("axis", AXES, "epoch", "Axis of the figures")}
      <label class="switch"><input type="checkbox" class="log"><span>log loss</span></label>
      <label title="How the strong training curve is averaged; the pale one behind it is every step">
        <span class="unseen">Training curve</span><select class="window">${windows}</select></label>
    </div>
  </div>
  <div class="runs"></div>
  <p class="stored-note" hidden></p>
  <ol class="findings" aria-label="Diagnosis"></ol>
  <div class="charts">
    <div class="chart loss"></div><div class="chart accuracy"></div>
    <div class="chart rate"></div><div class="chart norm"></div>
  </div>
  <div class="transport" role="group" aria-label="The step that all panels show">
    ${FIRST}${iconButton("play", "Play through the training (Space)", "main")}
    <input class="scrub" type="range" min="0" max="1" step="any" value="0" aria-label="Step">
    <output class="step"></output>
    <button type="button" class="live" data-act="live"><i></i><span>live</span></button>
  </div>
  <section class="inside" aria-label="Inside the net">
    <div class="bar">
      ${tabs("layers", LAYER_TABS, "activations", "Inside the net")}
      ${radios("mode", MODES, "heat", "Picture of the layers")}
    </div>
    <div class="picks"></div>
    <div class="panes layers-panes" role="tabpanel"></div>
  </section>
  <section class="looks" aria-label="Pictures">
    <div class="bar">${tabs("pictures", PICTURE_TABS, "filters", "Pictures")}</div>
    <div class="panes pictures-panes" role="tabpanel"></div>
  </section>
  ${REST}`;

export const PARTS =
  ".title .stamp .log .window .runs .stored-note .findings .charts .loss .accuracy .rate .norm .transport .scrub .step " +
  ".live .inside .looks .picks .layers-panes .pictures-panes .tip .mode [role=status] [data-act=play]";

export const RUN_ROW = `
  <div class="run">
    <button type="button" class="chip"></button>
    <div class="state"><span class="words"></span><i class="bar-of-progress"><i></i></i></div>
    <span class="number" data-label="training loss"></span><span class="number" data-label="accuracy"></span>
    <span class="number" data-label="validation loss"></span><span class="number" data-label="accuracy"></span>
  </div>`;
export const RUNS_HEAD = `
  <div class="runs-head" aria-hidden="true"><span></span><span></span>
    <span>training loss</span><span>accuracy</span><span>validation loss</span><span>accuracy</span></div>`;

/** @param {number} number */
function ordinal(number) {
  const last = number % 10;
  const teens = number % 100 > 10 && number % 100 < 14;
  return `${number}${teens ? "th" : { 1: "st", 2: "nd", 3: "rd" }[last] || "th"}`;
}

/** A time to go, in the units that one would say it in. @param {number} seconds */
function inWords(seconds) {
  if (seconds < 99.5) return `${Math.ceil(seconds)} s`;
  if (seconds < 5940) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** How a run is, in one line; `alarm` where it went wrong.
 * @param {Run} run @returns {{text: string, alarm?: boolean, share?: number}} */
export function statusOf(run) {
  const state = run.state?.state ?? run.told;
  const watched = run.state?.watchers > 1 ? `watched by ${run.state.watchers}` : "";
  const say = (/** @type {any[]} */ ...parts) => parts.filter(Boolean).join(" · ");
  if (run.failures > 1) return { text: "connection lost, retrying", alarm: true };
  if (state === "queued") {
    const { position } = run.state || {};
    return { text: say(position ? `queued: ${ordinal(position)}` : "queued", watched) };
  }
  if (state === "starting" || (state === "running" && !run.ticks.length)) {
    const { text, share } = run.preparation || {};
    return { text: say(text ? text[0].toLowerCase() + text.slice(1) : "starting", watched), share };
  }
  if (state === "running") return { text: say(...progressWords(run), watched) };
  const resumable = run.state?.resumable && "can be resumed";
  if (run.end) {
    const text = run.end.sentence + (resumable ? " It can be resumed." : "");
    return { text, alarm: /diverged|failed/.test(run.end.word) };
  }
  /** @type {Record<string, string>} */
  const words = {
    missing: "not trained yet; press Start",
    stopped: "stopped",
    failed: "failed",
    lost: "interrupted",
    newer: "stored by a newer version of this program",
    finished: "finished",
    stored: "stored run",
  };
  return { text: say(words[state] ?? "loading", resumable), alarm: state === "failed" };
}

/** @param {Run} run */
function progressWords(run) {
  const { start, ticks } = run;
  const speed = ticks.speed[ticks.length - 1];
  const left = run.secondsLeft;
  return [
    start && `epoch ${run.xOf("epoch", run.lastStep).toFixed(1)} of ${start.steps / start.steps_per_epoch}`,
    speed > 0 && `${whole(Number(speed.toPrecision(3)))} images/s`,
    Number.isFinite(left) && `${inWords(left)} left`,
  ];
}

/** The share that is done, for the bar. @param {Run} run */
export function doneOf(run) {
  if (run.state?.state === "queued") return 0;
  if (run.preparation) return run.preparation.share || 0;
  return run.start ? run.lastStep / run.start.steps : 0;
}

/** @type {Record<string, string>} */
const FIELDS = { lr: "learning rate", momentum: "momentum", weight_decay: "weight decay", dropout: "dropout" };
/** @param {any} change an event */
export const changeText = ({ field, value }) => `${FIELDS[field] || field.replaceAll("_", " ")} ${rough(value)}`;

/** How the runs are, for those who do not see it. @param {import("./observatory.js").Shown[]} shown */
export const announce = (shown) => shown.map(({ run, label }) => `${label}: ${run.state?.state ?? "loading"}`).join("; ");
