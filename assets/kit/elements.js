// Elements of a component: found, filled and kept.

import { icon } from "./marks.js";

/** @typedef {any} Part an element that a component has made itself, so that it knows its kind */

/** @type {Record<string, string>} */
const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {unknown} text */
export const escapeText = (text) => String(text).replace(/[&<>"]/g, (sign) => SIGNS[sign]);

/** The elements of these selectors by name: that of the class, the tag, or what an attribute says.
 * @param {Element} root @param {string} selectors @returns {Record<string, Part>} */
export function findParts(root, selectors) {
  /** @type {Record<string, Part>} */
  const parts = {};
  for (const one of selectors.split(" ")) parts[one.replace(/^\.|\[.*=|\]/g, "")] = root.querySelector(one);
  return parts;
}

/** The number in `data-<name>` of the element that an event is in, or -1.
 * @param {Event} event @param {string} name @returns {number} */
export function numberUnder({ target }, name) {
  const element = /** @type {Part} */ (target).closest?.(`[data-${name}]`);
  return Number(element?.dataset[name] ?? -1);
}

/** As many elements of a kind in a list as are needed; those that are there stay.
 * @param {Element} list @param {number} count @param {string} html @returns {Part[]} */
export function keepChildren(list, count, html) {
  while (list.children.length > count) list.lastElementChild.remove();
  while (list.children.length < count) list.insertAdjacentHTML("beforeend", html);
  return [...list.children];
}

/** @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Fills an element, unless it was filled with the same before; whether it was. @param {Part} element @param {string} html */
export function setHtml(element, html) {
  if (element.said === html) return false;
  element.innerHTML = element.said = html;
  return true;
}

/** A button that is an icon. @param {string} act also the icon's name @param {string} label @param {string} [extra] classes */
export function iconButton(act, label, extra = "") {
  const said = escapeText(label);
  return (
    `<button type="button" class="icon ${extra}" data-act="${act}" aria-label="${said}" title="${said}">` +
    `${icon(act)}</button>`
  );
}

/** Gives a button another label. @param {Element} button @param {string} label */
export function setLabel(button, label) {
  button.setAttribute("aria-label", label);
  button.setAttribute("title", label);
}
