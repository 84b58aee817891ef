// The bytes sent by the server become a race.

import { equalBytes, unpack } from "../kit/bytes.js";

/** The race of a payload: its header, its arrays, and the few questions that every view asks of them. */
export class Race {
  constructor(bytes) {
    Object.assign(this, unpack(bytes));
    const { header } = this;
    this.ground = null; // comes by itself
    this.steps = Math.max(1, header.steps);
    this.stride = header.steps + 1;
    this.racers = header.racers;
    // Nothing moves after the last racer has ended, so playing need not wait for the configured steps.
    this.lastMove = this.racers.reduce((last, racer) => Math.max(last, racer.length - 1), 0);
  }

  sameBytes(bytes) {
    return equalBytes(bytes, this.bytes);
  }

  /** Whether another race runs over the same losses, shown with the same levels. */
  sameSurface(other) {
    const frame = ({ header }) => JSON.stringify([header.ground, header.window, header.levels]);
    return frame(this) === frame(other);
  }

  lastStep(r) {
    return Math.max(0, Math.min(this.racers[r].length, this.stride) - 1);
  }

  x(r, step) {
    return this.arrays.path[2 * (r * this.stride + step)];
  }

  y(r, step) {
    return this.arrays.path[2 * (r * this.stride + step) + 1];
  }

  value(name, r, step) {
    return this.arrays[name][r * this.stride + step];
  }

  /** Position at a fractional step, on the straight line between two recorded points. */
  position(r, time) {
    const last = this.lastStep(r);
    const step = Math.min(Math.floor(time), last);
    const next = Math.min(step + 1, last);
    const part = Math.min(1, Math.max(0, time - step));
    const [x, y] = [this.x(r, step), this.y(r, step)];
    const [xn, yn] = [this.x(r, next), this.y(r, next)];
    if (!Number.isFinite(xn) || !Number.isFinite(yn)) return [x, y];
    return [x + part * (xn - x), y + part * (yn - y)];
  }

  /** What became of a racer, once the shown step has reached its end; otherwise an empty text. */
  outcome(r, time) {
    const { ended, awaited } = this.racers[r];
    if (awaited) return "on release";
    if (ended === "ran" || time < this.lastStep(r)) return "";
    return `${ended} at step ${ended === "diverged" ? this.racers[r].length : this.lastStep(r)}`;
  }
}
