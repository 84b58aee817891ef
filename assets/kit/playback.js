// A view that plays: its clock, transport and keys, and the chips of what it plays.

import { escapeText, iconButton, numberUnder, setLabel } from "./elements.js";
import { Lineup } from "./lineup.js";
import { icon } from "./marks.js";
import { t } from "./messages.js";
import { Tip } from "./tip.js";
import { View } from "./view.js";

export const FIRST = iconButton("first", t("To the start (Home)"));
export const SCRUB = `<input class="scrub" type="range" min="0" step="1" value="0" aria-label="${escapeText(t("Step"))}">
    <output class="step"></output>`;
export const REST = `<div class="tip" hidden></div><div class="unseen" role="status" aria-live="polite"></div>`;

/** @typedef {import("./elements.js").Part} Part */

export class Playback extends View {
  playing = false;
  /** @type {number | undefined} */ clock = undefined;
  /** @type {any} */ near = null;

  /**
   * @param {HTMLElement} parent @param {string} name @param {string} html @param {string} selectors
   * @param {{label: string, play: string, of: string, chip: string}} facts label of the region and of the button that
   * plays; what `data-<of>` elements stand for, and the selector of their chips
   */
  constructor(parent, name, html, selectors, { label, play, of, chip }) {
    super(parent, name, html, selectors);
    const { root, parts } = this;
    this.playLabel = play;
    this.of = of;
    this.chip = chip;
    this.tip = new Tip(parts.tip);
    this.lineup = new Lineup(root, of, () => this.ids(), () => this.redraw());
    root.tabIndex = 0;
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", label);
    root.addEventListener("click", (event) => this.onClick(event));
    root.addEventListener("dblclick", (event) => {
      const chipped = /** @type {Part} */ (event.target).closest?.(chip);
      if (chipped && !event.shiftKey) this.lineup.isolate(Number(chipped.dataset[of]));
    });
    root.addEventListener("keydown", (event) => this.onKey(event));
    parts.scrub.addEventListener("input", () => this.seek(Number(parts.scrub.value)));
  }

  // ---- what a view says of itself ----

  /** What racers or runs are remembered by. @returns {any[]} */
  ids() {
    return [];
  }

  /** The end of what can be played. @returns {number} */
  get end() {
    return 0;
  }

  /** Goes to a place and stays there. @param {number} place @returns {void} */
  seek(place) {} // eslint-disable-line no-unused-vars

  /** @param {number} count @returns {void} */
  stepBy(count) {} // eslint-disable-line no-unused-vars

  /** All is drawn anew. @returns {void} */
  redraw() {}

  /** @param {any} near what the pointer is at @param {number} x @param {number} y @returns {void} */
  showTip(near, x, y) {} // eslint-disable-line no-unused-vars

  /** What a button does. @returns {Record<string, () => void>} */
  acts() {
    return {
      first: () => this.seek(0),
      back: () => this.stepBy(-1),
      play: () => this.setPlaying(!this.playing),
      forward: () => this.stepBy(1),
      last: () => this.seek(this.end),
    };
  }

  /** What a key does. @param {KeyboardEvent} event @returns {Record<string, () => void>} */
  keys(event) {
    const far = event.shiftKey ? 10 : 1;
    const [back, forward] = [() => this.stepBy(-far), () => this.stepBy(far)];
    return {
      " ": () => this.setPlaying(!this.playing),
      ArrowLeft: back,
      ArrowRight: forward,
      Home: () => this.seek(0),
      End: () => this.seek(this.end),
      ...(event.target === this.parts.scrub && { ArrowUp: forward, ArrowDown: back }),
    };
  }

  // ---- clock ----

  get moves() {
    return this.playing;
  }

  get raised() {
    return this.lineup.raised;
  }

  /** Seconds since the frame before; a tab that was out of sight does not jump. @param {number} now */
  passed(now) {
    const passed = Math.min(0.1, Math.max(0, (now - (this.clock ?? now)) / 1000));
    this.clock = now;
    return passed;
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    this.playing = playing;
    this.clock = undefined;
    this.root.dataset.playing = String(playing);
    this.parts.play.innerHTML = icon(playing ? "pause" : "play");
    setLabel(this.parts.play, playing ? t("Pause (Space)") : this.playLabel);
    this.touch();
  }

  /** What the slider says, and which part of it is done. @param {string} text @param {number} part */
  showPlace(text, part) {
    const { step, scrub } = this.parts;
    scrub.style.setProperty("--done", `${100 * part}%`);
    if (step.textContent === text) return;
    step.textContent = text;
    scrub.setAttribute("aria-valuetext", text);
  }

  // ---- events ----

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = /** @type {Part} */ (event.target);
    const chip = target.closest?.(this.chip);
    if (chip) return this.lineup[event.shiftKey ? "isolate" : "toggle"](Number(chip.dataset[this.of]));
    const act = target.closest?.("[data-act]")?.dataset.act;
    if (!act) return;
    this.acts()[act]();
    // After a mouse click the keys belong to the view again: Space plays, instead of pressing the same button.
    if (event.detail > 0) this.root.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!this.ready || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {Part} */ (event.target);
    if (target.matches("select, textarea, input:not(.scrub)")) return;
    if (event.key === " " && target.matches("button")) return; // a focused button is pressed
    const act = this.keys(event)[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  }

  /** Elements inside these boxes hold up what they name. @param {HTMLElement[]} boxes */
  listenToNames(...boxes) {
    for (const box of boxes) {
      box.addEventListener("pointerover", (event) => this.raise(numberUnder(event, this.of)));
      box.addEventListener("pointerleave", () => this.raise(-1));
    }
  }

  /** @param {number} i */
  raise(i) {
    this.lineup.raise(i);
  }

  /** Pressing or dragging on a curve goes to that place; a pointer that only moves finds the nearest curve.
   * @param {import("./figure.js").Figure} chart @param {(px: number, py: number) => any} nearest */
  listenToChart(chart, nearest) {
    const { box } = chart;
    const canvas = /** @type {HTMLElement} */ (box.querySelector(".front"));
    let held = false;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !chart.ready) return;
      held = true;
      canvas.setPointerCapture(event.pointerId);
      this.seek(chart.xAt(event.offsetX));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!chart.ready) return;
      if (held) return this.seek(chart.xAt(event.offsetX));
      if (event.pointerType === "touch") return;
      const [here, there] = [this.root.getBoundingClientRect(), box.getBoundingClientRect()];
      const [x, y] = [there.left - here.left + event.offsetX, there.top - here.top + event.offsetY];
      this.showTip(nearest(event.offsetX, event.offsetY), x, y);
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = false));
    canvas.addEventListener("pointerleave", () => this.showTip(null, 0, 0));
  }

  hideTip() {
    this.near = null;
    this.tip.hide();
  }

  release() {
    super.release();
    this.playing = false;
  }
}
