// The button "Copy link" of pages without a player.

import { copyLink } from "../kit/link.js";
import { icon } from "../kit/marks.js";

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".figures");
  if (!root) {
    root = document.createElement("div");
    root.className = "figures";
    root.innerHTML = `<button type="button" class="copy">${icon("link")}<span>Copy link</span></button>
      <div class="unseen" role="status" aria-live="polite"></div>`;
    parentElement.append(root);
    const [label, status] = [root.querySelector("span"), root.querySelector("[role=status]")];
    root.querySelector("button").addEventListener("click", () => {
      copyLink(`${location.origin}${location.pathname}?${root.dataset.query}`, root, label, status);
    });
  }
  root.dataset.query = data;
}
