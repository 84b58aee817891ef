// A surface as a bitmap of filled bands with contour lines.

import { rgb } from "./canvas.js";

/** @typedef {{at: number, value: number}} Level */
/** @typedef {import("./canvas.js").Box} Box */

/** Per pixel the four grid nodes around it and their Catmull-Rom weights.
 * @param {number} count @param {number} nodes @param {number} low @param {number} high */
function cubicTaps(count, nodes, low, high) {
  const index = new Int32Array(4 * count);
  const weight = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const at = (low + ((i + 0.5) / count) * (high - low)) * (nodes - 1);
    const node = Math.min(Math.max(Math.floor(at), 0), Math.max(0, nodes - 2));
    const t = at - node;
    for (let k = 0; k < 4; k++) index[4 * i + k] = Math.min(Math.max(node + k - 1, 0), nodes - 1);
    weight[4 * i] = 0.5 * (-t + 2 * t * t - t * t * t);
    weight[4 * i + 1] = 0.5 * (2 - 5 * t * t + 3 * t * t * t);
    weight[4 * i + 2] = 0.5 * (t + 4 * t * t - 3 * t * t * t);
    weight[4 * i + 3] = 0.5 * (-t * t + t * t * t);
  }
  return { index, weight };
}

/** The grid at pixel resolution: a [height, width] field in 0..65535 whose row 0 is the top.
 * @param {import("./lasting.js").Ground} ground @param {number[]} window left, right, bottom, top
 * @param {Box} view @param {number} width @param {number} height */
export function upsample({ grid, nx, ny }, [left, right, bottom, top], view, width, height) {
  const partX = (/** @type {number} */ x) => (x - left) / (right - left);
  const partY = (/** @type {number} */ y) => (y - bottom) / (top - bottom);
  const across = cubicTaps(width, nx, partX(view.left), partX(view.right));
  const down = cubicTaps(height, ny, partY(view.top), partY(view.bottom));
  const { index: ix, weight: w } = across;
  const rows = new Float32Array(ny * width);
  for (let j = 0, row = 0; j < ny; j++, row += nx) {
    for (let i = 0, k = 0; i < width; i++, k += 4) {
      rows[j * width + i] =
        w[k] * grid[row + ix[k]] + w[k + 1] * grid[row + ix[k + 1]] +
        w[k + 2] * grid[row + ix[k + 2]] + w[k + 3] * grid[row + ix[k + 3]];
    }
  }
  const field = new Float32Array(width * height);
  for (let j = 0, k = 0; j < height; j++, k += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((tap) => down.index[k + tap] * width);
    const [wa, wb, wc, wd] = [0, 1, 2, 3].map((tap) => down.weight[k + tap]);
    for (let i = 0, out = j * width; i < width; i++, out++) {
      const value = wa * rows[a + i] + wb * rows[b + i] + wc * rows[c + i] + wd * rows[d + i];
      field[out] = value < 0 ? 0 : value > 65535 ? 65535 : value;
    }
  }
  return field;
}

/** The colour of the band between levels band-1 and band; a ramp of another length is stretched.
 * @param {string[]} ramp @param {number} band @param {number} bands */
export function bandColor(ramp, band, bands) {
  if (ramp.length === bands) return ramp[band];
  return ramp[Math.round((band / Math.max(1, bands - 1)) * (ramp.length - 1))];
}

/** For each of the 65,536 grid values the packed colour of its band. @param {Level[]} levels @param {string[]} ramp */
function bandTable(levels, ramp) {
  const table = new Uint32Array(65536);
  const bytes = new Uint8Array(table.buffer);
  let band = -1;
  let from = 0;
  const edges = [...levels.map((level) => Math.ceil(level.at * 65535)), 65536];
  for (const edge of edges) {
    const [red, green, blue] = rgb(bandColor(ramp, ++band, edges.length));
    bytes.set([red, green, blue, 255], 4 * Math.min(from, 65535));
    const packed = table[Math.min(from, 65535)];
    table.fill(packed, from, Math.max(from, edge));
    from = Math.max(from, edge);
  }
  return table;
}

/** Marching squares over one cell: which two edges a level enters and leaves by, for each corner pattern. */
const CELL_EDGES = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], [3, 2, 0, 1], [0, 2], [3, 2],
  [2, 3], [2, 0], [0, 3, 1, 2], [2, 1], [1, 3], [1, 0], [0, 3], [],
];

/** All contour lines of a field as one path; `cell` is the side of a marching square in pixels.
 * @param {Float32Array} field @param {number} width @param {number} height @param {Level[]} levels @param {number} cell */
export function contourPath(field, width, height, levels, cell) {
  const path = new Path2D();
  const marks = levels.map((level) => level.at * 65535);
  const corner = new Float64Array(4);
  /** @param {number} edge @param {number} mark @param {number} x @param {number} y @returns {[number, number]} */
  const cut = (edge, mark, x, y) => {
    const [a, b] = [corner[edge], corner[(edge + 1) % 4]];
    const part = cell * ((mark - a) / (b - a));
    if (edge === 0) return [x + part, y];
    if (edge === 1) return [x + cell, y + part];
    if (edge === 2) return [x + cell - part, y + cell];
    return [x, y + cell - part];
  };
  for (let y = 0; y + cell < height; y += cell) {
    for (let x = 0; x + cell < width; x += cell) {
      const at = y * width + x;
      corner[0] = field[at];
      corner[1] = field[at + cell];
      corner[2] = field[at + cell * width + cell];
      corner[3] = field[at + cell * width];
      const low = Math.min(corner[0], corner[1], corner[2], corner[3]);
      const high = Math.max(corner[0], corner[1], corner[2], corner[3]);
      for (const mark of marks) {
        if (mark <= low || mark > high) continue;
        let pattern = 0;
        for (let k = 0; k < 4; k++) if (corner[k] >= mark) pattern |= 1 << k;
        const edges = CELL_EDGES[pattern];
        for (let k = 0; k < edges.length; k += 2) {
          path.moveTo(...cut(edges[k], mark, x + 0.5, y + 0.5));
          path.lineTo(...cut(edges[k + 1], mark, x + 0.5, y + 0.5));
        }
      }
    }
  }
  return path;
}

/** The surface over a view as a bitmap of width x height device pixels.
 * @param {import("../player/payload.js").Race} race @param {Box} view @param {number} width @param {number} height
 * @param {import("./view.js").Look} look */
export function paintSurface(race, view, width, height, { ramp, line, ratio }) {
  const canvas = new OffscreenCanvas(width, height);
  const ctx = canvas.getContext("2d");
  const field = upsample(race.ground, race.header.window, view, width, height);
  const table = bandTable(race.header.levels, ramp);
  const image = ctx.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[field[i] | 0];
  ctx.putImageData(image, 0, 0);
  ctx.strokeStyle = line;
  ctx.lineWidth = ratio;
  ctx.lineCap = "round";
  ctx.stroke(contourPath(field, width, height, race.header.levels, Math.max(2, Math.round(2 * ratio))));
  return canvas;
}
