// The quadratic model of a step taken apart, and lines cut at the edge of a picture.

import assert from "node:assert/strict";
import test from "node:test";

import { cutEnds, cutSegment } from "../../assets/kit/canvas.js";
import { contourHeights, quadraticModel, quadraticRoots } from "../../assets/step_inspector/model.js";

const near = (a, b) => assert.ok(a.every((value, i) => Math.abs(value - b[i]) < 1e-9), `${a} is not ${b}`);

test("a bowl is level where Newton's step leads", () => {
  const model = quadraticModel(2, 8, [2, 0, 4], 10, 10);
  assert.equal(model.kind, "minimum");
  near(model.centre, [-10, -20]);
});

test("saddles, hills and slopes are told apart, whatever their directions", () => {
  assert.equal(quadraticModel(1, 1, [2, 0, -2], 1, 1).kind, "saddle");
  assert.equal(quadraticModel(1, 1, [-2, 0, -1], 1, 1).kind, "maximum");
  assert.equal(quadraticModel(1, 1, [2, 0, 0], 1, 1).kind, "open");
  assert.equal(quadraticModel(1, 1, [1, 1, 1], 1, 1).kind, "open");
  assert.equal(quadraticModel(NaN, 1, [1, 0, 1], 1, 1), null);
  const turned = quadraticModel(3, -1, [2, 1, 3], 1, 1);
  near([2 * turned.centre[0] + turned.centre[1], turned.centre[0] + 3 * turned.centre[1]], [-3, 1]);
});

test("contours of a bowl lie above its ground, one goes through the point", () => {
  const model = quadraticModel(2, 8, [2, 0, 4], 10, 10);
  const heights = contourHeights(model);
  assert.equal(heights.filter((height) => Math.abs(height) < 1e-9).length, 1);
  assert.equal(heights.length, 5);
});

test("roots", () => {
  near(quadraticRoots(1, -3, 2), [1, 2]);
  near(quadraticRoots(-2, 2, 4), [-1, 2]);
  near(quadraticRoots(0, 2, -4), [2]);
  assert.deepEqual(quadraticRoots(1, 0, 1), []);
});

const BOX = { left: 0, right: 10, top: 0, bottom: 10 };

test("a segment is cut at the box", () => {
  assert.ok(cutSegment(-5, 5, 15, 5, BOX));
  near([...cutEnds], [0, 5, 10, 5]);
  assert.ok(cutSegment(2, 3, 4, 5, BOX));
  near([...cutEnds], [2, 3, 4, 5]);
  assert.ok(!cutSegment(-5, 5, -1, 5, BOX) && !cutSegment(-5, 8, 8, 30, BOX));
});
