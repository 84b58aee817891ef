// A race in the browser: what the server has sent, the same computed again, and what the viewer wants meanwhile.

import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { Bending } from "../../assets/player/bending.js";
import { valueScale } from "../../assets/player/chart.js";
import { knobScale } from "../../assets/player/knobs.js";
import { BendableRace } from "../../assets/player/loops.js";
import { racePayload } from "./payload.js";

globalThis.window = globalThis; // timers

test("a race answers what views ask", () => {
  const race = new BendableRace(racePayload());
  assert.deepEqual([race.steps, race.stride, race.lastMove, race.lastStep(0)], [4, 5, 4, 4]);
  assert.deepEqual(race.position(0, 1.5), [3.25, 1]);
  assert.deepEqual(race.position(1, 99), [2, 1]);
  assert.equal(race.value("loss", 1, 2), 3);
  assert.ok(race.sameBytes(racePayload()) && !race.sameBytes(racePayload({ title: "Other" })));
  assert.ok(race.sameSurface(new BendableRace(racePayload({ key: "other" }))));
  assert.ok(!race.sameSurface(new BendableRace(racePayload({ ground: "other" }))));
});

test("a racer that diverged says so once its end is on show", () => {
  const sent = new BendableRace(racePayload());
  sent.racers[0] = { ...sent.racers[0], ended: "diverged", length: 3 };
  assert.deepEqual([1, 2].map((time) => sent.hasDiverged(0, time)), [false, true]);
  assert.equal(sent.outcome(0), "diverged at step 3");
});

test("the loop gives the race of the server, and that of another start", () => {
  const race = new BendableRace(racePayload());
  assert.deepEqual(race.given, { start: [4, 1], knobs: { 0: [0.5], 3: [] } });
  assert.deepEqual([...race.table(0).rows.filter((_, i) => i % 5 === 0)], [4, 3.5, 3, 2.5, 2]);
  assert.equal(race.table(1), null);
  race.bend({ start: [2, -1], knobs: { 0: [0.25], 3: [] } });
  assert.ok(race.bent);
  assert.deepEqual([0, 4].map((step) => [race.x(0, step), race.y(0, step)]), [[2, -1], [1, -1]]);
  assert.ok(Number.isNaN(race.x(1, 0)) && race.racers[1].awaited && !race.hasEnded(1, 9));
  race.straighten();
  assert.ok(!race.bent && race.x(0, 0) === 4 && race.x(1, 0) === 4);
});

test("a race that leaves the window ends there", () => {
  const race = new BendableRace(racePayload());
  race.bend({ start: [-8.7, 0], knobs: { 0: [0.5], 3: [] } });
  assert.deepEqual([race.racers[0].ended, race.racers[0].length, race.lastMove], ["diverged", 1, 4]);
  assert.ok(Number.isNaN(race.x(0, 2)));
});

test("answers are told from other races", () => {
  const race = new BendableRace(racePayload());
  assert.ok(race.answers({ start: [4, 1], knobs: { 0: [0.5] } }));
  assert.ok(!race.answers({ start: [4, 2], knobs: { 0: [0.5] } }));
  assert.ok(!race.answers({ start: [4, 1], knobs: { 0: [0.6] } }));
  assert.ok(race.takes(new BendableRace(racePayload({ start: [0, 0] }))));
  assert.ok(!race.takes(new BendableRace(racePayload({ formula: "y" }))));
});

/** As much of a player as bending needs. */
function playerOf(race) {
  const sent = [];
  const nothing = () => {};
  const player = {
    race, sent, playing: false, fps: { since: 1 }, charts: [], chipsAt: 0,
    picture: { invalidate: nothing, trailDirty: false }, parts: { refusal: {} },
    root: { classList: { toggle: nothing } }, countFrame: nothing, touch: nothing, redraw: nothing,
    placeStart: nothing, showKnobs: nothing, setTriggerValue: (name, value) => sent.push([name, value]),
  };
  player.bending = new Bending(player);
  return player;
}

test("what is dragged is computed here, and the server is asked on release", () => {
  const { race, bending, sent, parts } = playerOf(new BendableRace(racePayload()));
  bending.want({ start: [3, 3] });
  bending.turn(0, 0, 0.25);
  assert.ok(bending.active && !race.bent);
  bending.apply(0);
  assert.deepEqual([race.x(0, 0), race.x(0, 1)], [3, 2.75]);
  assert.equal(parts.refusal.textContent, "BFGS: only on release.");
  bending.release(false);
  assert.deepEqual(sent, [["start", [3, 3]], ["knob", [[0, "lr", 0.25]]]]);
  assert.ok(!bending.active && bending.wanted);
  bending.end();
});

test("an answer ends what was wanted; an older one is bent once more; another race is taken as it is", () => {
  const player = playerOf(new BendableRace(racePayload()));
  const { bending, race } = player;
  bending.want({ start: [3, 3] });
  bending.apply(0);
  bending.release(false);
  assert.ok(bending.carry(race, new BendableRace(racePayload({ start: [2, 2] }))) && bending.stale && bending.wanted);
  assert.ok(bending.carry(race, new BendableRace(racePayload({ start: [3, 3] }))) && !bending.wanted);
  bending.want({ start: [1, 1] });
  assert.ok(!bending.carry(race, new BendableRace(racePayload({ title: "Other" }))) && !bending.wanted);
  bending.end();
});

test("what was moved back asks for nothing, and keys only once they rest", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { bending, sent } = playerOf(new BendableRace(racePayload()));
  bending.want({ start: [3, 3] });
  bending.release(true);
  mock.timers.tick(100);
  bending.want({ start: [5, 5] });
  bending.release(true);
  mock.timers.tick(349);
  assert.deepEqual(sent, []);
  mock.timers.tick(1);
  assert.deepEqual(sent, [["start", [5, 5]]]);
  bending.want({ start: [4, 1] });
  bending.release(false);
  assert.equal(sent.length, 1);
  mock.timers.reset();
});

test("without an answer the server's race returns", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { bending, race } = playerOf(new BendableRace(racePayload()));
  bending.want({ start: [3, 3] });
  bending.apply(0);
  bending.release(false);
  mock.timers.tick(20_000);
  assert.ok(!bending.wanted && !race.bent && race.x(0, 0) === 4);
  mock.timers.reset();
});

const KNOBS = {
  log: { low: 1e-6, high: 10, log: true, whole: false },
  whole: { low: 1, high: 100, log: true, whole: true },
  share: { low: 0, high: 0.9999, log: false, whole: false },
  strength: { low: 0, high: 100, log: false, whole: false },
  plain: { low: -1, high: 1, log: false, whole: false },
};

for (const [name, knob] of Object.entries(KNOBS)) {
  test(`a slider reaches both ends and goes one way: ${name}`, () => {
    const { place, value } = knobScale(knob);
    assert.deepEqual([value(0), value(400)], [knob.low, knob.high]);
    const values = Array.from({ length: 401 }, (_, i) => value(i));
    assert.ok(values.every((one, i) => !i || one >= values[i - 1]));
    for (const at of [40, 200, 360]) assert.ok(Math.abs(place(value(at)) - at) < (knob.whole ? 60 : 4), String(at)); // few digits
    if (knob.whole) assert.ok(values.every(Number.isInteger));
  });
}

test("the scale of a curve is logarithmic where it can be, and cut where it must be", () => {
  const always = () => true;
  const of = (losses, ended = "ran") => {
    const race = new BendableRace(racePayload());
    race.racers = race.racers.slice(0, 1).map((racer) => ({ ...racer, ended }));
    race.arrays = { ...race.arrays, loss: Float32Array.from(losses) };
    return valueScale(race, "loss", always, 1e-16);
  };
  const { scale, cut } = of([100, 10, 1, 0.1, 0.01]);
  assert.ok(scale.log && scale.low < 0.01 && scale.high > 100 && !cut);
  assert.ok(of([100, 10, 1, 0, 0]).cut && of([1e9, 1, 1e-9, 1e-12, 1e-15]).cut);
  assert.ok(!of([1, -1, 2, 0, 0]).scale.log);
  const empty = of([NaN, NaN, NaN, NaN, NaN]).scale;
  assert.deepEqual([empty.low, empty.high], [0, 1]);
});
