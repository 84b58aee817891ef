// The log of a run, read as it grows; and what layers and pictures make of it.

import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { Feed } from "../../assets/observatory/feed.js";
import { spread, trailingMean } from "../../assets/observatory/layers.js";
import { readFrames, Run } from "../../assets/observatory/log.js";

/** A frame as `playground/runs/log.py` writes it. */
function frame(event, arrays = {}) {
  const kinds = { Float32Array: "<f4", Float64Array: "<f8", Uint8Array: "|u1" };
  const listed = Object.entries(arrays).map(([name, array]) => [name, kinds[array.constructor.name], [array.length]]);
  const text = new TextEncoder().encode(JSON.stringify({ ...event, arrays: listed }));
  const bodies = Object.values(arrays).map((array) => new Uint8Array(array.buffer));
  const length = 4 + text.length + bodies.reduce((sum, { length: one }) => sum + one, 0);
  const bytes = new Uint8Array(4 + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint32(4, text.length, true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const body of bodies) {
    bytes.set(body, at);
    at += body.length;
  }
  return bytes;
}

const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const tick = (step, losses, seconds = step / 10) =>
  frame({ kind: "tick", step, seconds, rate: 0.1, speed: 100 }, { losses: Float64Array.from(losses), accuracies: Float64Array.from(losses) });

function runOf(...frames) {
  const run = new Run("key");
  for (const event of readFrames(joined(...frames)).events) run.take(event);
  return run;
}

test("whole frames are read; the rest is for the next time", () => {
  const [a, b] = [tick(2, [3, 4]), tick(3, [5])];
  const { events, taken } = readFrames(joined(a, b.subarray(0, b.length - 1)));
  assert.equal(taken, a.length);
  assert.deepEqual([events.length, ...events[0].losses, events[0].shapes.losses], [1, 3, 4, [2]]);
  assert.throws(() => readFrames(Uint8Array.from([4, 0, 0, 0, 255, 255, 255, 255])));
});

test("ticks become columns; a step that is missing is not a number", () => {
  const run = runOf(tick(2, [3, 5]), tick(5, [1]));
  assert.equal(run.lastStep, 5);
  assert.deepEqual([...run.each.loss.subarray(0, 5)], [3, 5, NaN, NaN, 1]);
  assert.equal(run.mean("loss", 5, 5), 3);
  assert.equal(run.mean("loss", 2, 1), 5);
  assert.ok(Number.isNaN(run.mean("loss", 0, 1)));
});

test("a run that was resumed takes the place of what it goes through once more", () => {
  const run = runOf(tick(2, [3, 5]), tick(4, [7, 9]), tick(3, [1]));
  assert.deepEqual([run.lastStep, run.each.length, run.ticks.length], [3, 3, 2]);
  assert.deepEqual([...run.each.loss.subarray(0, 3)], [3, 5, 1]);
});

test("places on the axes, there and back", () => {
  const run = runOf(frame({ kind: "start", step: 0, steps_per_epoch: 2, steps: 8 }), tick(2, [1, 1], 10), tick(4, [1, 1], 14));
  assert.deepEqual([run.xOf("step", 3), run.xOf("epoch", 3), run.xOf("seconds", 3)], [3, 1.5, 12]);
  assert.deepEqual([...run.places("seconds")], [5, 10, 12, 14]);
  assert.deepEqual([run.stepAt("step", 2.6), run.stepAt("epoch", 1.5), run.stepAt("seconds", 12), run.stepAt("seconds", 99)], [3, 3, 3, 4]);
});

test("the best validation, findings and changes", () => {
  const seen = (step, loss) => frame({ kind: "validation", step, seconds: step, loss, accuracy: 1 - loss });
  const change = (step, value) => frame({ kind: "change", step, field: "lr", value });
  const run = runOf(
    seen(2, 0.5), seen(4, 0.2), seen(6, 0.4), frame({ kind: "finding", step: 4, name: "a", sentence: "One." }),
    frame({ kind: "finding", step: 4, name: "b", sentence: "Two." }), frame({ kind: "finding", step: 6, name: "a", sentence: "" }),
    change(4, 1), change(4, 2),
  );
  assert.deepEqual([run.best("loss"), run.best("accuracy"), new Run("other").best("loss")], [1, 1, -1]);
  assert.deepEqual([...run.findings.keys()], ["b"]);
  assert.deepEqual(run.changes.map(({ value }) => value), [2]);
  assert.deepEqual([1, 4, 5, 99].map((step) => run.reports.upTo(step)?.step), [undefined, 4, 4, 6]);
});

test("a rate that only ends near zero is read off a linear axis", () => {
  const rated = (rates) => runOf(...rates.map((rate, i) => frame(
    { kind: "tick", step: i + 1, seconds: i, rate, speed: 1 }, { losses: Float64Array.of(1), accuracies: Float64Array.of(1) },
  )));
  assert.ok(!rated([1, 1, 1, 1, 1, 1, 1, 1, 1, 1e-6]).ratesFarBelow(0.02));
  assert.ok(rated([1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9]).ratesFarBelow(0.02));
});

/** A server that answers with bytes and a state, in the order of the answers. */
function served(...answers) {
  const asked = [];
  Object.assign(globalThis, {
    window: globalThis, location: { href: "https://there/lab/train" }, performance: { now: () => 0 },
    document: { addEventListener() {}, removeEventListener() {}, visibilityState: "visible" },
    fetch: async (url) => {
      asked.push(url);
      const answer = answers.shift();
      if (!answer) throw new Error("gone");
      const [bytes, state] = answer;
      return { status: 200, headers: { get: () => JSON.stringify(state) }, arrayBuffer: async () => bytes.buffer };
    },
  });
  return asked;
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await null;
};

test("a feed reads on where it stopped, and stops at the end", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const [a, b] = [tick(1, [3]), tick(2, [2])];
  const size = a.length + b.length;
  const asked = served([a, { state: "running", size: a.length }], [b, { state: "finished", size }]);
  const [changed, turned] = [mock.fn(), mock.fn()];
  const feed = new Feed(changed, turned);
  const run = new Run("abc");
  feed.watch([run], ".", "somebody");
  await settled();
  assert.equal(String(asked[0]), "https://there/lab/runs/abc/log?from=0&visitor=somebody");
  mock.timers.tick(250);
  await settled();
  assert.equal(asked[1].searchParams.get("from"), String(a.length));
  assert.deepEqual([run.lastStep, run.offset, run.state.state], [2, size, "finished"]);
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual([asked.length, changed.mock.callCount(), turned.mock.callCount()], [2, 2, 2]);
  feed.end();
  mock.timers.reset();
});

test("a log that was cut back is read again from the start", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const a = tick(1, [3]);
  served([a, { state: "running", size: a.length, generation: 0 }], [a, { state: "running", size: a.length, generation: 1 }]);
  const feed = new Feed(() => {}, () => {});
  const run = new Run("abc");
  feed.watch([run], ".", "somebody");
  await settled();
  mock.timers.tick(250);
  await settled();
  assert.deepEqual([run.offset, run.lastStep, run.more], [0, 0, true]);
  feed.end();
  mock.timers.reset();
});

test("a server that does not answer is asked less and less often", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  served();
  const feed = new Feed(() => {}, () => {});
  const run = new Run("abc");
  feed.watch([run], ".", "somebody");
  const beats = [];
  for (let i = 0; i < 6; i++) {
    await settled();
    beats.push(run.beat);
    mock.timers.tick(run.beat);
  }
  assert.deepEqual(beats, [500, 1000, 2000, 4000, 8000, 8000]);
  feed.end();
  mock.timers.reset();
});

test("means over a window, plain and geometric", () => {
  const values = Float64Array.from([1, 3, NaN, 5]);
  assert.deepEqual([...trailingMean(values, 2, false)], [1, 2, NaN, 5]);
  const log = trailingMean(Float64Array.from([1, 100]), 2, true);
  assert.ok(Math.abs(log[1] - 10) < 1e-9);
});

test("labels are spread without leaving their ends", () => {
  const labels = [1, 1, 1, 99].map((y) => ({ y, place: y }));
  spread(labels, 20, 0, 100);
  const places = labels.map(({ place }) => place);
  assert.ok(places.every((place, i) => place >= 0 && place <= 100 && (!i || place - places[i - 1] >= 20 - 1e-9)));
});
