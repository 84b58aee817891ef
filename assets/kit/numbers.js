// Numbers as text, as `playground/numbers.py` writes them; `tests/number_cases.json` tests both.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {string} text a printed number @returns {string} with a minus sign instead of a hyphen */
export const withMinus = (text) => text.replace("-", "−");

/** A power of ten: `10⁻³`. @param {number} exponent @returns {string} */
export function power(exponent) {
  const digits = String(Math.abs(exponent)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]);
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** The text of what is no ordinary number, or nothing. @param {number} value @returns {string} */
function special(value) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return value ? "" : "0";
}

/** @param {string} text of the size @param {number} value @returns {string} */
const signed = (text, value) => (value < 0 && text !== "0" ? `−${text}` : text);

/** @param {number} size @param {number} decimals @returns {[string, number]} mantissa and exponent */
function split(size, decimals) {
  const [mantissa, exponent] = size.toExponential(decimals).split("e");
  return [mantissa, Number(exponent)];
}

/** Three significant digits with their zeros, so that a number that changes keeps its width. @param {number} value */
export function steady(value) {
  if (special(value)) return special(value);
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return signed(size < 999.5 ? size.toPrecision(3) : String(Math.round(size)), value);
  const [mantissa, exponent] = split(size, 2);
  return signed(`${mantissa}·${power(exponent)}`, value);
}

/** Three significant digits without needless zeros. @param {number} value */
export function digits(value) {
  const text = steady(value);
  return text.includes(".") && !text.includes("·") ? text.replace(/\.?0+$/, "") : text;
}

/** Two significant digits without needless zeros: ticks and sizes of errors. @param {number} value */
export function rough(value) {
  if (special(value)) return special(value);
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) return signed(String(Number(size.toPrecision(2))), value);
  const [mantissa, exponent] = split(size, 1);
  const factor = Number(mantissa);
  return signed(factor === 1 ? power(exponent) : `${factor}·${power(exponent)}`, value);
}

/** The value of a knob in a summary: three significant digits. @param {number} value */
export function setting(value) {
  if (special(value)) return special(value);
  const size = Number(Math.abs(value).toPrecision(3));
  return signed(size >= 1e-4 ? exact(size) : size.toExponential(), value);
}

/** A share in percent; one that rounds to nothing or to all without being it says so.
 * @param {number} share @param {number} [decimals] @returns {string} */
export function percent(share, decimals = 0) {
  if (share === 0 || share === 1) return share ? "100 %" : "0 %";
  if (special(share)) return special(share);
  if (share < 0) return `−${percent(-share, decimals)}`;
  const rounded = (100 * share).toFixed(decimals);
  const least = 10 ** -decimals;
  if (Number(rounded) === 0 && share > 0) return `< ${least.toFixed(decimals)} %`;
  if (Number(rounded) === 100 && share < 1) return `> ${(100 - least).toFixed(decimals)} %`;
  return `${rounded} %`;
}

/** A whole number with its thousands apart. @param {number} value */
export function count(value) {
  return special(value) || signed(Math.round(Math.abs(value)).toLocaleString("en"), value);
}

/** @param {number} value @param {[number, string][]} units, the largest first
 * @param {number} precision @param {number} [from] of how many units on @returns {string} */
function inUnits(value, units, precision, from = 1) {
  const [unit, name] = units.find(([one]) => value >= from * one) || units[units.length - 1];
  return `${exact(Number((value / unit).toPrecision(precision)))} ${name}`.trimEnd();
}

/** A large number in short: `242 k`, `13.1 M`. @param {number} value */
export function amount(value) {
  return value < 1000 ? count(value) : inUnits(value, [[1e9, "G"], [1e6, "M"], [1e3, "k"]], 3);
}

/** A number of bytes. @param {number} value */
export function byteSize(value) {
  return inUnits(value, [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]], 3);
}

/** A rough length of time; at least a second. @param {number} seconds */
export function duration(seconds) {
  if (seconds < 90) return inUnits(Math.max(seconds, 1), [[1, "s"]], 2);
  return inUnits(seconds, [[3600, "h"], [60, "min"]], 2, 1.5);
}

/** The shortest text that reads back as exactly this number, written as Python writes it. @param {number} value */
export function exact(value) {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e16 && size >= 1e-4) return String(value);
  if (size === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, exponent] = value.toExponential().split("e");
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** What may stand behind the colon of a placeholder. @type {Record<string, (value: number) => string>} */
export const FORMATS = {
  digits, steady, rough, setting, percent, count, amount, duration, exact,
  bytes: byteSize,
  percent1: (share) => percent(share, 1),
  percent2: (share) => percent(share, 2),
};
