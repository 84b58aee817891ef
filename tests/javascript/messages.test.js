// Messages of a log become sentences.

import assert from "node:assert/strict";
import test from "node:test";

import { sentenceOf } from "../../assets/kit/messages.js";

test("values stand in their places, in their formats", () => {
  const message = ["From {low:digits} to {high:rough}: {share:percent} of {layer}.", "", {}];
  message[2] = { low: 2.3456, high: 1e-7, share: 0.547, layer: "conv 1" };
  assert.equal(sentenceOf(message), "From 2.35 to 10⁻⁷: 55 % of conv 1.");
});

test("numbers that JSON lacks, plurals and messages within messages", () => {
  assert.equal(sentenceOf(["loss {loss:digits}", "", { loss: { number: "Infinity" } }]), "loss ∞");
  const epochs = (n) => sentenceOf(["{n} epoch", "{n} epochs", { n }]);
  assert.deepEqual([0, 1, 2].map(epochs), ["0 epochs", "1 epoch", "2 epochs"]);
  assert.equal(sentenceOf(["Stopped: {reason}.", "", { reason: ["asked for", "", {}] }]), "Stopped: asked for.");
});

test("a log of before messages holds sentences", () => assert.equal(sentenceOf("54% of {it}"), "54% of {it}"));
