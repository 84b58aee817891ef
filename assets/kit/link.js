// The button that copies a link.

import { t } from "./messages.js";

/** Puts the text on the clipboard; the fallback serves pages without a secure origin, as in a lecture hall's network.
 * @param {string} text @param {Element} root */
async function copyText(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    root.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Copies a link; the button's label and the status line, which is read out, say so for two seconds.
 * @param {string} query @param {Element} root @param {HTMLElement & {timer?: number}} label @param {Element} status */
export async function copyLink(query, root, label, status) {
  const language = new URLSearchParams(location.search).get("lang");
  const url = `${location.origin}${location.pathname}?${query}`;
  const done = await copyText(language && !/[?&]lang=/.test(url) ? `${url}&lang=${language}` : url, root);
  label.textContent = done ? t("Link copied") : t("Copy failed");
  status.textContent = label.textContent;
  clearTimeout(label.timer);
  label.timer = window.setTimeout(() => {
    label.textContent = t("Copy link");
    status.textContent = "";
  }, 2000);
}
