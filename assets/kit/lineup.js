// Which of several racers or runs are shown, and which one is held up, wherever it is named.

export class Lineup {
  /** @type {Set<any>} */ hidden = new Set();
  raised = -1;

  /**
   * @param {HTMLElement} root @param {string} name elements of the n-th one have `data-<name>="n"`
   * @param {() => any[]} ids what each is remembered by, when others come and go
   * @param {() => void} changed
   */
  constructor(root, name, ids, changed) {
    this.root = root;
    this.name = name;
    this.ids = ids;
    this.changed = changed;
  }

  /** @param {number} i */
  isHidden(i) {
    return this.hidden.has(this.ids()[i]);
  }

  /** @param {number} i */
  toggle(i) {
    const id = this.ids()[i];
    if (!this.hidden.delete(id)) this.hidden.add(id);
    this.show();
  }

  /** Shows one alone; once more shows all. @param {number} i */
  isolate(i) {
    const others = this.ids().filter((_, k) => k !== i);
    const alone = !this.isHidden(i) && others.every((id) => this.hidden.has(id));
    this.hidden = new Set(alone ? [] : others);
    this.show();
  }

  /** Marks all elements. */
  show() {
    for (const element of this.elements()) {
      const hidden = this.isHidden(Number(element.dataset[this.name]));
      element.classList.toggle("hidden", hidden);
      if (element.matches(".chip")) element.setAttribute("aria-pressed", String(!hidden));
    }
    this.changed();
  }

  /** Holds one up, or none with -1. @param {number} i */
  raise(i) {
    if (i >= 0 && this.isHidden(i)) i = -1;
    if (i === this.raised) return;
    this.raised = i;
    this.root.classList.toggle("raising", i >= 0);
    for (const element of this.elements()) element.classList.toggle("raised", Number(element.dataset[this.name]) === i);
    this.changed();
  }

  /** @returns {NodeListOf<HTMLElement>} */
  elements() {
    return this.root.querySelectorAll(`[data-${this.name}]`);
  }
}
