// Runs printed loops: reads {loops: [text], cases: [{loop, x, y, factors, draws, decay, window, knobs, width}]} from
// standard input and answers with {length, rows} for each case, the rows as base64 of their float64 bytes.

import { readFileSync } from "node:fs";

const { loops, cases } = JSON.parse(readFileSync(0, "utf8"));
const made = loops.map((text) => new Function(`"use strict"; return ${text}`)());
const doubles = (text) => text && new Float64Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

const answers = cases.map(({ loop, x, y, factors, draws, decay, window, knobs, width }) => {
  const scale = doubles(factors);
  const rows = new Float64Array((scale.length + 1) * width).fill(NaN);
  const length = made[loop](x, y, scale, doubles(draws), decay, window, knobs, rows);
  rows.fill(NaN, length * width);
  return { length, rows: Buffer.from(rows.buffer).toString("base64") };
});
process.stdout.write(JSON.stringify(answers));
