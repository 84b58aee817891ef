// Filters, augmented images, confusion and mistakes at one step, as elements of the page.

import { escapeText, keepChildren, setText } from "../kit/elements.js";
import { t } from "../kit/messages.js";
import { percent } from "../kit/numbers.js";

/** @typedef {import("./log.js").Run} Run */
/** @typedef {import("./log.js").Event} Event */

/** Puts picture `i` of an array (n, height, width, 3) on a canvas of that size; the page stretches it.
 * @param {HTMLCanvasElement} canvas @param {Uint8Array} pixels @param {number[]} shape @param {number} i */
function paintPicture(canvas, pixels, [, height, width], i) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const ctx = canvas.getContext("2d");
  const image = ctx.createImageData(width, height);
  for (let from = 3 * i * width * height, to = 0; to < image.data.length; from += 3, to += 4) {
    image.data[to] = pixels[from];
    image.data[to + 1] = pixels[from + 1];
    image.data[to + 2] = pixels[from + 2];
    image.data[to + 3] = 255;
  }
  ctx.putImageData(image, 0, 0);
}

/** @type {Record<string, string>} */
const NOTHING_YET = {
  filters: t("The first layer's filters come with the first look into the net."),
  samples: t("The augmented images come with the first batch."),
  confusion: t("The confusion matrix comes with the first validation, at the end of an epoch."),
  mistakes: t("The worst mistakes come with the first validation, at the end of an epoch."),
};

const NOT_HERE = t("Nothing of this kind yet at the slider's step.");
const NO_PICTURES = t(
  "The first layer of this net has no weights on three colours that could be shown as pictures.",
);

/** One panel of pictures for one run. `show` draws the last event up to a step, unless that is what is there. */
export class Pictures {
  /** @type {Event | null} */ event = null;
  /** @type {Run | null} */ run = null;
  panel = "";

  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    box.innerHTML = `<p class="about"></p><div class="pictures"></div>`;
    const [about, list] = /** @type {any} */ (box.children);
    /** @type {HTMLElement} */ this.about = about;
    /** @type {HTMLElement} */ this.list = list;
  }

  /** @param {Run} run @param {string} panel @param {number} step */
  show(run, panel, step) {
    const held = panel === "filters" ? run.filters : panel === "samples" ? run.samples : run.reports;
    const event = held.upTo(step) || (panel === "samples" && held[0]) || null;
    if (event === this.event && panel === this.panel && run === this.run && event) return;
    if (panel !== this.panel) this.list.replaceChildren();
    Object.assign(this, { event, panel, run });
    this.list.className = `pictures ${panel}`;
    if (!event) {
      this.list.replaceChildren();
      const never = panel === "filters" && run.probes.length && !held.length;
      return setText(this.about, never ? NO_PICTURES : held.length ? NOT_HERE : NOTHING_YET[panel]);
    }
    /** @type {Record<string, any>} */ (this)[`show_${panel}`](event, run.start?.classes || []);
  }

  /** @param {Event} event */
  show_filters({ pictures, shapes, step }) {
    const [count, height, width] = shapes.pictures;
    const about = t(
      "{n} of the first layer's filters ({width} × {height} × 3) at step {step:count}, each stretched over its own range.",
      { n: count, width, height, step },
    );
    setText(this.about, about);
    this.list.style.setProperty("--size", width > 8 ? "84px" : "64px");
    keepChildren(this.list, count, `<canvas role="img"></canvas>`).forEach((canvas, i) => {
      canvas.setAttribute("aria-label", t("filter {n}", { n: i + 1 }));
      paintPicture(canvas, pictures, shapes.pictures, i);
    });
  }

  /** @param {Event} event @param {string[]} classes */
  show_samples({ images, shapes, labels, partners, shares, step }, classes) {
    setText(
      this.about,
      t("Images of the batch of step {step:count} as the net sees them, with their labels.", { step }),
    );
    const html = `<figure><canvas role="img"></canvas><figcaption></figcaption></figure>`;
    keepChildren(this.list, shapes.images[0], html).forEach((figure, i) => {
      const mixed = partners[i] !== labels[i] && shares[i] > 0.005 && shares[i] < 0.995;
      const both = [[labels[i], shares[i]], [partners[i], 1 - shares[i]]].sort((a, b) => b[1] - a[1]);
      const parts = both.slice(0, mixed ? 2 : 1);
      const label = (/** @type {number} */ one) => classes[one] ?? t("class {n}", { n: one });
      const lines = parts.map(([one, share]) => (mixed ? `${percent(share)} ${label(one)}` : label(one)));
      const html = lines.map((line) => `<span>${escapeText(line)}</span>`).join("");
      const [canvas, caption] = figure.children;
      if (caption.innerHTML !== html) caption.innerHTML = html;
      canvas.setAttribute("aria-label", lines.join(", "));
      paintPicture(canvas, images, shapes.images, i);
    });
  }

  /** @param {Event} event @param {string[]} classes */
  show_confusion({ confusion, step, accuracy }, classes) {
    const count = classes.length;
    const sum = (/** @type {number[]} */ values) => values.reduce((all, one) => all + one, 0);
    const total = sum(confusion);
    setText(
      this.about,
      t(
        "Validation at step {step:count}: {share:percent1} of {n:count} images right. Rows are the true classes, columns what the net says.",
        { step, share: accuracy, n: total },
      ),
    );
    if (this.list.dataset.classes !== classes.join("\n") || !this.list.firstElementChild) this.buildMatrix(classes);
    [...this.list.querySelectorAll("tbody tr")].forEach((row, i) => {
      const counts = confusion.subarray(i * count, (i + 1) * count);
      const all = sum(counts);
      const cells = /** @type {HTMLElement[]} */ ([...row.children]);
      counts.forEach((/** @type {number} */ one, /** @type {number} */ j) => {
        const cell = cells[j + 1];
        const share = all ? one / all : 0;
        setText(cell, String(one));
        cell.title = t("{n} of {all} images of {truth} are called {guess}", { n: one, all, truth: classes[i], guess: classes[j] });
        cell.style.setProperty("--share", `${(100 * Math.sqrt(share)).toFixed(1)}%`);
        cell.className = `${i === j ? "right" : "wrong"}${share > 0.3 ? " full" : one ? "" : " none"}`;
      });
      const right = all ? counts[i] / all : NaN;
      const last = cells[cells.length - 1];
      last.style.setProperty("--part", String(Number.isFinite(right) ? right : 0));
      setText(last.firstElementChild, percent(right));
    });
  }

  /** @param {string[]} classes */
  buildMatrix(classes) {
    this.list.dataset.classes = classes.join("\n");
    const heads = classes.map((name) => `<th scope="col"><span>${escapeText(name)}</span></th>`).join("");
    const rows = classes.map(
      (name) =>
        `<tr><th scope="row">${escapeText(name)}</th>${"<td></td>".repeat(classes.length)}` +
        `<td class="part"><span></span></td></tr>`,
    );
    this.list.innerHTML =
      `<table class="${classes.length > 12 ? "many" : ""}" style="--classes: ${classes.length}">` +
      `<caption class="unseen">${escapeText(t("Confusion matrix: rows true, columns predicted"))}</caption>` +
      `<thead><tr><th class="corner">${escapeText(t("true class"))}</th>${heads}` +
      `<th scope="col" class="part-head"><span>${escapeText(t("right"))}</span></th></tr></thead>` +
      `<tbody>${rows.join("")}</tbody></table>`;
  }

  /** @param {Event} event @param {string[]} classes */
  show_mistakes({ mistakes, shapes, labels, guesses, probabilities, step }, classes) {
    const count = shapes.mistakes[0];
    const about = count
      ? t("Validation at step {step:count}: the surest wrong answers first.", { step })
      : t("Validation at step {step:count}: no mistake was made.", { step });
    setText(this.about, about);
    const tall = shapes.guesses[1];
    const html =
      `<figure><canvas role="img"></canvas><figcaption><span class="truth">${escapeText(t("true class"))} <strong></strong></span>` +
      `${`<span class="guess"><i></i><span></span><b></b></span>`.repeat(tall)}</figcaption></figure>`;
    keepChildren(this.list, count, html).forEach((figure, i) => {
      const [canvas, caption] = figure.children;
      const truth = classes[labels[i]] ?? t("class {n}", { n: labels[i] });
      setText(caption.querySelector("strong"), truth);
      const said = [...caption.querySelectorAll(".guess")].map((/** @type {any} */ guess, k) => {
        const at = i * tall + k;
        const name = classes[guesses[at]] ?? t("class {n}", { n: guesses[at] });
        const [bar, label, value] = guess.children;
        guess.classList.toggle("true", guesses[at] === labels[i]);
        bar.style.transform = `scaleX(${probabilities[at]})`;
        setText(label, name);
        const sure = percent(probabilities[at]);
        setText(value, sure);
        return `${name} ${sure}`;
      });
      canvas.setAttribute("aria-label", t("an image of {truth}, taken for {guesses}", { truth, guesses: said.join(", ") }));
      paintPicture(canvas, mistakes, shapes.mistakes, i);
    });
  }
}
