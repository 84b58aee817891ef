// What the viewer drags, from the first move to the server's answer.
//
// `wanted` holds the start and the knobs that the viewer has set and the server has not answered yet. Until then the
// race is computed here; when the answer comes, it is the same race, and nothing moves.

const PATIENCE = 20000; // milliseconds without an answer after which the server's race returns
const KEYS_REST = 350; // milliseconds after the last key before the server is asked

/** @typedef {import("./payload.js").Wanted} Wanted */

export class Bending {
  /** @type {Wanted} */ wanted = null;
  active = false; // something is held: whole paths are shown, wherever the clock stands
  stale = false; // wanted has changed since it was computed
  waiting = 0;
  resting = 0;

  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
  }

  /** Where the start handle stands. */
  get start() {
    return (this.wanted || this.player.race.given).start;
  }

  /** The values of a racer's knobs. @param {number} id */
  knobs(id) {
    return (this.wanted || this.player.race.given).knobs[id];
  }

  /** Takes over another start or other knobs; they are computed with the next frame. @param {Partial<Wanted>} change */
  want(change) {
    const { player } = this;
    this.wanted = { ...(this.wanted || player.race.given), ...change };
    this.stale = true;
    if (!this.active) {
      this.active = true;
      player.fps.since = 0;
      player.picture.invalidate();
    }
    clearTimeout(this.resting);
    player.touch();
  }

  /** @param {number} id @param {number} place of the knob @param {number} value */
  turn(id, place, value) {
    const { knobs } = this.wanted || this.player.race.given;
    this.want({ knobs: { ...knobs, [id]: Object.assign([...knobs[id]], { [place]: value }) } });
  }

  /** Computes what is wanted, if that has changed; called before a frame is drawn. @param {number} now */
  apply(now) {
    const { player } = this;
    if (!this.stale || !this.wanted) return;
    this.stale = false;
    player.race.bend(this.wanted);
    if (!player.playing) player.countFrame(now);
    this.show();
  }

  /** Brings everything that shows the race's numbers up to date. */
  show() {
    const { player } = this;
    const { race, root, parts } = player;
    player.picture.trailDirty = true;
    for (const chart of player.charts) chart.setRace(race);
    root.classList.toggle("bent", race.bent);
    parts.refusal.hidden = !this.active || !race.refused.length;
    if (!parts.refusal.hidden) parts.refusal.textContent = refusal(race.refused);
    player.chipsAt = -1;
  }

  /** Lets go, after keys only once they rest; then the server is asked. @param {boolean} byKey */
  release(byKey) {
    clearTimeout(this.resting);
    if (byKey) this.resting = window.setTimeout(() => this.release(false), KEYS_REST);
    else if (this.wanted) this.settle();
  }

  settle() {
    const { race } = this.player;
    this.rest();
    if (race.answers(this.wanted)) this.drop();
    else if (!race.header.compact) this.ask(this.wanted, race.given);
  }

  /** @param {Wanted} wanted @param {Wanted} given */
  ask(wanted, given) {
    const { player } = this;
    if (String(wanted.start) !== String(given.start)) player.setTriggerValue("start", wanted.start);
    const turned = player.race.racers.flatMap(({ id, knobs }) => {
      const values = knobs.map(({ name }, i) => [id, name, wanted.knobs[id][i]]);
      return values.filter(([, , value], i) => value !== given.knobs[id][i]);
    });
    if (turned.length) player.setTriggerValue("knob", turned);
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.drop(), PATIENCE);
  }

  /** Nothing is held any more: the paths are shown up to the clock again. */
  rest() {
    if (!this.active) return;
    this.active = false;
    this.player.parts.refusal.hidden = true;
    this.player.redraw();
  }

  /** Back to the race that the server has sent. */
  drop() {
    const { player } = this;
    this.end();
    this.rest();
    if (player.race.bent) player.race.straighten();
    this.show();
    player.redraw();
    player.placeStart();
    player.showKnobs();
  }

  /** What is wanted, carried over to a race that has come from the server: whether it is still the viewer's.
   * @param {import("./loops.js").BendableRace} before @param {import("./loops.js").BendableRace} race */
  carry(before, race) {
    if (!this.wanted) return false;
    const answered = race.answers(this.wanted);
    if (!answered && race.takes(before)) this.stale = true; // an older answer: the present one is still to come
    else this.end();
    if (answered) this.active = false;
    return this.stale || answered;
  }

  end() {
    this.wanted = null;
    this.stale = false;
    for (const timer of [this.waiting, this.resting]) clearTimeout(timer);
  }
}

/** Who is not computed here, and why. @param {import("./payload.js").Racer[]} racers */
function refusal(racers) {
  /** @type {Record<string, string[]>} */
  const labels = {};
  for (const { label, reason } of racers) (labels[reason] ||= []).push(label);
  const inside = (/** @type {string} */ reason) => reason[0].toLowerCase() + reason.slice(1);
  return Object.entries(labels).map(([reason, names]) => `${names.join(", ")}: ${inside(reason)}`).join(" ");
}
