// What every component has: a root, the look of the page it stands in, and frames.

import { rgb } from "./canvas.js";
import { findParts } from "./elements.js";

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const BROAD = 600; // pixels from which on texts in figures are larger

/** Whether the page that `root` stands in is dark. @param {Element} root */
function isDark(root) {
  const background = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  if (!background || background === "unset") return matchMedia("(prefers-color-scheme: dark)").matches;
  const [red, green, blue] = rgb(background);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** Calls `changed` when the page's theme may have changed; gives the function that ends this.
 * @param {Element} root @param {() => void} changed */
function watchTheme(root, changed) {
  const watch = new MutationObserver(changed);
  const { host } = /** @type {ShadowRoot} */ (root.getRootNode());
  for (const element of [document.documentElement, document.body, host, host?.parentElement]) {
    if (element) watch.observe(element, { attributes: true, attributeFilter: ["class", "style"] });
  }
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", changed);
  return () => {
    watch.disconnect();
    scheme.removeEventListener("change", changed);
  };
}

/**
 * Colours of the theme, and what figures are drawn with.
 * @typedef {Record<string, any> & {scheme: "light" | "dark", font: string, fontSize: number, ratio: number}} Look
 */

export class View {
  width = 0;
  /** @type {Look} */ look = null;
  dirty = true;
  request = 0;
  /** @type {(name: string, value: any) => void} */ setTriggerValue = () => {};

  /**
   * @param {HTMLElement} parent @param {string} name also the root's class @param {string} html
   * @param {string} selectors of the parts
   */
  constructor(parent, name, html, selectors) {
    this.root = /** @type {HTMLElement & Record<string, any>} */ (document.createElement("div"));
    this.root.className = `figures ${name}`;
    this.root.innerHTML = html;
    this.root[name] = this; // for those who look at it from outside
    parent.append(this.root);
    this.parts = findParts(this.root, selectors);
    this.frame = this.frame.bind(this);
    this.observer = new ResizeObserver(([entry]) => this.resize(Math.floor(entry.contentRect.width)));
    this.observer.observe(this.root);
    this.endWatch = watchTheme(this.root, () => this.restyle());
  }

  /** The colours of both themes; nothing before there are data. @returns {{light: any, dark: any} | undefined} */
  get themes() {
    return undefined;
  }

  /** Sizes are computed from the width of the root alone, so that drawing never asks the page for a layout.
   * @param {number} width */
  resize(width) {
    if (width === this.width) return;
    this.width = width;
    this.restyle();
    this.layout();
  }

  /** Takes over the page's theme where it has changed, or where `look` was forgotten. */
  restyle() {
    const { themes, root, width } = this;
    if (!themes) return;
    const scheme = isDark(root) ? "dark" : "light";
    const font = getComputedStyle(root).fontFamily;
    const fontSize = width >= BROAD || !width ? 14 : 12;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const before = this.look;
    const drawn = { scheme, font, fontSize, ratio };
    if (before && Object.entries(drawn).every(([name, value]) => before[name] === value)) return;
    for (const [name, color] of Object.entries(themes[scheme])) {
      if (typeof color === "string") root.style.setProperty(`--${name}`, color);
    }
    root.dataset.scheme = scheme;
    this.look = { ...themes[scheme], ...drawn };
    this.relook(before);
  }

  /** Called with another look. @param {Look} before @returns {void} */
  relook(before) {} // eslint-disable-line no-unused-vars

  /** Called with another width. @returns {void} */
  layout() {}

  /** Whether there is something to be drawn. */
  get ready() {
    return Boolean(this.look);
  }

  /** Asks for a frame; frames are drawn only while something moves or has changed. */
  touch() {
    this.dirty = true;
    this.request ||= requestAnimationFrame(this.frame);
  }

  /** Whether frames follow each other without being asked for. */
  get moves() {
    return false;
  }

  /** @param {number} now */
  frame(now) {
    this.request = 0;
    if (!this.ready || !this.width || !this.root.isConnected) return;
    if (this.moves) this.advance(now);
    if (this.dirty || this.moves) {
      this.dirty = false;
      this.draw(now);
    }
    if (this.moves) this.request ||= requestAnimationFrame(this.frame);
  }

  /** @param {number} now @returns {void} */
  advance(now) {} // eslint-disable-line no-unused-vars

  /** @param {number} now @returns {void} */
  draw(now) {} // eslint-disable-line no-unused-vars

  /** Ends the view. */
  release() {
    this.observer.disconnect();
    this.endWatch();
    cancelAnimationFrame(this.request);
  }
}
