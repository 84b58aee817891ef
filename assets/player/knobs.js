// The panel with the knobs of one racer, as sliders.

import { escapeText, iconButton } from "../kit/elements.js";
import { lineSample } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { withMinus } from "../kit/numbers.js";
import { clamp, niceStep } from "../kit/scale.js";

const NOTCHES = 400; // places of a slider: a finger on a phone tells no more apart

/** @typedef {import("./payload.js").Racer} Racer */
/** @typedef {(value: number) => number} Map */

/** How a knob's range lies along its slider: `place` of a value, 0 to NOTCHES, and the `value` at a place.
 * @param {{low: number, high: number, log: boolean, whole: boolean}} knob @returns {{place: Map, value: Map}} */
export function knobScale({ low, high, log, whole }) {
  const digits = (/** @type {number} */ value, /** @type {number} */ count) => Number(value.toPrecision(count));
  const between = (/** @type {number} */ value) => clamp(value, low, high);
  const ends = (/** @type {Map} */ inner) => (/** @type {number} */ place) => (place <= 0 ? low : place >= NOTCHES ? high : between(inner(place / NOTCHES)));
  if (log && low > 0) {
    const span = Math.log(high / low);
    return {
      place: (value) => (NOTCHES * Math.log(value / low)) / span,
      value: ends((part) => (whole ? Math.round : (/** @type {number} */ v) => digits(v, 3))(low * Math.exp(part * span))),
    };
  }
  if (low >= 0 && high < 1 && high > 0.99) {
    // A share that is kept: 0.9, 0.99 and 0.999 are as far apart as the 10, 100 and 1000 steps they remember.
    const span = Math.log((1 - high) / (1 - low));
    return {
      place: (value) => (NOTCHES * Math.log((1 - value) / (1 - low))) / span,
      value: ends((part) => digits(1 - digits((1 - low) * Math.exp(part * span), 2), 6)),
    };
  }
  if (low === 0 && high >= 10 && !whole) {
    // A strength that may be 0: the small ones are the common ones.
    return { place: (value) => NOTCHES * Math.cbrt(value / high), value: ends((part) => digits(high * part ** 3, 2)) };
  }
  const step = Math.max(whole ? 1 : 0, niceStep((high - low) / NOTCHES));
  return {
    place: (value) => (NOTCHES * (value - low)) / (high - low),
    value: ends((part) => digits(Math.round((low + part * (high - low)) / step) * step, 12)),
  };
}

export class KnobPanel {
  /** @type {number | null} */ id = null; // of the racer on show
  shape = "";
  held = false;
  /** @type {{place: Map, value: Map}[]} */ scales = [];

  /**
   * @param {HTMLElement} box
   * @param {(place: number, value: number) => void} turned called at each move of a slider
   * @param {(byKey: boolean) => void} settled called when it has come to rest
   */
  constructor(box, turned, settled) {
    this.box = box;
    this.turned = turned;
    this.settled = settled;
    box.addEventListener("input", (event) => this.onInput(event));
    box.addEventListener("change", () => this.settled(!this.held));
    box.addEventListener("pointerdown", () => (this.held = true));
    box.addEventListener("keydown", () => (this.held = false));
  }

  /** Shows a racer's knobs with these values; sliders that are there already are moved, and keep the focus.
   * @param {Racer} racer @param {number[]} values @param {string} color @param {string} halo */
  show(racer, values, color, halo) {
    const shape = JSON.stringify([racer.id, color, halo, racer.knobs.map((knob) => ({ ...knob, value: 0 }))]);
    this.id = racer.id;
    this.scales = racer.knobs.map(knobScale);
    if (this.shape !== shape) this.build(racer, color, halo);
    this.shape = shape;
    this.box.querySelector(".name").textContent = racer.label;
    this.box.setAttribute("aria-label", t("Knobs of {racer}", { racer: racer.label }));
    this.set(values);
  }

  hide() {
    this.id = null;
    this.shape = "";
    this.box.hidden = true;
  }

  /** @param {Racer} racer @param {string} color @param {string} halo */
  build(racer, color, halo) {
    const sliders = racer.knobs.map(
      ({ label, help }, i) =>
        `<label title="${escapeText(help)}"><span>${escapeText(label)}</span><output></output>` +
        `<input type="range" class="slider" min="0" max="${NOTCHES}" step="1" data-knob="${i}" ` +
        `aria-label="${escapeText(label)}"></label>`,
    );
    const note = racer.reason || (sliders.length ? "" : t("It has no numbers to turn."));
    this.box.innerHTML =
      `<div class="knobs-head">${lineSample(racer, color, halo)}<strong class="name"></strong>` +
      `<span class="note">${escapeText(note)}</span>${iconButton("close", t("Close the knobs"))}</div>` +
      `<div class="sliders">${sliders.join("")}</div>`;
    this.box.hidden = false;
  }

  /** @param {number[]} values */
  set(values) {
    this.box.querySelectorAll("input").forEach((input, i) => {
      const place = Math.round(this.scales[i].place(values[i]));
      if (this.scales[i].value(Number(input.value)) !== values[i]) input.value = String(place);
      this.say(input, values[i]);
    });
  }

  /** @param {HTMLInputElement} input @param {number} value */
  say(input, value) {
    const tiny = value !== 0 && Math.abs(value) < 1e-3;
    const text = withMinus(tiny ? value.toExponential() : String(value));
    input.previousElementSibling.textContent = text;
    input.setAttribute("aria-valuetext", text);
    input.style.setProperty("--done", `${(100 * Number(input.value)) / NOTCHES}%`);
  }

  /** @param {Event} event */
  onInput(event) {
    const target = /** @type {HTMLInputElement} */ (event.target);
    const i = Number(target.dataset.knob);
    const value = this.scales[i].value(Number(target.value));
    this.say(target, value);
    this.turned(i, value);
  }
}
