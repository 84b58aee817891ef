// The box beside the pointer.

import { escapeText } from "./elements.js";

export class Tip {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
  }

  /**
   * Beside (x, y), in pixels of a component of this width; `wide` and `tall` are the room that it takes.
   * @param {string} html @param {number} x @param {number} y @param {number} width @param {[number, number]} [room]
   */
  show(html, x, y, width, [wide, tall] = [240, 150]) {
    this.box.innerHTML = html;
    this.box.hidden = false;
    const aside = x > width - wide ? "calc(-100% - 14px)" : "14px";
    this.box.style.transform = `translate(${x}px, ${y}px) translate(${aside}, ${y > tall ? "calc(-100% - 10px)" : "14px"})`;
  }

  hide() {
    this.box.hidden = true;
  }
}

/** A head behind a sample, and lines. @param {string} sample @param {string} head @param {string[]} lines */
export const tipHtml = (sample, head, lines) =>
  `<strong>${sample}${escapeText(head)}</strong>${lines.map((line) => `<span>${escapeText(line)}</span>`).join("")}`;
