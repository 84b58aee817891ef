// Written by `python -m playground.view.headers` from the types of the headers; not by hand.

/** A number of a racer that can be turned, with its range; `log` asks for a logarithmic slider. */
export interface BrowserKnob {
  name: string;
  label: string;
  help: string;
  low: number;
  high: number;
  log: boolean;
  whole: boolean;
  value: number;
}

/** How an arrow or an outline over the picture is drawn: `colour` is a field of `Theme`. */
export interface Arrow {
  colour: string;
  width: number;
  dash: number[];
  head: string;
}

/** Where an array lies behind the header. */
export interface Packed {
  dtype: string;
  offset: number;
  shape: number[];
}

/** What every header has. */
export interface Header {
  arrays: Record<string, Packed>;
}

/** The header of what other payloads name and do not hold. */
export interface Lasting {
  arrays: Record<string, Packed>;
  name: string;
}

/** A contour: its place among the losses, 0 to 1, and its loss. */
export interface Level {
  at: number;
  value: number;
}

/** What every component takes from a theme. */
export interface Colours {
  text: string;
  muted: string;
  grid: string;
  panel: string;
  accent: string;
  halo: string;
}

/** And the colour of contours. */
export interface LinedColours {
  text: string;
  muted: string;
  grid: string;
  panel: string;
  accent: string;
  halo: string;
  line: string;
}

/** And of the bands between them. */
export interface PlayerColours {
  text: string;
  muted: string;
  grid: string;
  panel: string;
  accent: string;
  halo: string;
  line: string;
  ramp: string[];
}

/** And of what diverges. */
export interface BasinColours {
  text: string;
  muted: string;
  grid: string;
  panel: string;
  accent: string;
  halo: string;
  line: string;
  alarm: string;
}

/** What the figures of trainings take from a theme. */
export interface RunColours {
  text: string;
  muted: string;
  grid: string;
  panel: string;
  accent: string;
  halo: string;
  background: string;
  deep: string;
  alarm: string;
  heat: string[];
  layers: string[];
}

/** Both themes. */
export interface PlayerThemes {
  light: PlayerColours;
  dark: PlayerColours;
}

/** Both themes. */
export interface BasinThemes {
  light: BasinColours;
  dark: BasinColours;
}

/** Both themes. */
export interface StepInspectorThemes {
  light: Colours;
  dark: Colours;
}

/** Both themes. */
export interface RunThemes {
  light: RunColours;
  dark: RunColours;
}

/** How a racer or run looks: the fields of `Look`. */
export interface Seen {
  light: string;
  dark: string;
  dash: number[];
  marker: string;
  sign: string;
}

/** A racer, by the place of its look. */
export interface Named {
  light: string;
  dark: string;
  dash: number[];
  marker: string;
  sign: string;
  id: number;
  label: string;
}

/** One racer of the player: how it went, and what it is computed from again. */
export interface Racer {
  light: string;
  dark: string;
  dash: number[];
  marker: string;
  sign: string;
  id: number;
  label: string;
  length: number;
  ended: string;
  sentence: string;
  row: string[];
  program: number;
  reason: string;
  knobs: BrowserKnob[];
  factors: number;
  draws: string;
  decay: number;
}

/** A loop as JavaScript, and the state variables that it fills in. */
export interface PrintedProgram {
  text: string;
  states: string[];
}

/** A head of the table. */
export interface Column {
  label: string;
  help: string;
}

/** The header of the player's payload. */
export interface Player {
  arrays: Record<string, Packed>;
  key: string;
  title: string;
  formula: string;
  query: string;
  alt: string;
  compact: boolean;
  knobs: boolean;
  window: [number, number, number, number];
  axes: [string, string];
  ground: string;
  steps: number;
  start: number[];
  minima: [number, number][];
  saddles: [number, number][];
  levels: Level[];
  racers: Racer[];
  programs: PrintedProgram[];
  columns: Column[];
  theme: PlayerThemes;
}

/** A minimum on the maps; its letter is empty where it has none of its own. */
export interface Minimum {
  x: number;
  y: number;
  loss: number;
  letter: string;
}

/** A piece of the bar below a map. */
export interface Share {
  kind: string;
  words: string;
  share: number;
}

/** One racer of the maps. */
export interface MapRacer {
  light: string;
  dark: string;
  dash: number[];
  marker: string;
  sign: string;
  id: number;
  label: string;
  note: string;
  length: number;
  shares: Share[];
}

/** The header of the maps' payload. */
export interface Basins {
  arrays: Record<string, Packed>;
  key: string;
  whole: boolean;
  title: string;
  alt: string;
  query: string;
  window: [number, number, number, number];
  axes: [string, string];
  ground: string;
  fates: string;
  side: number;
  steps: number;
  range: [number, number];
  start: number[];
  levels: Level[];
  places: Minimum[];
  own: number;
  racers: MapRacer[];
  ramps: string[][];
  theme: BasinThemes;
}

/** A state variable that is drawn. */
export interface Variable {
  name: string;
  role: string;
  words: string;
}

/** The header of the payload of a step taken apart. */
export interface StepInspector {
  arrays: Record<string, Packed>;
  race: string;
  at: [number, number];
  heard: number;
  length: number;
  racers: Named[];
  variables: Variable[];
  arrows: Record<string, Arrow>;
  theme: StepInspectorThemes;
}

/** One run of the observatory. */
export interface ShownRun {
  light: string;
  dark: string;
  dash: number[];
  marker: string;
  sign: string;
  key: string;
  label: string;
  state: string;
  stored: boolean;
  log: string;
}

/** How a layer is drawn. */
export interface Mark {
  dash: number[];
  marker: string;
}

/** What the observatory receives. */
export interface Observatory {
  runs: ShownRun[];
  visitor: string;
  base: string;
  pulse: number;
  note: string;
  healthy: [number, number];
  settings: Record<string, string>;
  marks: Mark[];
  theme: RunThemes;
}
