// Makes payloads as the server packs them.

const DTYPES = { Float64Array: "f8", Float32Array: "f4", Uint16Array: "u2", Uint8Array: "u1" };

/** Length of the header, the header padded to a multiple of 8, arrays. */
export function pack(header, arrays) {
  const listed = {};
  let end = 0;
  for (const [name, [array, ...shape]] of Object.entries(arrays)) {
    listed[name] = { dtype: DTYPES[array.constructor.name], offset: end, shape };
    end += 8 * Math.ceil(array.byteLength / 8);
  }
  let text = JSON.stringify({ ...header, arrays: listed });
  while ((4 + text.length) % 8) text += " ";
  const bytes = new Uint8Array(4 + text.length + end);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(new TextEncoder().encode(text), 4);
  for (const [name, [array]] of Object.entries(arrays)) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 4 + text.length + listed[name].offset);
  }
  return bytes;
}

/** A loop that goes `knobs[0] * factor` to the left with each step; its loss is x. */
export const WALK = `(x, y, factors, draws, decay, window, knobs, rows) => {
  for (let k = 0; k <= factors.length; k++) {
    rows.set([x, y, x, 1, 0], 5 * k);
    if (!(x > window[0])) return k;
    x -= knobs[0] * factors[k];
  }
  return factors.length + 1;
}`;

/** A race of two over four steps: one that can be run again, and one that cannot. */
export function racePayload(change = {}) {
  const knob = { name: "lr", label: "lr", help: "", low: 0, high: 1, log: false, whole: false, value: 0.5 };
  const racer = { id: 0, label: "SGD", length: 5, ended: "ran", knobs: [knob], program: 0, reason: "", factors: -1, draws: "", decay: 0 };
  const header = {
    key: "k", ground: "g", title: "Slope", formula: "x", window: [-9, 9, -9, 9], levels: [], steps: 4, start: [4, 1],
    racers: [racer, { ...racer, id: 3, label: "BFGS", knobs: [], program: -1, reason: "Only on release." }],
    programs: [{ text: WALK, states: [] }], ...change,
  };
  const path = [4, 1, 3.5, 1, 3, 1, 2.5, 1, 2, 1];
  return pack(header, {
    path: [Float32Array.from([...path, ...path]), 2, 5, 2],
    loss: [Float32Array.from([4, 3.5, 3, 2.5, 2, 4, 3.5, 3, 2.5, 2]), 2, 5],
  });
}
