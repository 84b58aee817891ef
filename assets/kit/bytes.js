// The bytes that a component is sent: a JSON header, and arrays as they lie in memory.

/** @type {Record<string, any>} */
const TYPED = { f8: Float64Array, f4: Float32Array, u2: Uint16Array, u1: Uint8Array };

/** A view on one named array; copied only where its bytes are not aligned.
 * @param {ArrayBufferLike} buffer @param {number} bodyStart @param {{dtype: string, offset: number, shape: number[]}} spec */
function viewArray(buffer, bodyStart, spec) {
  const Type = TYPED[spec.dtype];
  const length = spec.shape.reduce((product, size) => product * size, 1);
  const start = bodyStart + spec.offset;
  if (start % Type.BYTES_PER_ELEMENT === 0) return new Type(buffer, start, length);
  return new Type(buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT));
}

/** Own copy of the bytes, their header, and the arrays by name. @param {Uint8Array} message */
export function unpack(message) {
  const bytes = Uint8Array.from(message); // detached from the message it arrived in, and aligned
  const headerLength = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength)));
  /** @type {Record<string, any>} */
  const arrays = {};
  for (const [name, spec] of Object.entries(header.arrays)) {
    arrays[name] = viewArray(bytes.buffer, 4 + headerLength, spec);
  }
  return { bytes, header, arrays };
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export function equalBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
