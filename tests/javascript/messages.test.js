// Texts in the visitor's language: of the scripts, and of messages in logs.

import assert from "node:assert/strict";
import test from "node:test";

import { sentenceOf, speak, t } from "../../assets/kit/messages.js";

test("in English a template is its own text, with its values", () => {
  assert.equal(t("Zoom in (+)"), "Zoom in (+)");
  assert.equal(t("step {step:count} / {steps:count}", { step: 1234, steps: 5000 }), "step 1,234 / 5,000");
  assert.equal(t("{share:percent1} dead, {name}", { share: 0.123, name: "conv1" }), "12.3 % dead, conv1");
  assert.throws(() => t("{x:nothing}", { x: 1 }));
});

test("messages of logs: old texts, nested ones, plurals, numbers that JSON lacks", () => {
  assert.equal(sentenceOf("Trained."), "Trained.");
  assert.equal(sentenceOf(["{a} and {b:digits}", "", { a: ["part {n}", "", { n: 2 }], b: 0.5 }]), "part 2 and 0.5");
  const epochs = (n) => ["one epoch", "{n} epochs", { n }];
  assert.deepEqual([1, 2].map((n) => sentenceOf(epochs(n))), ["one epoch", "2 epochs"]);
  assert.equal(sentenceOf(["loss {loss:steady}", "", { loss: { number: "Infinity" } }]), "loss ∞");
});

test("with a catalogue all of them are in its language; what it lacks stays English", async () => {
  const catalogue = { "step {step:count}": "Schritt {step:count}", "one epoch": ["eine Epoche", "{n} Epochen"] };
  globalThis.fetch = async () => ({ json: async () => catalogue });
  await speak("here");
  assert.equal(t("step {step:count}", { step: 2000 }), "Schritt 2,000");
  assert.equal(sentenceOf(["one epoch", "{n} epochs", { n: 3 }]), "3 Epochen");
  assert.equal(t("Repeat"), "Repeat");
});

test("a catalogue is fetched once, and one that does not come leaves all in English", async (context) => {
  const warn = context.mock.method(console, "warn", () => {});
  let asked = 0;
  globalThis.fetch = async () => {
    asked += 1;
    throw new Error("gone");
  };
  await Promise.all([speak("nowhere"), speak("nowhere")]);
  assert.deepEqual([asked, warn.mock.callCount(), t("Repeat")], [1, 1, "Repeat"]);
});
