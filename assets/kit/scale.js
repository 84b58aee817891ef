// Values, their places between two ends, and the round numbers in between.

import { power, rough, steady, withMinus } from "./numbers.js";

/** @typedef {{value: number, label: string}} Tick */

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** A coordinate with as many decimals as a picture of this width can tell apart. @param {number} value @param {number} width */
export function roundTo(value, width) {
  const decimals = Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(width))));
  return Number(value.toFixed(decimals));
}

const NICE = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next round number from `value` (at least 0) upwards. @param {number} value */
export function niceAbove(value) {
  if (!(value > 0)) return 0;
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * NICE.find((factor) => factor * unit >= value * (1 - 1e-9));
}

/** The next of 1, 2 and 5 times a power of ten from `value` upwards. @param {number} value */
export function niceStep(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * unit >= value * 0.999) * unit;
}

/** Round numbers between two ends, about `count` of them.
 * @param {number} low @param {number} high @param {number} count @returns {Tick[]} */
export function linearTicks(low, high, count) {
  const raw = (high - low) / Math.max(1, count);
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const step = niceStep(raw);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) ticks.push(i * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const label = (/** @type {number} */ value) => {
    if (value === 0) return "0";
    if (Math.abs(value) >= 1e5 || decimals > 5) return steady(value);
    return withMinus(value.toFixed(decimals));
  };
  return ticks.map((value) => ({ value, label: label(value) }));
}

/** Powers of ten between two positive ends, thinned to about `count`; 1-2-5 steps within a decade or two.
 * @param {number} low @param {number} high @param {number} count @returns {Tick[]} */
export function logTicks(low, high, count) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  if (last - first < 2) {
    const ticks = [];
    for (let exponent = first - 1; exponent <= last; exponent++) {
      for (const factor of [1, 2, 5]) {
        const value = factor * 10 ** exponent;
        if (value >= low * 0.999 && value <= high * 1.001) ticks.push({ value, label: rough(value) });
      }
    }
    return ticks.length > 1 ? ticks : linearTicks(low, high, count);
  }
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  const ticks = [];
  for (let exponent = last; exponent >= first; exponent -= every) {
    ticks.push({ value: 10 ** exponent, label: power(exponent) });
  }
  return ticks;
}

/** The lowest and the highest of the values that an axis of this kind can show.
 * @param {number} count @param {(i: number) => number} value @param {boolean} log */
export function extent(count, value, log) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const one = value(i);
    if (!Number.isFinite(one) || (log && one <= 0)) continue;
    low = Math.min(low, one);
    high = Math.max(high, one);
  }
  return [low, high];
}

/** The last of the first `length` places of an ascending column whose value is at most `value`, or -1.
 * @param {ArrayLike<number>} column @param {number} length @param {number} value */
export function lastAtMost(column, length, value) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The ends of an axis. */
export class Scale {
  /** @param {{log?: boolean, low?: number, high?: number}} [ends] fixed where they are given */
  constructor({ log = false, low = NaN, high = NaN } = {}) {
    this.log = log;
    this.low = low;
    this.high = high;
    this.fixed = high > low;
    this.version = -1; // of the data that it was made for
  }

  /** Makes room for values from `low` to `high`; the ends move in round steps, and only when what is to be seen leaves
   * them. @param {number} low @param {number} high */
  hold(low, high) {
    if (this.fixed || !(low <= high)) return this;
    if (this.log) {
      low = 10 ** Math.floor(Math.log10(low) + 1e-9);
      high = 10 ** Math.ceil(Math.log10(high) - 1e-9);
      if (low === high) low /= 10;
    } else {
      high = high > 0 ? niceAbove(high) : 0;
      low = low < 0 ? -niceAbove(-low) : 0;
      if (low === high) high = low + 1;
    }
    const size = (/** @type {number} */ a, /** @type {number} */ b) => (this.log ? Math.log(b / a) : b - a);
    const inside = low >= this.low && high <= this.high;
    if (!inside || size(low, high) < 0.34 * size(this.low, this.high)) Object.assign(this, { low, high });
    return this;
  }

  get known() {
    return this.high > this.low;
  }

  /** Where a value lies, 0 to 1 between the ends. @param {number} value */
  part(value) {
    if (this.log) return Math.log(value / this.low) / Math.log(this.high / this.low);
    return (value - this.low) / (this.high - this.low);
  }

  /** The value at a part. @param {number} part */
  at(part) {
    return this.log ? this.low * (this.high / this.low) ** part : this.low + part * (this.high - this.low);
  }

  /** @param {number} count */
  ticks(count) {
    return (this.log ? logTicks : linearTicks)(this.low, this.high, this.log ? Math.max(2, count) : count);
  }
}
