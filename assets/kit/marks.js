// Numbers, ticks, markers and icons, as every component has them.

import { power, withMinus } from "./numbers.js";

/** A number with three significant digits, in powers of ten where zeros would hide them. */
export function threeDigits(value) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) {
    const text = size < 999.5 ? value.toPrecision(3) : String(Math.round(value));
    return withMinus(text);
  }
  const [mantissa, exponent] = value.toExponential(2).split("e");
  return withMinus(`${mantissa}·${power(Number(exponent))}`);
}

/** A coordinate with as many decimals as a picture of this width can tell apart. */
export function roundTo(value, width) {
  const decimals = Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(width))));
  return Number(value.toFixed(decimals));
}

/** Round numbers (1, 2 or 5 times a power of ten) between two ends, about `count` of them. */
export function linearTicks(low, high, count) {
  const raw = (high - low) / Math.max(1, count);
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) ticks.push(i * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const label = (value) => {
    if (value === 0) return "0";
    if (Math.abs(value) >= 1e5 || decimals > 5) return threeDigits(value);
    return withMinus(value.toFixed(decimals));
  };
  return ticks.map((value) => ({ value, label: label(value) }));
}

/** Powers of ten between two positive ends, thinned to about `count`; 1-2-5 steps within a decade or two. */
export function logTicks(low, high, count) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  if (last - first < 2) {
    const ticks = [];
    for (let exponent = first - 1; exponent <= last; exponent++) {
      for (const factor of [1, 2, 5]) {
        const value = factor * 10 ** exponent;
        if (value >= low * 0.999 && value <= high * 1.001) ticks.push({ value, label: shortNumber(value) });
      }
    }
    return ticks.length > 1 ? ticks : linearTicks(low, high, count);
  }
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
  const ticks = [];
  for (let exponent = last; exponent >= first; exponent -= every) {
    ticks.push({ value: 10 ** exponent, label: power(exponent) });
  }
  return ticks;
}

/** A tick's number without needless zeros. */
export function shortNumber(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [mantissa, exponent] = value.toExponential(1).split("e");
    const factor = Number(mantissa);
    if (factor === 1) return power(Number(exponent));
    return withMinus(`${factor}·${power(Number(exponent))}`);
  }
  return withMinus(String(Number(value.toPrecision(2))));
}

/** The outline of a marker of radius r around the origin, as the text of an SVG path. */
function markerOutline(name, r) {
  const join = (points) => `M${points.map(([x, y]) => `${(x * r).toFixed(2)} ${(y * r).toFixed(2)}`).join("L")}Z`;
  const corners = (count, turn, radius = 1) =>
    Array.from({ length: count }, (_, i) => {
      const angle = turn + (2 * Math.PI * i) / count;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
  const disc = (radius) => {
    const a = (radius * r).toFixed(2);
    return `M${a} 0A${a} ${a} 0 1 1 -${a} 0A${a} ${a} 0 1 1 ${a} 0Z`;
  };
  const turned = (points) => points.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]);
  const arm = 0.36;
  const plus = [
    [-arm, -1.1], [arm, -1.1], [arm, -arm], [1.1, -arm], [1.1, arm], [arm, arm],
    [arm, 1.1], [-arm, 1.1], [-arm, arm], [-1.1, arm], [-1.1, -arm], [-arm, -arm],
  ];
  const up = -Math.PI / 2;
  const star = corners(5, up, 1.2).flatMap((tip, i) => [tip, corners(5, up + Math.PI / 5, 0.55)[i]]);
  const shapes = {
    circle: () => disc(1),
    ring: () => disc(1.1) + disc(0.5),
    square: () => join(corners(4, Math.PI / 4, 1.25)),
    diamond: () => join(corners(4, 0, 1.3)),
    triangle: () => join(corners(3, up, 1.3)),
    triangle_down: () => join(corners(3, -up, 1.3)),
    pentagon: () => join(corners(5, up, 1.15)),
    hexagon: () => join(corners(6, 0, 1.15)),
    star: () => join(star),
    plus: () => join(plus),
    cross: () => join(turned(plus)),
    hourglass: () => join([[-1, -1.1], [1, -1.1], [0.22, 0], [1, 1.1], [-1, 1.1], [-0.22, 0]]),
  };
  return (shapes[name] || shapes.circle)();
}

const markerCache = new Map();

function markerPath(name, r) {
  const key = `${name}/${r}`;
  if (!markerCache.has(key)) markerCache.set(key, new Path2D(markerOutline(name, r)));
  return markerCache.get(key);
}

/** Draws a marker with a halo, so that it reads on any band of the surface. */
export function drawMarker(ctx, name, x, y, r, color, halo) {
  const path = markerPath(name, r);
  ctx.translate(x, y);
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = halo;
  ctx.stroke(path);
  ctx.fillStyle = color;
  ctx.fill(path, "evenodd");
  ctx.translate(-x, -y);
}

/** The mark of a racer that left the finite numbers: a large x. */
export function drawDiverged(ctx, x, y, r, color, halo) {
  ctx.lineCap = "round";
  for (const [style, width] of [[halo, 8], [color, 4]]) {
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x + r, y - r);
    ctx.lineTo(x - r, y + r);
    ctx.stroke();
  }
}

export const SADDLE_OUTLINE = "M-5 -6Q0 0 -5 6M5 -6Q0 0 5 6";

const ICONS = {
  first: "M6 5v14M19 5.5v13L9 12z",
  back: "M16.5 5.5v13L7 12z",
  play: "M8 4.8v14.4L19.5 12z",
  pause: "M7 5h3.4v14H7zM13.6 5H17v14h-3.4z",
  forward: "M7.5 5.5v13L17 12z",
  last: "M18 5v14M5 5.5v13L15 12z",
  loop: "M6 15.5a6.8 6.8 0 0 1 0-7A6.6 6.6 0 0 1 17.6 8M18 8.5a6.8 6.8 0 0 1 0 7A6.6 6.6 0 0 1 6.4 16M17.9 3.6V8.2h-4.6M6.1 20.4v-4.6h4.6",
  closer: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.3 15.3 20.5 20.5M7.6 10.5h5.8M10.5 7.6v5.8",
  wider: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.3 15.3 20.5 20.5M7.6 10.5h5.8",
  whole: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9.5 9.5h5v5h-5z",
  knobs: "M4 7h9.5M17.5 7H20M4 17h2.5M10.5 17H20M15.5 4.5v5M8.5 14.5v5",
  close: "M6 6l12 12M18 6 6 18",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
};
const FILLED_ICONS = new Set(["first", "back", "play", "pause", "forward", "last"]);

export function icon(name) {
  const fill = FILLED_ICONS.has(name) ? "currentColor" : "none";
  return (
    `<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="${fill}" stroke="currentColor" ` +
    `stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="${ICONS[name]}"/></svg>`
  );
}

/** A short piece of a racer's line with its marker, for chips and table rows. */
export function lineSample(racer, color, halo) {
  return (
    `<svg viewBox="0 0 54 20" width="54" height="20" aria-hidden="true">` +
    `<path d="M1 10H53" fill="none" stroke="${color}" stroke-width="3" stroke-dasharray="${racer.dash.join(" ")}"/>` +
    `<path d="${markerOutline(racer.marker, 6)}" transform="translate(27 10)" fill="${color}" ` +
    `fill-rule="evenodd" stroke="${halo}" stroke-width="3" paint-order="stroke"/></svg>`
  );
}

/** The samples of the picture's own marks, for the key beside the chips. */
export function keySample(kind, color) {
  const paths = {
    minimum: `<path d="${markerOutline("star", 7)}" fill="${color}"/>`,
    saddle: `<path d="${SADDLE_OUTLINE}" fill="none" stroke="${color}" stroke-width="2.5"/>`,
    diverged: `<path d="M-6 -6L6 6M6 -6L-6 6" fill="none" stroke="${color}" stroke-width="3.5" stroke-linecap="round"/>`,
  };
  return `<svg viewBox="-10 -10 20 20" width="20" height="20" aria-hidden="true">${paths[kind]}</svg>`;
}
