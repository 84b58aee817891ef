// The button "Copy link" of pages without a player.

import { escapeText } from "../kit/elements.js";
import { copyLink } from "../kit/link.js";
import { icon } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { mounted } from "../kit/mount.js";

class CopyButton {
  query = "";

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "figures";
    this.root.innerHTML = `<button type="button" class="copy">${icon("link")}<span>${escapeText(t("Copy link"))}</span></button>
      <div class="unseen" role="status" aria-live="polite"></div>`;
    parent.append(this.root);
    const [label, status] = [this.root.querySelector("span"), this.root.querySelector("[role=status]")];
    this.root.querySelector("button").addEventListener("click", () => copyLink(this.query, this.root, label, status));
  }

  /** @param {string} query */
  update(query) {
    this.query = query;
  }

  release() {}
}

export default await mounted(CopyButton);
