// What every component needs of the page it stands in: colours, sizes, texts and themes.

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const escapeText = (text) =>
  String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);

/** Any CSS colour as [red, green, blue]; the canvas does the parsing. */
export function rgb(color) {
  rgb.ctx ||= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  rgb.ctx.clearRect(0, 0, 1, 1);
  rgb.ctx.fillStyle = color;
  rgb.ctx.fillRect(0, 0, 1, 1);
  return rgb.ctx.getImageData(0, 0, 1, 1).data;
}

/** A canvas context whose unit is the CSS pixel. */
export function sizeCanvas(canvas, width, height, ratio) {
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const ctx = canvas.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  return ctx;
}

export const cutEnds = new Float64Array(4);

/** The part of a segment inside a rectangle, left in cutEnds; false where nothing is inside (Liang and Barsky). */
export function cutSegment(x0, y0, x1, y1, rect) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  let [enter, leave] = [0, 1];
  for (let side = 0; side < 4; side++) {
    const slope = side === 0 ? -dx : side === 1 ? dx : side === 2 ? -dy : dy;
    const room =
      side === 0 ? x0 - rect.left : side === 1 ? rect.right - x0 : side === 2 ? y0 - rect.top : rect.bottom - y0;
    if (slope === 0 && room < 0) return false;
    if (slope < 0) enter = Math.max(enter, room / slope);
    if (slope > 0) leave = Math.min(leave, room / slope);
  }
  if (!(enter <= leave)) return false;
  cutEnds[0] = x0 + enter * dx;
  cutEnds[1] = y0 + enter * dy;
  cutEnds[2] = x0 + leave * dx;
  cutEnds[3] = y0 + leave * dy;
  return true;
}

/** Whether the page that `root` stands in is dark. */
export function isDark(root) {
  const background = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  if (!background || background === "unset") return matchMedia("(prefers-color-scheme: dark)").matches;
  const [red, green, blue] = rgb(background);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** Calls `changed` when the page's theme may have changed; gives the function that ends this. */
export function watchTheme(root, changed) {
  const watch = new MutationObserver(changed);
  const host = root.getRootNode().host;
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
