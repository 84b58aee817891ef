// Player, part 1: the bytes sent by the server become a race.
//
// The parts are plain scripts without imports: those of canvas/ and these are joined in the order of their names into
// one module, because a Streamlit component takes a single text. Part 6 holds the export and the overview.

const TYPED = { f8: Float64Array, f4: Float32Array, u2: Uint16Array };

/** A view on one named array of the payload; copied only where its bytes are not aligned. */
function viewArray(buffer, bodyStart, spec) {
  const Type = TYPED[spec.dtype];
  const length = spec.shape.reduce((product, size) => product * size, 1);
  const start = bodyStart + spec.offset;
  if (start % Type.BYTES_PER_ELEMENT === 0) return new Type(buffer, start, length);
  return new Type(buffer.slice(start, start + length * Type.BYTES_PER_ELEMENT));
}

/** The race of a payload: its header, its arrays, and the few questions that every view asks of them. */
class Race {
  constructor(bytes) {
    const own = Uint8Array.from(bytes); // detached from the message it arrived in, and aligned
    const headerLength = new DataView(own.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(own.subarray(4, 4 + headerLength)));
    this.bytes = own;
    this.header = header;
    this.arrays = {};
    for (const [name, spec] of Object.entries(header.arrays)) {
      this.arrays[name] = viewArray(own.buffer, 4 + headerLength, spec);
    }
    [this.ny, this.nx] = header.arrays.grid.shape;
    this.steps = Math.max(1, header.steps);
    this.stride = header.steps + 1;
    this.racers = header.racers;
    // Nothing moves after the last racer has ended, so playing need not wait for the configured steps.
    this.lastMove = this.racers.reduce((last, racer) => Math.max(last, racer.length - 1), 0);
  }

  sameBytes(bytes) {
    if (bytes.length !== this.bytes.length) return false;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== this.bytes[i]) return false;
    return true;
  }

  lastStep(r) {
    return Math.max(0, Math.min(this.racers[r].length, this.stride) - 1);
  }

  x(r, step) {
    return this.arrays.path[2 * (r * this.stride + step)];
  }

  y(r, step) {
    return this.arrays.path[2 * (r * this.stride + step) + 1];
  }

  value(name, r, step) {
    return this.arrays[name][r * this.stride + step];
  }

  /** Position at a fractional step, on the straight line between two recorded points. */
  position(r, time) {
    const last = this.lastStep(r);
    const step = Math.min(Math.floor(time), last);
    const next = Math.min(step + 1, last);
    const part = Math.min(1, Math.max(0, time - step));
    const [x, y] = [this.x(r, step), this.y(r, step)];
    const [xn, yn] = [this.x(r, next), this.y(r, next)];
    if (!Number.isFinite(xn) || !Number.isFinite(yn)) return [x, y];
    return [x + part * (xn - x), y + part * (yn - y)];
  }

  /** What became of a racer, once the shown step has reached its end; otherwise an empty text. */
  outcome(r, time) {
    const { ended, awaited } = this.racers[r];
    if (awaited) return "on release";
    if (ended === "ran" || time < this.lastStep(r)) return "";
    return `${ended} at step ${this.lastStep(r) + (ended === "diverged" ? 1 : 0)}`;
  }
}
