// Bytes of the server become headers and arrays, and surfaces wait for those that draw them.

import assert from "node:assert/strict";
import test from "node:test";

import { equalBytes, unpack } from "../../assets/kit/bytes.js";
import { keep, waitNoMore, withGround } from "../../assets/kit/lasting.js";
import { pack } from "./payload.js";

test("a payload has its header and its arrays", () => {
  const sent = pack({ title: "Täler" }, { a: [Float64Array.from([1, NaN]), 2], b: [Uint16Array.from([7, 8, 9]), 3, 1] });
  const { header, arrays } = unpack(sent);
  assert.equal(header.title, "Täler");
  assert.deepEqual([...arrays.a], [1, NaN]);
  assert.deepEqual([...arrays.b], [7, 8, 9]);
  assert.deepEqual(header.arrays.b.shape, [3, 1]);
});

test("arrays are there wherever the message lies in memory", () => {
  const sent = pack({}, { a: [Float64Array.from([3]), 1] });
  const shifted = new Uint8Array(sent.length + 3).subarray(3);
  shifted.set(sent);
  const { arrays } = unpack(shifted);
  shifted.fill(0);
  assert.deepEqual([...arrays.a], [3]);
});

test("bytes are equal or not", () => {
  const [a, b] = [Uint8Array.from([1, 2]), Uint8Array.from([1, 2])];
  assert.ok(equalBytes(a, b));
  assert.ok(!equalBytes(a, b.subarray(1)));
  b[1] = 3;
  assert.ok(!equalBytes(a, b));
});

const ground = (value) => ({ header: { arrays: { grid: { shape: [1, 1] } } }, arrays: { grid: Uint16Array.of(value) } });

test("a ground that is there is used at once, another when it comes", () => {
  const [who, used] = [{}, []];
  keep("here", ground(1));
  withGround(who, "here", (one) => used.push(one.grid[0]));
  assert.deepEqual(used, [1]);
  withGround(who, "later", (one) => used.push(one.grid[0]));
  keep("another", ground(3));
  assert.deepEqual(used, [1]);
  keep("later", ground(2));
  keep("later", ground(2));
  assert.deepEqual(used, [1, 2]);
});

test("what was asked before, or by somebody who has left, is forgotten", () => {
  const [who, other, used] = [{}, {}, []];
  withGround(who, "first", () => used.push("first"));
  withGround(who, "second", () => used.push("second"));
  withGround(other, "second", () => used.push("other"));
  waitNoMore(other);
  keep("first", ground(1));
  keep("second", ground(2));
  assert.deepEqual(used, ["second"]);
});

test("the ground that was used last stays", () => {
  const who = {};
  keep("mine", ground(1));
  for (let i = 0; i < 20; i++) {
    keep(`other ${i}`, ground(2));
    let there = 0;
    withGround(who, "mine", (one) => (there = one.grid[0]));
    assert.equal(there, 1);
  }
});
