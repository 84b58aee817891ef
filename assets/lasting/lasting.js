// Brings what outlasts many reruns, such as the losses of a surface, apart from what changes with each.

import { unpack } from "../kit/bytes.js";
import { keep } from "../kit/lasting.js";
import { mounted } from "../kit/mount.js";

class Lasting {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = document.createElement("div");
    parent.append(this.root);
  }

  /** @param {Uint8Array} message */
  update(message) {
    const { header, arrays } = unpack(message);
    keep(header.name, { header, arrays });
  }

  release() {}
}

export default await mounted(Lasting);
