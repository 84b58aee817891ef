// What payloads name and do not hold, because it outlasts them: all components of a page share it.

const MOST = 8; // a page shows two or three; the others are those of the pages before

/** @typedef {{header: import("../payloads.js").Lasting, arrays: Record<string, any>}} Held */
/** @typedef {{grid: Uint16Array, nx: number, ny: number}} Ground losses on a grid, 0 to 65,535, row 0 at the bottom */

/** @type {Map<string, Held>} */
const held = new Map();
/** @type {Map<object, [string, (one: Held) => void]>} who asks -> name, what to do with it */
const waiting = new Map();

/** @param {string} name @param {Held} one */
export function keep(name, one) {
  held.delete(name);
  held.set(name, one);
  if (held.size > MOST) held.delete(held.keys().next().value);
  for (const [who, [wanted, use]] of waiting) {
    if (wanted !== name) continue;
    waiting.delete(who);
    use(one);
  }
}

/** Calls `use` with what has this name, now or when it comes; asking again forgets what `who` asked before.
 * @param {object} who @param {string} name @param {(one: Held) => void} use */
export function withLasting(who, name, use) {
  waiting.delete(who);
  const one = held.get(name);
  if (one) {
    keep(name, one); // the last to be forgotten
    use(one);
  } else waiting.set(who, [name, use]);
}

/** The same with the losses of a surface. @param {object} who @param {string} name @param {(ground: Ground) => void} use */
export function withGround(who, name, use) {
  withLasting(who, name, ({ header, arrays: { grid } }) => {
    const [ny, nx] = header.arrays.grid.shape;
    use({ grid, nx, ny });
  });
}

/** @param {object} who */
export const waitNoMore = (who) => waiting.delete(who);
