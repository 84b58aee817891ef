// Messages as `playground/messages.py` stores them, rendered where they are shown.

import { FORMATS } from "./numbers.js";

/**
 * The text of a message: `[template, plural, values]`, of a log from before there were messages the text itself.
 * A placeholder is `{name}` or `{name:format}` with a format of numbers.js. Throws for a format that is not there.
 * @param {string | [string, string, Record<string, any>]} message
 * @returns {string}
 */
export function sentenceOf(message) {
  if (typeof message === "string") return message;
  const [single, plural, values] = message;
  const template = plural && values.n !== 1 ? plural : single;
  return template.replace(/{(\w+)(?::(\w+))?}/g, (_, name, format) => {
    const value = Array.isArray(values[name]) ? sentenceOf(values[name]) : (values[name].number ?? values[name]);
    return format ? FORMATS[format](Number(value)) : String(value);
  });
}
