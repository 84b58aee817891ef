// Texts in the visitor's language: those of the scripts, and messages as `playground/messages.py` stores them.

import { FORMATS } from "./numbers.js";

/** @typedef {[string, string, Record<string, any>]} Message template, plural, values; a value may be a message */

/** @type {Record<string, string | [string, string]>} English template -> this language's, or both of a plural */
let catalogue = {};

/** @type {Map<string, Promise<void>>} */
const read = new Map();

/** From here on in the language whose catalogue is at this address; modules with texts are imported after that.
 * @param {string} address */
export function speak(address) {
  if (!read.has(address)) {
    const take = (/** @type {typeof catalogue} */ texts) => {
      catalogue = texts;
    };
    read.set(address, fetch(address).then((answer) => answer.json()).then(take).catch(console.warn));
  }
  return read.get(address);
}

/** @param {string} template @param {Record<string, any>} values */
const filled = (template, values) =>
  template.replace(/{(\w+)(?::(\w+))?}/g, (_, name, format) => {
    const value = Array.isArray(values[name]) ? sentenceOf(/** @type {Message} */ (values[name])) : values[name];
    return format ? FORMATS[format](Number(value?.number ?? value)) : String(value?.number ?? value);
  });

/**
 * A text of the scripts. The template is a literal, which is how the catalogue finds it; a placeholder is `{name}` or
 * `{name:format}` with a format of numbers.js. Throws for a format that is not there.
 * @param {string} template @param {Record<string, any>} [values]
 */
export function t(template, values = {}) {
  return filled(String(catalogue[template] ?? template), values);
}

/**
 * The text of a message; of a log from before there were messages the text itself.
 * @param {string | Message} message
 * @returns {string}
 */
export function sentenceOf(message) {
  if (typeof message === "string") return message;
  const [single, plural, values] = message;
  const many = Boolean(plural) && values.n !== 1;
  const found = catalogue[single] ?? [single, plural];
  return filled(typeof found === "string" ? found : found[many ? 1 : 0], values);
}
