// Brings the losses of a surface, which players and maps draw, apart from what changes with every race.

import { unpack } from "../kit/bytes.js";
import { keepGround } from "../kit/grounds.js";
import { mounted } from "../kit/mount.js";

class Ground {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = document.createElement("div");
    parent.append(this.root);
  }

  /** @param {Uint8Array} message */
  update(message) {
    const { header, arrays } = unpack(message);
    const [ny, nx] = header.arrays.grid.shape;
    keepGround(header.name, { grid: arrays.grid, nx, ny });
  }

  release() {}
}

export default await mounted(Ground);
