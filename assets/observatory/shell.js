// The elements around the figures, and the words in them.

import { escapeText, iconButton } from "../kit/elements.js";
import { t } from "../kit/messages.js";
import { FIRST, REST } from "../kit/playback.js";

/** @typedef {import("./log.js").Run} Run */
/** @typedef {Record<string, string>} Choices value -> text */

/** @type {Choices} */
export const LAYER_TABS = {
  activations: t("Activations"),
  gradients: t("Gradients"),
  weights: t("Weights"),
  updates: t("Update / weight"),
  units: t("Dead and saturated"),
};
/** @type {Choices} */
export const PICTURE_TABS = {
  filters: t("Filters"),
  samples: t("Augmented images"),
  confusion: t("Confusion"),
  mistakes: t("Mistakes"),
};
const MODES = { heat: t("heat map"), ridges: t("ridges"), lines: t("lines") };
/** @type {Choices} */
export const AXES = { step: t("step"), epoch: t("epoch"), seconds: t("seconds") };
const WINDOWS = [
  ["0", t("every step")], ["0.1", t("0.1 epoch mean")], ["0.3", t("0.3 epoch mean")], ["1", t("1 epoch mean")],
];

/** @param {string} name @param {Choices} choices @param {string} chosen @param {string} label */
const radios = (name, choices, chosen, label) =>
  `<fieldset class="switch ${name}"><legend class="unseen">${escapeText(label)}</legend>` +
  Object.entries(choices)
    .map(
      ([value, text]) =>
        `<label><input type="radio" name="${name}" value="${value}"${value === chosen ? " checked" : ""}>` +
        `<span>${escapeText(text)}</span></label>`,
    )
    .join("") +
  `</fieldset>`;

/** @param {string} group @param {Choices} choices @param {string} chosen @param {string} label */
const tabs = (group, choices, chosen, label) =>
  `<div class="tabs" role="tablist" aria-label="${escapeText(label)}">` +
  Object.entries(choices)
    .map(
      ([name, text]) =>
        `<button type="button" role="tab" data-group="${group}" data-tab="${name}" ` +
        `aria-selected="${name === chosen}" tabindex="${name === chosen ? 0 : -1}">${escapeText(text)}</button>`,
    )
    .join("") +
  `</div>`;

const windows = WINDOWS
  .map(([value, text]) => `<option value="${value}"${value === "0.1" ? " selected" : ""}>${escapeText(text)}</option>`)
  .join("");

export const OBSERVATORY = `
  <div class="head">
    <div class="what"><strong class="title"></strong> <span class="stamp"></span></div>
    <div class="tools">
      ${radios("axis", AXES, "epoch", t("Axis of the figures"))}
      <label class="switch"><input type="checkbox" class="log"><span>${escapeText(t("log loss"))}</span></label>
      <label title="${escapeText(t("How the strong training curve is averaged; the pale one behind it is every step"))}">
        <span class="unseen">${escapeText(t("Training curve"))}</span><select class="window">${windows}</select></label>
    </div>
  </div>
  <div class="runs"></div>
  <p class="stored-note" hidden></p>
  <ol class="findings" aria-label="${escapeText(t("Diagnosis"))}"></ol>
  <div class="charts">
    <div class="chart loss"></div><div class="chart accuracy"></div>
    <div class="chart rate"></div><div class="chart norm"></div>
  </div>
  <div class="transport" role="group" aria-label="${escapeText(t("The step that all panels show"))}">
    ${FIRST}${iconButton("play", t("Play through the training (Space)"), "main")}
    <input class="scrub" type="range" min="0" max="1" step="any" value="0" aria-label="${escapeText(t("Step"))}">
    <output class="step"></output>
    <button type="button" class="live" data-act="live"><i></i><span>${escapeText(t("live"))}</span></button>
  </div>
  <section class="inside" aria-label="${escapeText(t("Inside the net"))}">
    <div class="bar">
      ${tabs("layers", LAYER_TABS, "activations", t("Inside the net"))}
      ${radios("mode", MODES, "heat", t("Picture of the layers"))}
    </div>
    <div class="picks"></div>
    <div class="panes layers-panes" role="tabpanel"></div>
  </section>
  <section class="looks" aria-label="${escapeText(t("Pictures"))}">
    <div class="bar">${tabs("pictures", PICTURE_TABS, "filters", t("Pictures"))}</div>
    <div class="panes pictures-panes" role="tabpanel"></div>
  </section>
  ${REST}`;

export const PARTS =
  ".title .stamp .log .window .runs .stored-note .findings .charts .loss .accuracy .rate .norm .transport .scrub .step " +
  ".live .inside .looks .picks .layers-panes .pictures-panes .tip .mode [role=status] [data-act=play]";

const NUMBERS = [t("training loss"), t("accuracy"), t("validation loss"), t("accuracy")].map(escapeText);
export const RUN_ROW = `
  <div class="run">
    <button type="button" class="chip"></button>
    <div class="state"><span class="words"></span><i class="bar-of-progress"><i></i></i></div>
    ${NUMBERS.map((name) => `<span class="number" data-label="${name}"></span>`).join("")}
  </div>`;
export const RUNS_HEAD = `
  <div class="runs-head" aria-hidden="true"><span></span><span></span>${NUMBERS.map((name) => `<span>${name}</span>`).join("")}</div>`;

/** The state of a run in a few words. @type {Record<string, string>} */
const STATES = {
  queued: t("queued"),
  starting: t("starting"),
  running: t("running"),
  missing: t("not trained yet; press Start"),
  stopped: t("stopped"),
  failed: t("failed"),
  lost: t("interrupted"),
  newer: t("stored by a newer version of this program"),
  finished: t("finished"),
  stored: t("stored run"),
};
const stateText = (/** @type {string} */ state) => STATES[state] ?? t("loading");

/** How a run is, in one line; `alarm` where it went wrong.
 * @param {Run} run @returns {{text: string, alarm?: boolean, share?: number}} */
export function statusOf(run) {
  const state = run.state?.state ?? run.told;
  const { watchers = 0, position, resumable } = run.state || {};
  const watched = watchers > 1 && t("watched by {n}", { n: watchers });
  const say = (/** @type {any[]} */ ...parts) => parts.filter(Boolean).join(" · ");
  if (run.failures > 1) return { text: t("connection lost, retrying"), alarm: true };
  if (state === "queued") {
    return { text: say(position ? t("queued: number {n}", { n: position }) : stateText(state), watched) };
  }
  if (state === "starting" || (state === "running" && !run.ticks.length)) {
    const { text, share } = run.preparation || {};
    return { text: say(text ? text[0].toLowerCase() + text.slice(1) : stateText("starting"), watched), share };
  }
  if (state === "running") return { text: say(...progressWords(run), watched) };
  if (run.end) {
    const { sentence } = run.end;
    const text = resumable ? t("{sentence} It can be resumed.", { sentence }) : sentence;
    return { text, alarm: /diverged|failed/.test(run.end.word) };
  }
  return { text: say(stateText(state), resumable && t("can be resumed")), alarm: state === "failed" };
}

/** @param {Run} run */
function progressWords(run) {
  const { start, ticks } = run;
  const speed = ticks.speed[ticks.length - 1];
  const time = Math.ceil(run.secondsLeft);
  const epoch = run.xOf("epoch", run.lastStep).toFixed(1);
  return [
    start && t("epoch {epoch} of {epochs}", { epoch, epochs: start.steps / start.steps_per_epoch }),
    speed > 0 && t("{speed:count} images/s", { speed: Number(speed.toPrecision(3)) }),
    Number.isFinite(time) && t("{time:duration} left", { time }),
  ];
}

/** The share that is done, for the bar. @param {Run} run */
export function doneOf(run) {
  if (run.state?.state === "queued") return 0;
  if (run.preparation) return run.preparation.share || 0;
  return run.start ? run.lastStep / run.start.steps : 0;
}

/** How the runs are, for those who do not see it. @param {import("./observatory.js").Shown[]} shown */
export const announce = (shown) => shown.map(({ run, label }) => `${label}: ${stateText(run.state?.state)}`).join("; ");
