// The quadratic model of the surface at a point, in pixels around that point.
//
// Along its own two directions a and b, of which a bends more, the model changes by g1 a + g2 b + (l1 a^2 + l2 b^2) / 2.

export const SIGHT = [60, 230]; // pixels around the point: where the model begins to fade, and where it is gone
const FAR = 6000; // pixels: a place that is level farther out counts as none
const BOWL = [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3]; // contours, as parts of the way from the level place to the point
const SADDLE = [-2.25, -1, -0.25, 0, 0.25, 1, 2.25]; // contours, as multiples of the height between the two
const SLOPE = [-1, -0.5, 0, 0.5, 1]; // contours, as multiples of the rise over a short way

/** @typedef {[number, number]} Pair */

/**
 * `kind`: "open" where it is level nowhere near, else what it is there, at `centre`; `away`: the same along its own directions.
 * @typedef {{
 *   l1: number, l2: number, g1: number, g2: number, kind: string, away: Pair,
 *   turned: (a: number, b: number) => Pair, centre: Pair | null,
 * }} Model
 */

/** The model from gradient (gx, gy) and Hessian (hxx, hxy, hyy), with (sx, sy) pixels per unit of the coordinates.
 * @param {number} gx @param {number} gy @param {number[]} hessian @param {number} sx @param {number} sy @returns {Model | null} */
export function quadraticModel(gx, gy, [hxx, hxy, hyy], sx, sy) {
  const [px, py] = [gx / sx, gy / sy];
  const [pxx, pxy, pyy] = [hxx / (sx * sx), hxy / (sx * sy), hyy / (sy * sy)];
  if (![px, py, pxx, pxy, pyy].every(Number.isFinite)) return null;
  const [mean, half] = [(pxx + pyy) / 2, (pxx - pyy) / 2];
  const root = Math.hypot(half, pxy);
  const flip = mean < 0; // then the other of the two bends more
  const angle = Math.atan2(pxy, half) / 2 + (flip ? Math.PI / 2 : 0);
  const [l1, l2] = flip ? [mean - root, mean + root] : [mean + root, mean - root];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [g1, g2] = [c * px + s * py, c * py - s * px];
  /** @type {Pair} */
  const away = [-g1 / l1, -g2 / l2];
  const level = Math.abs(l2) > 1e-9 * Math.abs(l1) && away.every((part) => Math.abs(part) < FAR);
  const kind = !level ? "open" : l1 * l2 < 0 ? "saddle" : l1 > 0 ? "minimum" : "maximum";
  /** @param {number} a @param {number} b @returns {Pair} */
  const turned = (a, b) => [c * a - s * b, s * a + c * b];
  return { l1, l2, g1, g2, kind, away, turned, centre: level ? turned(...away) : null };
}

/** Heights of the contours above the point; 0 is the one through it. @param {Model} model */
export function contourHeights({ l1, l2, g1, g2, kind, away }) {
  if (kind === "open" || Math.hypot(...away) > SIGHT[1]) {
    const unit = Math.max(Math.hypot(g1, g2) * 40, (Math.abs(l1) * 20 ** 2) / 2);
    return SLOPE.map((part) => part * unit);
  }
  const level = (g1 * away[0] + g2 * away[1]) / 2;
  if (kind === "saddle") {
    const unit = Math.max(Math.abs(level), (Math.abs(l2) * 40 ** 2) / 2);
    return SADDLE.map((part) => level + part * unit);
  }
  const unit = Math.max(Math.abs(level), (Math.abs(l1) * 14 ** 2) / 2) * Math.sign(l1);
  return BOWL.map((part) => level + part * part * unit);
}

/** Contours of a model within sight as [path, whether it is the one through the point], the point at the origin.
 * @param {Model} model @returns {[Path2D, boolean][]} */
export function modelContours(model) {
  const heights = contourHeights(model);
  const largest = Math.max(...heights.map(Math.abs));
  if (!(largest > 0)) return [];
  return heights.map((height) => [contourAt(model, height), Math.abs(height) <= 1e-6 * largest]);
}

/**
 * The contour at a height: for each b the two a that solve (l1/2) a^2 + g1 a + (l2/2) b^2 + g2 b = height. It goes out
 * along one of them and comes back along the other, over each stretch of b that has solutions.
 * @param {Model} model @param {number} height
 */
function contourAt(model, height) {
  const { l1, l2, g1, g2, turned } = model;
  const path = new Path2D();
  const reach = SIGHT[1];
  if (!l1) {
    const steep = g1 * g1 + g2 * g2;
    const [a, b] = [(height * g1) / steep, (height * g2) / steep];
    path.moveTo(...turned(a - g2 * (reach / Math.sqrt(steep)), b + g1 * (reach / Math.sqrt(steep))));
    path.lineTo(...turned(a + g2 * (reach / Math.sqrt(steep)), b - g1 * (reach / Math.sqrt(steep))));
    return path;
  }
  const inside = (/** @type {number} */ b) => g1 * g1 - 2 * l1 * ((l2 / 2) * b * b + g2 * b - height);
  const ends = quadraticRoots(-l1 * l2, -2 * l1 * g2, g1 * g1 + 2 * l1 * height).filter((b) => Math.abs(b) < reach);
  const stops = [-reach, ...ends, reach];
  for (let i = 1; i < stops.length; i++) {
    const [low, high] = [stops[i - 1], stops[i]];
    if (!(inside((low + high) / 2) > 0)) continue;
    /** @type {(Pair | null)[]} */
    const points = [];
    for (const side of [1, -1]) {
      if (side < 0 && i === stops.length - 1) points.push(null); // the way out leaves the sight: no turn there
      for (let k = 0; k <= 48; k++) {
        const part = (1 - Math.cos((Math.PI * k) / 48)) / 2; // dense at both ends, where the contour may turn
        const b = side > 0 ? low + part * (high - low) : high - part * (high - low);
        const a = (-g1 + side * Math.sqrt(Math.max(0, inside(b)))) / l1;
        points.push(Math.abs(a) < reach ? turned(a, b) : null);
      }
    }
    if (i > 1) points.push(points[0]); // a turn at the beginning, too
    trace(path, points);
  }
  return path;
}

/** Real solutions of p u^2 + q u + r = 0 in ascending order. @param {number} p @param {number} q @param {number} r */
export function quadraticRoots(p, q, r) {
  if (Math.abs(p) < 1e-12 * Math.abs(q)) return q ? [-r / q] : [];
  const inside = q * q - 4 * p * r;
  if (!(p && inside > 0)) return [];
  const half = -(q + (q < 0 ? -1 : 1) * Math.sqrt(inside)) / 2;
  return [half / p, r / half].sort((a, b) => a - b);
}

/** Joins the points; null interrupts. @param {Path2D} path @param {(Pair | null)[]} points */
function trace(path, points) {
  let held = false;
  for (const point of points) {
    if (point && held) path.lineTo(...point);
    else if (point) path.moveTo(...point);
    held = Boolean(point);
  }
}
