// The log of a run, frame by frame, becomes columns. playground/runs/log.py describes the frames.

import { sentenceOf } from "../kit/messages.js";
import { clamp, lastAtMost } from "../kit/scale.js";

/** @typedef {Record<string, any> & {kind: string, step: number}} Event */
/** @typedef {Table & Record<string, any>} Columns */

/** @type {Record<string, any>} */
export const KINDS = {
  "|u1": Uint8Array, "<u2": Uint16Array, "<u4": Uint32Array, "<i4": Int32Array,
  "<i8": BigInt64Array, "<f4": Float32Array, "<f8": Float64Array,
};
export const BINS = 64; // as in playground/record/training.py

/** The events of the whole frames in `bytes`, and how many bytes they take. Throws for bytes that are no log.
 * @param {Uint8Array} bytes */
export function readFrames(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** @type {Event[]} */
  const events = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = view.getUint32(at, true);
    if (at + 4 + length > bytes.length) break;
    events.push(readEvent(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return { events, taken: at };
}

/** @param {Uint8Array} body @returns {Event} */
function readEvent(body) {
  const length = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  const event = JSON.parse(new TextDecoder().decode(body.subarray(4, 4 + length)));
  for (const name of ["text", "sentence"]) if (name in event) event[name] = sentenceOf(event[name]);
  event.shapes = {};
  let at = body.byteOffset + 4 + length;
  for (const [name, kind, shape] of event.arrays) {
    const Type = KINDS[kind];
    const end = at + Type.BYTES_PER_ELEMENT * shape.reduce((/** @type {number} */ product, /** @type {number} */ size) => product * size, 1);
    event[name] = new Type(body.buffer.slice(at, end)); // aligned, and free of the message it came in
    event.shapes[name] = shape;
    at = end;
  }
  return event;
}

/** Columns of numbers that grow together; what is missing is NaN. */
class Table {
  length = 0;

  /** @param {...string} names */
  constructor(...names) {
    this.names = names;
    const columns = /** @type {Columns} */ (this);
    for (const name of names) columns[name] = new Float64Array(64);
  }

  /** @param {Record<string, any>} row */
  push(row) {
    const columns = /** @type {Columns} */ (this);
    for (const name of this.names) {
      if (this.length === columns[name].length) {
        const longer = new Float64Array(2 * this.length);
        longer.set(columns[name]);
        columns[name] = longer;
      }
      columns[name][this.length] = row[name] ?? NaN;
    }
    this.length += 1;
  }

  /** Forgets what a resumed run goes through once more. @param {number} step */
  cut(step) {
    const columns = /** @type {Columns} */ (this);
    while (this.length && columns.step[this.length - 1] >= step) this.length -= 1;
  }
}

/** @param {...string} names @returns {Columns} */
const table = (...names) => /** @type {Columns} */ (new Table(...names));

/** A list of events in the order of their steps. @extends {Array<Event>} */
class Moments extends Array {
  static get [Symbol.species]() {
    return Array;
  }

  /** @param {Event} event */
  add(event) {
    while (this.length && this[this.length - 1].step >= event.step) this.pop();
    this.push(event);
  }

  /** The last event up to a step; before the first one there is none. @param {number} step @returns {Event | null} */
  upTo(step) {
    let found = null;
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this[middle].step <= step) [found, low] = [this[middle], middle + 1];
      else high = middle;
    }
    return found;
  }
}

/** One run: what its log has told so far, and what the server says of its state. */
export class Run {
  version = 0;
  /** @type {Record<string, any> | null} what the server says of it */ state = null;
  failures = 0;
  told = ""; // its state, as the page was told
  said = ""; // the same as text
  timer = 0;
  beat = 0;
  asking = false;
  again = false;
  more = false;
  offset = 0;
  placesSaid = "";
  placesHeld = new Float64Array(0);

  /** @param {string} key */
  constructor(key) {
    this.key = key;
    this.clear();
  }

  clear() {
    this.offset = 0;
    /** @type {Record<string, any> | null} */ this.start = null;
    /** @type {Record<string, any> | null} */ this.end = null;
    /** @type {Record<string, any> | null} */ this.preparation = null;
    this.ticks = table("step", "seconds", "rate", "speed");
    this.each = table("loss", "accuracy", "lossSum", "accuracySum", "count"); // place i: step i + 1; sums up to it
    this.validations = table("step", "seconds", "loss", "accuracy", "average_loss", "average_accuracy");
    this.reports = new Moments(); // the validations with their pictures
    this.probes = new Moments();
    this.filters = new Moments();
    this.samples = new Moments();
    /** @type {Event[]} */ this.changes = [];
    /** @type {Map<string, Event>} */ this.findings = new Map();
    /** @type {Record<string, any>} */ this.scales = {};
    this.version += 1;
  }

  /** @param {Event} event */
  take(event) {
    if (event.kind !== "end") this.end = null; // a run that was stopped goes on
    /** @type {Record<string, any>} */ (this)[`take_${event.kind}`]?.(event);
    this.version += 1;
  }

  /** @param {Event} event */
  take_preparation(event) {
    this.preparation = event;
  }

  /** @param {Event} event */
  take_start(event) {
    this.start = event;
  }

  /** @param {Event} event */
  take_tick(event) {
    this.preparation = null;
    this.ticks.cut(event.step);
    this.ticks.push(event);
    const { each } = this;
    const { losses, accuracies } = event;
    const first = event.step - losses.length;
    each.length = Math.min(each.length, first);
    while (each.length < first) this.takeStep(NaN, NaN);
    for (let i = 0; i < losses.length; i++) this.takeStep(losses[i], accuracies[i]);
  }

  /** @param {number} loss @param {number} accuracy */
  takeStep(loss, accuracy) {
    const { each } = this;
    const last = each.length - 1;
    const before = last < 0 ? [0, 0, 0] : [each.lossSum[last], each.accuracySum[last], each.count[last]];
    const known = Number.isFinite(loss);
    each.push({
      loss,
      accuracy,
      lossSum: before[0] + (known ? loss : 0),
      accuracySum: before[1] + (known ? accuracy : 0),
      count: before[2] + (known ? 1 : 0),
    });
  }

  /** @param {Event} event */
  take_validation(event) {
    this.validations.cut(event.step);
    this.validations.push(event);
    this.reports.add(event);
  }

  /** @param {Event} event */
  take_probe(event) {
    this.probes.add(event);
  }

  /** @param {Event} event */
  take_filters(event) {
    this.filters.add(event);
  }

  /** @param {Event} event */
  take_samples(event) {
    this.samples.add(event);
  }

  /** @param {Event} event */
  take_change(event) {
    const stays = (/** @type {Event} */ one) => one.step < event.step || (one.step === event.step && one.field !== event.field);
    this.changes = this.changes.filter(stays);
    this.changes.push(event);
  }

  /** @param {Event} event */
  take_finding(event) {
    if (event.sentence) this.findings.set(event.name, event);
    else this.findings.delete(event.name);
  }

  /** @param {Event} event */
  take_end(event) {
    this.end = event;
    this.preparation = null;
  }

  // ---- questions ----

  get lastStep() {
    const last = (/** @type {Event[]} */ list) => (list.length ? list[list.length - 1].step : 0);
    const ticked = this.ticks.length ? this.ticks.step[this.ticks.length - 1] : 0;
    return Math.max(ticked, last(this.probes), last(this.reports));
  }

  /** Whether the server has said something about it. */
  get known() {
    return Boolean(this.state) || this.failures > 1;
  }

  get active() {
    return ["queued", "starting", "running"].includes(this.state?.state);
  }

  /** The mean of a column of `each` over the `window` steps that end with a step.
   * @param {string} name @param {number} step @param {number} window @returns {number} */
  mean(name, step, window) {
    const { each } = this;
    const last = Math.min(step, each.length) - 1;
    if (last < 0) return NaN;
    if (window <= 1 || !Number.isFinite(each[name][last])) return each[name][last];
    const sums = each[`${name}Sum`];
    const before = last - window;
    const [sum, count] = before < 0 ? [0, 0] : [sums[before], each.count[before]];
    return (sums[last] - sum) / (each.count[last] - count);
  }

  /** The place of a step on an axis. @param {string} axis @param {number} step @returns {number} */
  xOf(axis, step) {
    if (axis === "step") return step;
    if (axis === "epoch") return step / (this.start?.steps_per_epoch || 1);
    const { ticks } = this;
    const i = lastAtMost(ticks.step, ticks.length, step);
    const [s0, t0] = i < 0 ? [0, 0] : [ticks.step[i], ticks.seconds[i]];
    if (i + 1 >= ticks.length) return t0;
    const [s1, t1] = [ticks.step[i + 1], ticks.seconds[i + 1]];
    return t0 + ((step - s0) / (s1 - s0)) * (t1 - t0);
  }

  /** The places of all steps on an axis. @param {string} axis */
  places(axis) {
    const said = `${this.version} ${axis}`;
    if (this.placesSaid === said) return this.placesHeld;
    const { each, ticks } = this;
    const places = new Float64Array(each.length);
    const per = axis === "epoch" ? this.start?.steps_per_epoch || 1 : 1;
    let [i, s0, t0] = [0, 0, 0];
    for (let step = 1; step <= each.length; step++) {
      if (axis === "seconds") {
        while (i < ticks.length && ticks.step[i] < step) [s0, t0, i] = [ticks.step[i], ticks.seconds[i], i + 1];
        places[step - 1] = i < ticks.length ? t0 + ((step - s0) / (ticks.step[i] - s0)) * (ticks.seconds[i] - t0) : t0;
      } else places[step - 1] = step / per;
    }
    Object.assign(this, { placesSaid: said, placesHeld: places });
    return places;
  }

  /**
   * Whether a quarter of the learning rates lies below a limit: then they are read off a log axis. A rate that only
   * ends near zero is not.
   * @param {number} limit
   */
  ratesFarBelow(limit) {
    const { rate, length } = this.ticks;
    return length > 8 && rate.slice(0, length).sort()[length >> 2] < limit;
  }

  /** The step at a place on an axis, among those that have been made.
   * @param {string} axis @param {number} x @returns {number} */
  stepAt(axis, x) {
    const last = this.lastStep;
    if (axis === "step") return clamp(Math.round(x), 0, last);
    if (axis === "epoch") return clamp(Math.round(x * (this.start?.steps_per_epoch || 1)), 0, last);
    const { ticks } = this;
    const i = lastAtMost(ticks.seconds, ticks.length, x + 1e-9);
    if (i + 1 >= ticks.length) return last;
    const [s0, t0] = i < 0 ? [0, 0] : [ticks.step[i], ticks.seconds[i]];
    const [s1, t1] = [ticks.step[i + 1], ticks.seconds[i + 1]];
    return Math.round(s0 + ((x - t0) / (t1 - t0)) * (s1 - s0));
  }

  /** Seconds that are left of the training, from the last tenth of what is done. */
  get secondsLeft() {
    const { ticks, start } = this;
    if (!start || ticks.length < 3) return NaN;
    const last = ticks.length - 1;
    const from = Math.max(0, Math.min(last - 2, Math.floor(last * 0.9)));
    const pace = (ticks.seconds[last] - ticks.seconds[from]) / (ticks.step[last] - ticks.step[from]);
    return Math.max(0, start.steps - ticks.step[last]) * pace;
  }

  /** The place of the lowest validation loss, or of the highest validation accuracy, or -1. @param {string} name */
  best(name) {
    const { [name]: values, length } = this.validations;
    const sign = name === "loss" ? -1 : 1;
    let best = -1;
    for (let i = 0; i < length; i++) if (sign * values[i] > (best < 0 ? -Infinity : sign * values[best])) best = i;
    return best;
  }
}
