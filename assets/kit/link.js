// The button that copies a link.

/** Puts the text on the clipboard; the fallback serves pages without a secure origin, as in a lecture hall's network. */
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

/** Copies a link; the button's label and the status line, which is read out, say so for two seconds. */
export async function copyLink(url, root, label, status) {
  const language = new URLSearchParams(location.search).get("lang");
  const done = await copyText(language && !/[?&]lang=/.test(url) ? `${url}&lang=${language}` : url, root);
  label.textContent = done ? "Link copied" : "Copy failed";
  status.textContent = label.textContent;
  clearTimeout(label.timer);
  label.timer = setTimeout(() => {
    label.textContent = "Copy link";
    status.textContent = "";
  }, 2000);
}
