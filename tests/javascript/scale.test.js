// Axes: ends, places, round numbers.

import assert from "node:assert/strict";
import test from "node:test";

import { extent, lastAtMost, linearTicks, logTicks, niceAbove, niceStep, roundTo, Scale } from "../../assets/kit/scale.js";

const labels = (ticks) => ticks.map(({ label }) => label);

test("ticks of a linear axis are round, as many as asked for, and have no needless digits", () => {
  assert.deepEqual(labels(linearTicks(-2, 2, 4)), ["−2", "−1", "0", "1", "2"]);
  assert.deepEqual(labels(linearTicks(0, 0.35, 4)), ["0", "0.1", "0.2", "0.3"]);
  assert.deepEqual(labels(linearTicks(0, 4e6, 4)), ["0", "1.00·10⁶", "2.00·10⁶", "3.00·10⁶", "4.00·10⁶"]);
  assert.deepEqual(linearTicks(1, 1, 4), []);
  assert.deepEqual(linearTicks(0, Infinity, 4), []);
  for (let high = 1e-9; high < 1e12; high *= 3.7) {
    const ticks = linearTicks(-high, high, 5);
    assert.ok(ticks.length >= 3 && ticks.length <= 7, String(high));
    assert.ok(ticks.every(({ value }) => Math.abs(value) <= high * (1 + 1e-9)));
  }
});

test("ticks of a log axis are powers of ten, or steps within a few of them", () => {
  assert.deepEqual(labels(logTicks(1e-3, 1e3, 9)), ["10³", "10²", "10¹", "10⁰", "10⁻¹", "10⁻²", "10⁻³"]);
  assert.deepEqual(labels(logTicks(1e-12, 1, 4)), ["10⁰", "10⁻³", "10⁻⁶", "10⁻⁹", "10⁻¹²"]);
  assert.deepEqual(labels(logTicks(0.5, 20, 5)), ["0.5", "1", "2", "5", "10", "20"]);
  assert.deepEqual(labels(logTicks(1.2, 1.6, 4)), ["1.2", "1.3", "1.4", "1.5", "1.6"]);
});

test("round numbers above a value", () => {
  assert.deepEqual([0, -1, 0.0011, 1, 7, 93].map(niceAbove), [0, 0, 0.0015, 1, 8, 100]);
  assert.deepEqual([0.03, 0.5, 0.6, 12].map(niceStep), [0.05, 0.5, 1, 20]);
});

test("a coordinate has the digits that a picture can tell apart", () => {
  assert.equal(roundTo(1.23456789, 4), 1.235);
  assert.equal(roundTo(1234.5678, 4000), 1235);
  assert.equal(roundTo(1.23456789, 1e-4), 1.2345679);
});

test("places and values undo each other", () => {
  for (const scale of [new Scale({ low: -3, high: 5 }), new Scale({ log: true, low: 1e-4, high: 10 })]) {
    for (const part of [0, 0.3, 1]) assert.ok(Math.abs(scale.part(scale.at(part)) - part) < 1e-12);
    assert.ok(scale.known && scale.fixed);
  }
  assert.ok(!new Scale().known);
});

test("ends move in round steps, only when they must, and never where they are fixed", () => {
  const scale = new Scale().hold(0, 4.3);
  assert.deepEqual([scale.low, scale.high], [0, 5]);
  scale.hold(0, 4.9);
  scale.hold(0, 2);
  assert.deepEqual([scale.low, scale.high], [0, 5]);
  scale.hold(0, 1.2); // now a third of it would be used
  assert.deepEqual([scale.low, scale.high], [0, 1.5]);
  scale.hold(-0.7, 1);
  assert.deepEqual([scale.low, scale.high], [-0.8, 1]);
  scale.hold(NaN, Infinity);
  assert.deepEqual([scale.low, scale.high], [-0.8, 1]);
  const log = new Scale({ log: true }).hold(0.02, 3);
  assert.deepEqual([log.low, log.high], [0.01, 10]);
  assert.equal(new Scale({ low: 0, high: 1 }).hold(0, 50).high, 1);
});

test("extents leave out what an axis cannot show", () => {
  const values = [NaN, -1, 0, 3, Infinity];
  assert.deepEqual(extent(5, (i) => values[i], false), [-1, 3]);
  assert.deepEqual(extent(5, (i) => values[i], true), [3, 3]);
});

test("the last place of at most a value", () => {
  const column = Float64Array.from([1, 2, 2, 5, 0]);
  assert.deepEqual([0, 1, 2, 4, 9].map((value) => lastAtMost(column, 4, value)), [-1, 0, 2, 2, 3]);
});
