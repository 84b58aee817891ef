// The button that copies a link, on a page that is not there.

import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { copyLink } from "../../assets/kit/link.js";

function page(search, clipboard) {
  globalThis.window = globalThis;
  globalThis.location = { origin: "https://there", pathname: "/lab/race", search };
  const area = { select() {}, remove() {} };
  globalThis.document = { createElement: () => area, execCommand: () => true };
  Object.defineProperty(globalThis, "navigator", { value: { clipboard }, configurable: true });
  return area;
}

async function copied(search, query) {
  let text = "";
  page(search, { writeText: async (one) => (text = one) });
  await copyLink(query, { append() {} }, {}, {});
  return text;
}

test("a link keeps the language of the page, once", async () => {
  assert.equal(await copied("", "v=7"), "https://there/lab/race?v=7");
  assert.equal(await copied("?lang=xx", "v=7"), "https://there/lab/race?v=7&lang=xx");
  assert.equal(await copied("?lang=xx", "v=7&lang=yy"), "https://there/lab/race?v=7&lang=yy");
});

test("it says so for two seconds, also without a clipboard", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const [label, status] = [{}, {}];
  const area = page("", undefined);
  await copyLink("v=7", { append() {} }, label, status);
  assert.equal(area.value, "https://there/lab/race?v=7");
  assert.deepEqual([label.textContent, status.textContent], ["Link copied", "Link copied"]);
  mock.timers.tick(2000);
  assert.deepEqual([label.textContent, status.textContent], ["Copy link", ""]);
  mock.timers.reset();
});
