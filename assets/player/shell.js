// The elements around the canvases: heading, transport, chips, table, tooltip.

import { escapeText, iconButton } from "../kit/elements.js";
import { CANVASES } from "../kit/figure.js";
import { icon, keySample, lineSample } from "../kit/marks.js";
import { t } from "../kit/messages.js";
import { FIRST, REST, SCRUB } from "../kit/playback.js";

/** @typedef {import("./payload.js").Race} Race */

const SPEED = escapeText(t("Speed"));
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10];

export const SHELL = `
  <div class="head">
    <div class="what"><strong class="title"></strong> <span class="formula"></span></div>
    <div class="tools">
      ${iconButton("closer", t("Zoom in (+)"))}${iconButton("wider", t("Zoom out (-)"))}${iconButton("whole", t("Whole window (0)"))}
      <button type="button" class="copy" data-act="copy">${icon("link")}<span>${escapeText(t("Copy link"))}</span></button>
    </div>
  </div>
  <div class="picture">
    ${CANVASES}
    <button type="button" class="start"><span class="ring"></span><span class="where" hidden></span></button>
    <p class="refusal" role="status" hidden></p>
  </div>
  <div class="knobs" role="group" hidden></div>
  <div class="transport" role="group" aria-label="${escapeText(t("Playback"))}">
    <div class="buttons">
      ${FIRST}${iconButton("back", t("One step back (Left)"))}
      ${iconButton("play", t("Play (Space)"), "main")}
      ${iconButton("forward", t("One step forward (Right)"))}${iconButton("last", t("To the end (End)"))}
    </div>
    ${SCRUB}
    <label class="speed"><span class="unseen">${SPEED}</span><select aria-label="${SPEED}">
      ${SPEEDS.map((speed) => `<option value="${speed}"${speed === 1 ? " selected" : ""}>${speed}×</option>`).join("")}
    </select></label>
    ${iconButton("loop", t("Repeat"), "loop").replace("<button", '<button aria-pressed="false"')}
  </div>
  <div class="chips" role="group" aria-label="${escapeText(t("Racers: click hides or shows, double click isolates"))}"></div>
  <div class="charts"><div class="chart loss"></div><div class="chart rate"></div></div>
  <div class="rows"><table></table></div>
  <ul class="notes"></ul>
  ${REST}`;

export const PARTS =
  ".title .formula .copy .picture .charts .loss .rate .tip .transport .scrub .step .start .where .refusal .knobs " +
  ".chips .rows .notes select table [role=status] [data-act=play] [data-act=loop]";

/**
 * One chip per racer, and a button that opens its knobs. Each reserves the room of its longest text, so that nothing
 * moves while playing.
 * @param {HTMLElement} box @param {Race} race @param {string[]} racerColors @param {string} halo
 */
export function fillChips(box, race, racerColors, halo) {
  const active = /** @type {ShadowRoot} */ (box.getRootNode()).activeElement;
  const kept = box.contains(active) ? active.closest(".racer") : null;
  const place = [...box.children].indexOf(kept);
  const kind = active?.matches(".chip") ? ".chip" : ".tune";
  const chips = race.racers.map((racer, r) => {
    const longest = racer.ended === "ran" ? "−0.00·10⁻⁰⁰" : race.outcome(r);
    return (
      `<span class="racer"><button type="button" class="chip" data-racer="${r}" title="${escapeText(racer.sentence || "")}">` +
      `${lineSample(racer, racerColors[r], halo)}<span class="name">${escapeText(racer.label)}</span>` +
      `<span class="value" data-longest="${longest}"><span></span></span></button>` +
      `<button type="button" class="icon tune" data-knobs="${r}" aria-expanded="false" title="${escapeText(t("Knobs"))}" ` +
      `aria-label="${escapeText(t("Knobs of {racer}", { racer: racer.label }))}">${icon("knobs")}</button></span>`
    );
  });
  box.innerHTML = chips.join("") + `<span class="keys"></span>`;
  if (kept) /** @type {HTMLElement} */ (box.children[place]?.querySelector(kind))?.focus({ preventScroll: true });
}

/** The key of the picture's own marks; only those that occur. @param {HTMLElement} box @param {Race} race @param {string} color */
export function fillKeys(box, race, color) {
  const { minima, saddles } = race.header;
  const diverged = race.racers.some((racer) => racer.ended === "diverged");
  /** @type {[string, string, boolean][]} */
  const kinds = [
    ["minimum", t("minimum"), minima.length > 0], ["saddle", t("saddle"), saddles.length > 0],
    ["diverged", t("diverged"), diverged],
  ];
  box.innerHTML = kinds
    .map(([kind, word, there]) => (there ? `<span class="key">${keySample(kind, color)}${escapeText(word)}</span>` : ""))
    .join("");
}

/** @param {HTMLElement} table @param {Race} race @param {string[]} racerColors @param {string} halo */
export function fillTable(table, race, racerColors, halo) {
  const heads = (race.header.columns || []).map(
    ({ label, help }) => `<th scope="col" title="${escapeText(help || "")}"><span>${escapeText(label)}</span></th>`,
  );
  const rows = race.racers.map(
    (racer, r) =>
      `<tr data-racer="${r}" title="${escapeText(racer.sentence || "")}"><th scope="row">` +
      `${lineSample(racer, racerColors[r], halo)}<span class="name">${escapeText(racer.label)}</span></th>` +
      `${(racer.row || []).map((cell) => `<td>${escapeText(cell)}</td>`).join("")}</tr>`,
  );
  const caption = `<caption class="unseen">${escapeText(t("Results of the racers"))}</caption>`;
  table.innerHTML =
    `${caption}<thead><tr><th scope="col">${escapeText(t("racer"))}</th>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody>`;
}

/** What happened to the racers that did not run to the end, in words. @param {HTMLElement} list @param {Race} race */
export function fillNotes(list, race) {
  list.innerHTML = race.racers
    .filter((racer) => ["diverged", "stopped", "failed"].includes(racer.ended) && racer.sentence)
    .map((racer) => `<li><strong>${escapeText(racer.label)}</strong>: ${escapeText(racer.sentence)}</li>`)
    .join("");
}
