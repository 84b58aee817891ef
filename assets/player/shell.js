// The elements around the canvases: heading, transport, chips, table, tooltip.

import { icon, keySample, lineSample } from "../kit/marks.js";
import { escapeText } from "../kit/view.js";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10];

export const button = (act, label, extra = "") =>
  `<button type="button" class="icon ${extra}" data-act="${act}" aria-label="${label}" title="${label}">${icon(act)}</button>`;

const chartBox = (name) =>
  `<div class="chart ${name}"><canvas class="back" aria-hidden="true"></canvas><canvas class="front" role="img"></canvas></div>`;

const SHELL = `
  <div class="head">
    <div class="what"><strong class="title"></strong> <span class="formula"></span></div>
    <div class="tools">
      ${button("closer", "Zoom in (+)")}${button("wider", "Zoom out (-)")}${button("whole", "Whole window (0)")}
      <button type="button" class="copy" data-act="copy">${icon("link")}<span>Copy link</span></button>
    </div>
  </div>
  <div class="picture">
    <canvas class="back" aria-hidden="true"></canvas>
    <canvas class="front" role="img"></canvas>
    <button type="button" class="start"><span class="ring"></span><span class="where" hidden></span></button>
    <p class="refusal" role="status" hidden></p>
  </div>
  <div class="knobs" role="group" hidden></div>
  <div class="transport" role="group" aria-label="Playback">
    <div class="buttons">
      ${button("first", "To the start (Home)")}${button("back", "One step back (Left)")}
      ${button("play", "Play (Space)", "main")}
      ${button("forward", "One step forward (Right)")}${button("last", "To the end (End)")}
    </div>
    <input class="scrub" type="range" min="0" step="1" value="0" aria-label="Step">
    <output class="step"></output>
    <label class="speed"><span class="unseen">Speed</span><select aria-label="Speed">
      ${SPEEDS.map((speed) => `<option value="${speed}"${speed === 1 ? " selected" : ""}>${speed}×</option>`).join("")}
    </select></label>
    ${button("loop", "Repeat", "loop").replace("<button", '<button aria-pressed="false"')}
  </div>
  <div class="chips" role="group" aria-label="Racers: click hides or shows, double click isolates"></div>
  <div class="charts">${chartBox("loss")}${chartBox("rate")}</div>
  <div class="rows"><table></table></div>
  <ul class="notes"></ul>
  <div class="tip" hidden></div>
  <div class="unseen" role="status" aria-live="polite"></div>`;

export function buildShell() {
  const root = document.createElement("div");
  root.className = "figures player";
  root.tabIndex = 0;
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Race player");
  root.innerHTML = SHELL;
  return root;
}

/**
 * One chip per racer, and a button that opens its knobs. Each reserves the room of its longest text, so that nothing
 * moves while playing.
 */
export function fillChips(box, race, racerColors, halo) {
  const active = box.getRootNode().activeElement;
  const kept = box.contains(active) && active.closest(".racer");
  const place = [...box.children].indexOf(kept);
  const kind = active?.matches(".chip") ? ".chip" : ".tune";
  const chips = race.racers.map((racer, r) => {
    const longest = racer.ended === "ran" ? "−0.00·10⁻⁰⁰" : `${racer.ended} at step ${race.lastStep(r)}`;
    return (
      `<span class="racer"><button type="button" class="chip" data-racer="${r}" title="${escapeText(racer.sentence || "")}">` +
      `${lineSample(racer, racerColors[r], halo)}<span class="name">${escapeText(racer.label)}</span>` +
      `<span class="value" data-longest="${longest}"><span></span></span></button>` +
      `<button type="button" class="icon tune" data-knobs="${r}" aria-expanded="false" title="Knobs" ` +
      `aria-label="Knobs of ${escapeText(racer.label)}">${icon("knobs")}</button></span>`
    );
  });
  box.innerHTML = chips.join("") + `<span class="keys"></span>`;
  if (kept) box.children[place]?.querySelector(kind)?.focus({ preventScroll: true });
}

/** The key of the picture's own marks; only those that occur. */
export function fillKeys(box, race, color) {
  const { minima, saddles } = race.header;
  const kinds = { minimum: minima.length, saddle: saddles.length };
  kinds.diverged = race.racers.some((racer) => racer.ended === "diverged");
  box.innerHTML = Object.keys(kinds)
    .filter((kind) => kinds[kind])
    .map((kind) => `<span class="key">${keySample(kind, color)}${kind}</span>`)
    .join("");
}

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
  const caption = `<caption class="unseen">Results of the racers</caption>`;
  table.innerHTML =
    `${caption}<thead><tr><th scope="col">racer</th>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody>`;
}

/** What happened to the racers that did not run to the end, in words. */
export function fillNotes(list, race) {
  list.innerHTML = race.racers
    .filter((racer) => ["diverged", "stopped", "failed"].includes(racer.ended) && racer.sentence)
    .map((racer) => `<li><strong>${escapeText(racer.label)}</strong>: ${escapeText(racer.sentence)}</li>`)
    .join("");
}
