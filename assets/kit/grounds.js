// The losses of surfaces over their windows, by name: all components of a page share them.

const MOST = 8; // a page shows one or two; the others are those of the pages before

/** @typedef {{grid: Uint16Array, nx: number, ny: number}} Ground */

/** @type {Map<string, Ground>} */
const grounds = new Map();
/** @type {Map<object, [string, (ground: Ground) => void]>} who asks -> name, what to do with the ground */
const waiting = new Map();

/** @param {string} name @param {Ground} ground */
export function keepGround(name, ground) {
  grounds.delete(name);
  grounds.set(name, ground);
  if (grounds.size > MOST) grounds.delete(grounds.keys().next().value);
  for (const [who, [wanted, use]] of waiting) {
    if (wanted !== name) continue;
    waiting.delete(who);
    use(ground);
  }
}

/** Calls `use` with the ground of this name, now or when it comes; asking again forgets what `who` asked before.
 * @param {object} who @param {string} name @param {(ground: Ground) => void} use */
export function withGround(who, name, use) {
  waiting.delete(who);
  const ground = grounds.get(name);
  if (ground) {
    keepGround(name, ground); // the last to be forgotten
    use(ground);
  } else waiting.set(who, [name, use]);
}

/** @param {object} who */
export const forgetGround = (who) => waiting.delete(who);
