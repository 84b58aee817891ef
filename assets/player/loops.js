// The race computed again in this browser, while its start or a knob is dragged.
//
// The server prints each racer's loop from the same rule and formula that it runs itself, and sends what the loop is
// called with. So what is drawn here is what the server will answer.

import { t } from "../kit/messages.js";
import { Race } from "./payload.js";

/** @type {Map<string, Function>} */
const compiled = new Map();
const LARGEST = 3.4028234663852886e38; // of the narrow numbers that are drawn; the server cuts there too

/** Whether this page may turn a text into a function; a strict Content-Security-Policy forbids it. */
const mayCompile = (() => {
  try {
    return Boolean(new Function("return true")());
  } catch {
    return false;
  }
})();

/** The function of a printed loop; the same text is compiled once. @param {string} text */
function compileLoop(text) {
  if (!compiled.has(text)) {
    if (compiled.size >= 200) compiled.clear();
    compiled.set(text, new Function(`"use strict"; return ${text}`)());
  }
  return compiled.get(text);
}

/** One racer's loop with all that stays the same while something is dragged. */
class Loop {
  /** @param {BendableRace} race @param {number} r */
  constructor(race, r) {
    const { header, arrays } = race;
    const racer = header.racers[r];
    const { text, states } = header.programs[racer.program];
    this.run = compileLoop(text);
    this.width = 5 + 2 * states.length; // x, y, loss, gx, gy, then x and y of each state variable
    this.factors = scheduleOf(race, racer);
    this.draws = racer.draws ? arrays[racer.draws] : null;
    this.decay = racer.decay;
    this.window = header.window;
    this.rows = new Float64Array(race.stride * this.width);
    this.length = 0; // finite points
  }

  /** Fills the rows from a start and with the values of the knobs; behind the end they hold NaN.
   * @param {number[]} start @param {number[]} knobs */
  from([x, y], knobs) {
    this.length = this.run(x, y, this.factors, this.draws, this.decay, this.window, knobs, this.rows);
    this.rows.fill(NaN, this.length * this.width);
    return this;
  }
}

/** The multiples of a racer's learning rate, one for each step.
 * @param {BendableRace} race @param {import("./payload.js").Racer} racer @returns {Float64Array} */
function scheduleOf({ header, arrays }, racer) {
  const { steps } = header;
  if (racer.factors < 0) return new Float64Array(steps).fill(1);
  return arrays.factors.subarray(racer.factors * steps, (racer.factors + 1) * steps);
}

/** @param {number} value */
const narrow = (value) => (value > LARGEST ? LARGEST : value < -LARGEST ? -LARGEST : value);

/** A race that can be bent: its arrays are the server's, or those of another start and other knobs. */
export class BendableRace extends Race {
  bent = false;
  /** @type {Loop[]} */ loops = [];

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    super(bytes);
    if (!mayCompile) for (const racer of this.racers) Object.assign(racer, { program: -1, reason: t("Computed on release.") });
    this.sent = { arrays: this.arrays, racers: this.racers, lastMove: this.lastMove };
  }

  /** What the server's race was computed from: its start, and the knobs' values by the name of the racer.
   * @returns {import("./payload.js").Wanted} */
  get given() {
    const knobs = Object.fromEntries(this.sent.racers.map(({ id, knobs }) => [id, knobs.map((knob) => knob.value)]));
    return { start: this.header.start, knobs };
  }

  /** Whether the server's race is the one that is wanted. @param {import("./payload.js").Wanted} wanted */
  answers({ start, knobs }) {
    const { given } = this;
    const same = (/** @type {string} */ id) => !given.knobs[id] || String(given.knobs[id]) === String(knobs[id]);
    return String(start) === String(given.start) && Object.keys(knobs).every(same);
  }

  /** Whether what is wanted of another race can be asked of this one: the same surface and racers. @param {Race} other */
  takes(other) {
    const facts = (/** @type {Race} */ { header, racers }) =>
      String([header.title, header.formula, header.window, racers.map((racer) => racer.id)]);
    return facts(this) === facts(other);
  }

  /** Racers that only the server can compute; each says why. */
  get refused() {
    return this.sent.racers.filter((racer) => racer.program < 0);
  }

  /** The rows of a racer's loop as it is shown now, or null where there is no loop. @param {number} r */
  table(r) {
    if (this.sent.racers[r].program < 0) return null;
    if (this.loops[r]) return this.loops[r];
    const { start, knobs } = this.given;
    return (this.loops[r] = new Loop(this, r)).from(start, knobs[this.racers[r].id]);
  }

  /** Computes every racer that has a loop anew; the others show nothing until the server has answered.
   * @param {import("./payload.js").Wanted} wanted */
  bend({ start, knobs }) {
    if (!this.bent) {
      const { path, loss, rate } = this.sent.arrays;
      this.arrays = { ...this.sent.arrays, path: path.slice(), loss: loss.slice(), rate: rate?.slice() };
      if (!rate) delete this.arrays.rate;
      this.racers = this.sent.racers.map((racer) => ({ ...racer }));
      this.bent = true;
    }
    this.racers.forEach((racer, r) => {
      if (racer.program < 0) this.blank(r);
      else this.fill(r, (this.loops[r] ||= new Loop(this, r)).from(start, knobs[racer.id]), knobs[racer.id]);
    });
    this.findLastMove();
  }

  /** Shows the server's race again. */
  straighten() {
    Object.assign(this, this.sent);
    this.bent = false;
    this.loops = [];
  }

  /** @param {number} r */
  blank(r) {
    this.racers[r].awaited = true;
    this.arrays.path.fill(NaN, 2 * r * this.stride, 2 * (r + 1) * this.stride);
    this.arrays.loss.fill(NaN, r * this.stride, (r + 1) * this.stride);
  }

  /** @param {number} r @param {Loop} loop @param {number[]} knobs */
  fill(r, { rows, width, length, factors }, knobs) {
    const { path, loss, rate } = this.arrays;
    for (let step = 0, at = r * this.stride, row = 0; step < this.stride; step++, at++, row += width) {
      path[2 * at] = narrow(rows[row]);
      path[2 * at + 1] = narrow(rows[row + 1]);
      loss[at] = narrow(rows[row + 2]);
    }
    const racer = this.racers[r];
    racer.length = length;
    racer.ended = length === this.stride ? "ran" : "diverged";
    const lr = racer.knobs.findIndex((knob) => knob.name === "lr");
    if (!rate || lr < 0) return;
    for (let step = 0; step < this.stride; step++) {
      rate[r * this.stride + step] = knobs[lr] * factors[Math.min(step, this.stride - 2)];
    }
  }
}
