// A training from inside: the layers and the pictures of one run, or of two side by side.

import { escapeText, keepChildren, setHtml } from "../kit/elements.js";
import { t } from "../kit/messages.js";
import { clamp, Scale } from "../kit/scale.js";
import { INSIDE, LayerLines, Rows, TOO_MUCH } from "./layers.js";
import { Pictures } from "./pictures.js";
import { PHONE, SIDE_BY_SIDE } from "./plots.js";
import { LAYER_TABS, PICTURE_TABS } from "./shell.js";

/** @typedef {import("./log.js").Run} Run */
/** @typedef {import("./observatory.js").Observatory} Observatory */

/**
 * What is shown of one run, in two boxes; `drawn` and `moment` say of what.
 * @typedef {{
 *   place: number, width: number, layers: RowsView | LinesView, pictures: Pictures, boxes: any[],
 *   drawn?: string, moment?: string,
 * }} Pane
 */

const NOTHING_INSIDE = t("What happens inside the net is shown here from the first steps on.");

/** A pane's rows of layers: {draw(run, width)} for new data, {moment(run)} for another place of the slider. */
class RowsView {
  /** @param {Inside} inside @param {HTMLElement} box @param {string} tab */
  constructor(inside, box, tab) {
    this.inside = inside;
    this.view = inside.view;
    this.tab = tab;
    this.rows = new Rows(box);
  }

  /** @param {Run} run @param {number} width */
  draw(run, width) {
    const { rows, view, tab } = this;
    rows.layout(run.start.layers, width, view.look, view.width < PHONE);
    rows.drawMaps(run, tab, this.inside.mode, view.axis, view.look);
    this.markFindings(run);
  }

  /** @param {Run} run */
  moment(run) {
    this.rows.drawMoment(run.probes.upTo(this.view.stepOf(run)), this.view.x);
  }

  /** The evidence of findings that lies in layers: a frame in the maps, and its number at the layer. @param {Run} run */
  markFindings(run) {
    const { rows, view } = this;
    rows.box.querySelectorAll(".band").forEach((band) => band.remove());
    const numbers = run.start.layers.map(() => /** @type {number[]} */ ([]));
    view.plots.eachFinding((finding, i) => {
      if (finding.run !== run || finding.curve !== this.tab) return;
      const at = run.start.layers.indexOf(finding.layer);
      const { from, to, number, active } = view.plots.bandOf(finding, i);
      rows.addBand(from, to, at, active);
      if (at >= 0) numbers[at].push(number);
    });
    rows.rows.forEach(({ name }, i) => name.setAttribute("data-findings", numbers[i].join(" ")));
  }
}

const DEAD_AND_SATURATED = { dead: t("Dead units"), saturated: t("Saturated outputs") };

/** The same for curves of every layer. */
class LinesView {
  /** @param {Inside} inside @param {HTMLElement} box @param {string} tab */
  constructor(inside, box, tab) {
    this.view = inside.view;
    this.tab = tab;
    box.replaceChildren();
    this.figures = this.facts().map((facts) => {
      const figure = new LayerLines(box.appendChild(document.createElement("div")), facts);
      figure.box.className = "chart";
      this.view.listenToChart(figure, (px, py) => figure.nearest(px, py));
      return figure;
    });
  }

  /** @returns {Partial<LayerLines>[]} */
  facts() {
    const log = new Scale({ log: true });
    if (this.tab === "updates") {
      const [low, high] = this.view.data.healthy;
      const healthy = { low, high, label: t("healthy: around 10⁻³") };
      return [{ name: "update_ratio", title: t("Length of the update over length of the weights"), scale: log, healthy }];
    }
    if (INSIDE[this.tab]) return [{ name: INSIDE[this.tab].lines, title: INSIDE[this.tab].title, scale: log }];
    const lines = [{ value: TOO_MUCH, label: t("half") }];
    return Object.entries(DEAD_AND_SATURATED).map(([name, title]) => ({
      name, title, lines, percent: true, scale: new Scale({ low: 0, high: 1 }),
    }));
  }

  /** @param {Run} run @param {number} width */
  draw(run, width) {
    const { view, tab } = this;
    const useful = this.figures.filter(({ name }) => name !== "saturated" || run.start.bounded.some(Boolean));
    const perEpoch = run.probes.length / Math.max(run.xOf("epoch", run.lastStep), 1e-9);
    const each = useful.length > 1 && width >= SIDE_BY_SIDE ? Math.floor((width - 20) / 2) : width;
    for (const figure of this.figures) {
      figure.box.hidden = !useful.includes(figure);
      const height = clamp(run.start.layers.length * 20 + 90, 300, 460);
      figure.right = width < 480 ? 154 : 212;
      figure.resize(each, height, view.look);
      figure.setRun(run, view.axis, view.look, Math.max(1, Math.round(view.window * perEpoch)));
      figure.bands = [];
      view.plots.eachFinding((finding, i) => {
        const here = tab === "units" ? finding.name === figure.name : finding.curve === tab;
        if (finding.run === run && here) figure.bands.push(view.plots.bandOf(finding, i));
      });
      figure.drawBack({ raised: -1 });
    }
  }

  moment() {
    const { near, x } = this.view;
    for (const figure of this.figures) {
      if (figure.ready) figure.drawFront(x, { raised: near?.figure === figure ? near.series.run : -1 }, near);
    }
  }
}

export class Inside {
  /** @type {Pane[]} */ panes = [];
  /** @type {Set<Element>} */ seen = new Set();
  /** @type {number[]} */ places = [];
  picked = false;
  mode = "heat";
  said = "";

  /** @param {Observatory} view */
  constructor(view) {
    this.view = view;
    /** @type {Record<string, string>} */
    this.tab = { layers: "activations", pictures: "filters" };
    this.reset();
    const { inside, looks } = view.parts;
    this.seeing = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) this.seen.add(target);
          else this.seen.delete(target);
        }
        view.touch();
      },
      { rootMargin: "200px" },
    );
    for (const section of [inside, looks]) this.seeing.observe(section); // what is out of sight is not drawn
    this.listenToMaps();
  }

  reset() {
    this.places = [0]; // the runs whose inside is shown, the one chosen last at the end
    this.picked = false;
  }

  get chosen() {
    return this.places.at(-1);
  }

  /** Until somebody chooses, the first run that has begun. @param {import("./observatory.js").Shown[]} shown */
  choose(shown) {
    if (this.picked || shown[this.chosen]?.run.start) return;
    const first = shown.findIndex(({ run }) => run.start);
    if (first >= 0) this.places = [first];
  }

  /** New data: all is drawn anew. */
  spoil() {
    for (const pane of this.panes) pane.drawn = "";
    this.fillPicks();
  }

  /** The panes for the chosen runs and tabs; those that fit stay. */
  build() {
    const { view, tab, mode } = this;
    const { parts, width: room } = view;
    const count = room >= SIDE_BY_SIDE ? this.places.length : 1;
    const width = count > 1 ? Math.floor((room - 28) / 2) : room;
    const places = (count > 1 ? [...this.places] : [this.chosen]).sort((a, b) => a - b);
    const keys = places.map((place) => view.shown[place]?.key);
    const said = JSON.stringify([keys, width, tab, mode, view.look?.fontSize, room < PHONE]);
    if (said === this.said) return;
    this.said = said;
    parts.mode.hidden = !INSIDE[tab.layers];
    const html = `<div class="pane"><div class="pane-head"></div><div class="pane-body"></div></div>`;
    const layers = keepChildren(parts["layers-panes"], count, html);
    const pictures = keepChildren(parts["pictures-panes"], count, html);
    const rows = INSIDE[tab.layers] && mode !== "lines";
    this.panes = layers.map((layer, i) => {
      const [above, below] = [layer.lastElementChild, pictures[i].lastElementChild];
      below.view ||= new Pictures(below);
      const built = `${tab.layers} ${rows}`;
      if (above.built !== built) {
        above.built = built;
        above.className = `pane-body ${rows ? "" : "lines-body"}`;
        above.view = new (rows ? RowsView : LinesView)(this, above, tab.layers);
      }
      return { place: places[i], width, layers: above.view, pictures: below.view, boxes: [layer, pictures[i]] };
    });
    parts["layers-panes"].setAttribute("aria-label", LAYER_TABS[tab.layers]);
    parts["pictures-panes"].setAttribute("aria-label", PICTURE_TABS[tab.pictures]);
  }

  draw() {
    this.build();
    const { view } = this;
    const { axis, near } = view;
    for (const pane of this.panes) {
      const run = view.shown[pane.place]?.run;
      if (!run) continue;
      this.tellPane(pane, run);
      const step = view.stepOf(run);
      if (this.seen.has(view.parts.inside) && run.start) {
        const drawn = [run.version, axis.name, axis.end, view.finding, view.window].join();
        if (pane.drawn !== drawn) pane.layers.draw(run, pane.width);
        const moment = [drawn, view.x, step, near?.series.run, near?.i].join();
        if (pane.drawn !== drawn || pane.moment !== moment) pane.layers.moment(run);
        Object.assign(pane, { drawn, moment });
      }
      if (this.seen.has(view.parts.looks)) pane.pictures.show(run, this.tab.pictures, step);
    }
  }

  /** The names of the runs over their panes, where there are several, and what is said in place of an empty pane.
   * @param {Pane} pane @param {Run} run */
  tellPane({ place, boxes }, run) {
    const { shown } = this.view;
    const name = shown.length > 1 ? `${this.view.sample(place)}<b>${escapeText(shown[place].label)}</b>` : "";
    const [layers, pictures] = boxes;
    for (const box of boxes) {
      const head = box.firstElementChild;
      setHtml(head, name);
      head.hidden = !name;
    }
    if (this.panes.length < 2) layers.firstElementChild.hidden = true; // the chips above say it
    pictures.lastElementChild.hidden = false;
    layers.lastElementChild.hidden = !run.probes.length;
    layers.dataset.empty = run.probes.length ? "" : NOTHING_INSIDE;
  }

  // ---- what is shown ----

  /** With several runs: whose inside is shown. */
  fillPicks() {
    const { shown, parts, root, width } = this.view;
    const { picks } = parts;
    picks.hidden = shown.length < 2;
    if (picks.hidden) return;
    const chips = shown.map(
      ({ label }, place) =>
        `<button type="button" class="chip pick" data-pick="${place}" aria-pressed="${this.places.includes(place)}">` +
        `${this.view.sample(place)}<span class="name">${escapeText(label)}</span></button>`,
    );
    const two =
      `<label class="switch"><input type="checkbox" class="two"${this.places.length > 1 ? " checked" : ""}>` +
      `<span>${escapeText(t("two side by side"))}</span></label>`;
    const html = `<span class="picks-label">${escapeText(t("Inside of"))}</span>${chips.join("")}${width >= SIDE_BY_SIDE ? two : ""}`;
    const held = /** @type {any} */ (root.getRootNode()).activeElement;
    const again = picks.contains(held) ? (held.dataset.pick ? `[data-pick="${held.dataset.pick}"]` : ".two") : "";
    if (setHtml(picks, html) && again) picks.querySelector(again)?.focus({ preventScroll: true });
  }

  /** Shows the inside of a run; of two, the one that was chosen first gives way. @param {number} place */
  pick(place) {
    this.picked = true;
    if (!this.places.includes(place)) this.places = [...this.places.slice(1), place];
    this.view.refresh();
  }

  /** @param {boolean} two */
  pickTwo(two) {
    this.picked = true;
    const { chosen } = this;
    const other = this.view.shown.findIndex((_, place) => place !== chosen);
    this.places = two && other >= 0 ? [other, chosen] : [chosen];
    this.view.refresh();
  }

  /** @param {string} group @param {string} name */
  openTab(group, name) {
    this.tab[group] = name;
    for (const tab of /** @type {HTMLElement[]} */ ([...this.view.root.querySelectorAll(`[data-group=${group}]`)])) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.view.hideTip();
    this.view.touch();
  }

  /** Pressing or dragging on a map goes to that place. */
  listenToMaps() {
    const box = this.view.parts["layers-panes"];
    /** @type {{canvas: HTMLElement, rows: Rows} | null} */
    let held = null;
    const seek = (/** @type {PointerEvent} */ { clientX }) => {
      const { plot } = held.rows;
      const part = (clientX - held.canvas.getBoundingClientRect().left - plot.left) / (plot.right - plot.left);
      this.view.seek(clamp(part, 0, 1) * this.view.axis.end);
    };
    box.addEventListener("pointerdown", (/** @type {any} */ event) => {
      const canvas = event.target.closest?.("canvas.map");
      const all = this.panes.flatMap(({ layers }) => (layers instanceof RowsView ? [layers.rows] : []));
      const rows = canvas && all.find((one) => one.box.contains(canvas));
      if (!rows || event.button !== 0) return;
      held = { canvas, rows };
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    box.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => held && seek(event));
    const drop = () => {
      held = null;
    };
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, drop);
  }

  release() {
    this.seeing.disconnect();
  }
}
