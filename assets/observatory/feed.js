// Asks the server for what is new of each run.

import { readFrames } from "./log.js";

const BEAT = 250; // milliseconds between two questions about a run that trains
const CROWD = 20; // watchers from which on each asks less often, so that the server answers no more in all
const UNSEEN_BEAT = 5000; // while nobody sees the page; the questions also tell the server that somebody waits
const RESTING_BEAT = 3000; // for a run that somebody else may start
const LONGEST_WAIT = 8000; // between two tries while the server does not answer
/** @typedef {import("./log.js").Run} Run */

const OVER = new Set(["finished", "failed"]);

export class Feed {
  /** @type {Run[]} */ runs = [];
  ended = false;
  base = "";
  visitor = "";

  /**
   * @param {(run: Run) => void} changed called when there is something new
   * @param {() => void} turned called when the state of a run has changed
   */
  constructor(changed, turned) {
    this.changed = changed;
    this.turned = turned;
    this.seen = () => {
      if (document.visibilityState !== "visible") return;
      for (const run of this.runs) if (run.timer && run.beat > BEAT) this.ask(run);
    };
    document.addEventListener("visibilitychange", this.seen);
  }

  /** What there is of a run, on a page without a server. @param {Run} run @param {string} log in base64 */
  open(run, log) {
    const bytes = Uint8Array.from(atob(log), (letter) => letter.charCodeAt(0));
    this.take(run, { state: run.told, size: bytes.length }, bytes);
  }

  /** From now on these runs; asks for all of them at once. @param {Run[]} runs @param {string} base @param {string} visitor */
  watch(runs, base, visitor) {
    for (const run of this.runs) clearTimeout(run.timer);
    Object.assign(this, { runs, base, visitor });
    for (const run of runs) this.ask(run);
  }

  end() {
    this.ended = true;
    document.removeEventListener("visibilitychange", this.seen);
    for (const run of this.runs) clearTimeout(run.timer);
  }

  /** The address below the page's own folder, so that it holds behind a proxy's path as well. @param {Run} run */
  address(run) {
    const url = new URL(`${this.base}/runs/${encodeURIComponent(run.key)}/log`, location.href);
    url.searchParams.set("from", String(run.offset));
    url.searchParams.set("visitor", this.visitor);
    return url;
  }

  /** @param {Run} run */
  async ask(run) {
    clearTimeout(run.timer);
    run.timer = 0;
    run.again = run.asking; // what is under way may have been answered before whatever is asked for now
    if (run.asking) return;
    run.asking = true;
    const begun = performance.now();
    try {
      const answer = await fetch(this.address(run), { cache: "no-store" });
      const state = JSON.parse(answer.headers.get("X-Run"));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (!state) throw new Error(`the server answered ${answer.status}`);
      this.take(run, state, bytes);
    } catch {
      run.failures += 1;
      if (run.failures === 2) this.changed(run); // once may be a hiccup
    }
    run.asking = false;
    if (this.ended || !this.runs.includes(run)) return;
    run.beat = run.again ? 0 : this.wait(run, performance.now() - begun);
    if (run.beat < Infinity) run.timer = window.setTimeout(() => this.ask(run), run.beat);
  }

  /** @param {Run} run @param {Record<string, any>} state @param {Uint8Array} bytes */
  take(run, state, bytes) {
    if (state.size < run.offset || (run.offset && state.generation !== run.state?.generation)) {
      run.clear(); // the log has been cut back to a checkpoint: what came does not belong to what is held
      bytes = bytes.subarray(0, 0);
    }
    let read;
    try {
      read = readFrames(bytes);
    } catch (problem) {
      run.clear();
      throw problem;
    }
    for (const event of read.events) run.take(event);
    run.offset += read.taken;
    run.more = (read.taken > 0 || !run.offset) && run.offset < state.size; // not while a frame is being written
    const before = run.state;
    const said = JSON.stringify(state);
    const news = read.events.length > 0 || run.failures > 0 || said !== run.said;
    Object.assign(run, { state, said, failures: 0 });
    if (news) this.changed(run);
    if ((before?.state ?? run.told) !== state.state) this.turned();
  }

  /** Milliseconds until the next question; never while nothing can change. A slow server is asked less often.
   * @param {Run} run @param {number} took */
  wait(run, took) {
    if (run.failures) return Math.min(LONGEST_WAIT, BEAT * 2 ** run.failures);
    if (run.more) return 0;
    if (OVER.has(run.state.state)) return Infinity;
    if (document.visibilityState !== "visible") return UNSEEN_BEAT;
    const beat = BEAT * Math.max(1, (run.state?.watchers || 1) / CROWD);
    return run.active ? Math.max(beat - took, 2 * took) : RESTING_BEAT;
  }
}
