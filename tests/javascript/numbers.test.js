// The numbers of the browser are those of Python.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { FORMATS } from "../../assets/kit/numbers.js";

const cases = JSON.parse(readFileSync(new URL("../number_cases.json", import.meta.url), "utf8"));

for (const [format, value, text] of cases) {
  test(`${format} of ${value}`, () => assert.equal(FORMATS[format](Number(value)), text));
}

test("every format has cases", () => {
  assert.deepEqual(new Set(Object.keys(FORMATS)), new Set(cases.map(([format]) => format)));
});
