// The bytes sent by the server become a race.

import { equalBytes, unpack } from "../kit/bytes.js";
import { t } from "../kit/messages.js";

/** @typedef {import("../payloads.js").Player} Header */
/** @typedef {import("../payloads.js").Racer & {awaited?: boolean}} Racer */
/** @typedef {{start: number[], knobs: Record<string, number[]>}} Wanted a start, and the knobs' values by racer */

/** @type {Record<string, string>} how a racer may end before its steps are over */
const ENDS = { converged: t("settled"), stopped: t("stopped"), failed: t("failed"), diverged: t("diverged") };

/** The race of a payload: its header, its arrays, and the few questions that every view asks of them. */
export class Race {
  /** @type {import("../kit/lasting.js").Ground} */ ground = null; // comes by itself

  /** @param {Uint8Array} message */
  constructor(message) {
    const { bytes, header, arrays } = unpack(message);
    this.bytes = bytes;
    /** @type {Header} */ this.header = header;
    /** @type {Record<string, any>} */ this.arrays = arrays;
    this.steps = Math.max(1, header.steps);
    this.stride = header.steps + 1;
    /** @type {Racer[]} */ this.racers = header.racers;
    this.lastMove = 0;
    this.findLastMove();
  }

  /** Nothing moves after the last racer has ended, so playing need not wait for the configured steps. */
  findLastMove() {
    this.lastMove = this.racers.reduce((last, racer) => Math.max(last, racer.length - 1), 0);
  }

  /** @param {Uint8Array} bytes */
  sameBytes(bytes) {
    return equalBytes(bytes, this.bytes);
  }

  /** Whether another race runs over the same losses, shown with the same levels. @param {Race} other */
  sameSurface(other) {
    const frame = (/** @type {Race} */ { header }) => JSON.stringify([header.ground, header.window, header.levels]);
    return frame(this) === frame(other);
  }

  /** @param {number} r */
  lastStep(r) {
    return Math.max(0, Math.min(this.racers[r].length, this.stride) - 1);
  }

  /** @param {number} r @param {number} step @returns {number} */
  x(r, step) {
    return this.arrays.path[2 * (r * this.stride + step)];
  }

  /** @param {number} r @param {number} step @returns {number} */
  y(r, step) {
    return this.arrays.path[2 * (r * this.stride + step) + 1];
  }

  /** @param {string} name @param {number} r @param {number} step @returns {number} */
  value(name, r, step) {
    return this.arrays[name][r * this.stride + step];
  }

  /** The recorded steps before and after a time, and how far it lies between them. @param {number} r @param {number} time */
  between(r, time) {
    const last = this.lastStep(r);
    const step = Math.min(Math.floor(time), last);
    return { step, next: Math.min(step + 1, last), part: Math.min(1, Math.max(0, time - step)) };
  }

  /** Position at a fractional step, on the straight line between two recorded points. @param {number} r @param {number} time */
  position(r, time) {
    const { step, next, part } = this.between(r, time);
    const [x, y] = [this.x(r, step), this.y(r, step)];
    const [xn, yn] = [this.x(r, next), this.y(r, next)];
    if (!Number.isFinite(xn) || !Number.isFinite(yn)) return [x, y];
    return [x + part * (xn - x), y + part * (yn - y)];
  }

  /** Whether a racer has ended before the steps were over, at a time. @param {number} r @param {number} time */
  hasEnded(r, time) {
    return this.racers[r].ended !== "ran" && time >= this.lastStep(r) && !this.racers[r].awaited;
  }

  /** @param {number} r @param {number} time */
  hasDiverged(r, time) {
    return this.hasEnded(r, time) && this.racers[r].ended === "diverged";
  }

  /** What became of a racer. @param {number} r */
  outcome(r) {
    const { ended, length } = this.racers[r];
    const step = ended === "diverged" ? length : this.lastStep(r);
    return t("{end} at step {step}", { end: ENDS[ended], step });
  }
}
