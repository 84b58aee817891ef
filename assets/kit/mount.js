// How a component comes into the page: its style, its life, and how it finds the others.

/** The style sheet at an address below the folder of all components; without it a view is plain, but there. @param {string} name */
async function sheetAt(name) {
  const sheet = new CSSStyleSheet();
  if (import.meta.url.startsWith("data:")) return sheet; // a page of its own has its styles in it
  try {
    const answer = await fetch(new URL(`../${name}`, import.meta.url));
    if (answer.ok) sheet.replaceSync(await answer.text());
  } catch (problem) {
    console.warn(problem);
  }
  return sheet;
}

const shared = sheetAt("kit/kit.css");

/**
 * The function that Streamlit calls, once the styles are there, so that nothing is seen without them. Streamlit calls it
 * again with the same parent element whenever the data change, and cleans up also when an update was overtaken: a view
 * lives as long as its root is in the page.
 * @param {any} View class of the view: `new View(parent)`, `update(data)`, `release()`, `root`
 * @param {...string} styles addresses below the folder of all components
 */
export async function mounted(View, ...styles) {
  const sheets = await Promise.all([shared, ...styles.map(sheetAt)]);
  const views = new WeakMap();
  /** @param {{parentElement: HTMLElement, data: any, setTriggerValue: (name: string, value: any) => void}} given */
  return ({ parentElement, data, setTriggerValue }) => {
    let view = views.get(parentElement);
    if (!view) {
      const home = /** @type {ShadowRoot} */ (parentElement.getRootNode());
      home.adoptedStyleSheets = [...new Set([...home.adoptedStyleSheets, ...sheets])];
      views.set(parentElement, (view = new View(parentElement)));
    }
    view.setTriggerValue = setTriggerValue;
    view.update(data);
    return () =>
      setTimeout(() => {
        if (view.root.isConnected) return;
        view.release();
        views.delete(parentElement);
      });
  };
}

/** Says to the other components of the page that `thing` is there, now and whenever one asks; gives what ends this.
 * @param {string} name @param {any} thing */
export function offer(name, thing) {
  const say = () => document.dispatchEvent(new CustomEvent(`offer-${name}`, { detail: thing }));
  document.addEventListener(`ask-${name}`, say);
  say();
  return () => document.removeEventListener(`ask-${name}`, say);
}

/** Calls `found` with each thing of this name that another component offers; gives what ends this.
 * @param {string} name @param {(thing: any) => void} found */
export function ask(name, found) {
  const hear = (/** @type {Event} */ event) => found(/** @type {CustomEvent} */ (event).detail);
  document.addEventListener(`offer-${name}`, hear);
  document.dispatchEvent(new CustomEvent(`ask-${name}`));
  return () => document.removeEventListener(`offer-${name}`, hear);
}
