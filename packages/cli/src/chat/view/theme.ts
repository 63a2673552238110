import type { ThemeName } from '@quietroom/chat';
import type { Style } from './style.js';

/** The style of each kind of text on the screen. */
export interface Theme {
  readonly text: Style;
  /** Times, hints, joins and leaves, separators. */
  readonly quiet: Style;
  readonly line: Style;
  /** The bars at the top and at the bottom. */
  readonly bar: Style;
  readonly barStrong: Style;
  readonly heading: Style;
  /** The current place in the list. */
  readonly active: Style;
  readonly unread: Style;
  /** A place with a mention of the user, or an unread direct message. */
  readonly mention: Style;
  readonly own: Style;
  readonly good: Style;
  readonly warning: Style;
  readonly problem: Style;
  readonly prompt: Style;
  /** Colours for other users' names, chosen by the name. */
  readonly names: readonly Style[];
}

function foregrounds(...colours: readonly number[]): Style[] {
  return colours.map((foreground) => ({ foreground }));
}

const DARK: Theme = {
  text: {},
  quiet: { foreground: 244 },
  line: { foreground: 238 },
  bar: { foreground: 250, background: 236 },
  barStrong: { foreground: 255, background: 236, bold: true },
  heading: { foreground: 244, bold: true },
  active: { foreground: 255, background: 24, bold: true },
  unread: { foreground: 255, bold: true },
  mention: { foreground: 16, background: 214, bold: true },
  own: { foreground: 117, bold: true },
  good: { foreground: 114 },
  warning: { foreground: 221 },
  problem: { foreground: 210 },
  prompt: { foreground: 117, bold: true },
  names: foregrounds(174, 179, 149, 115, 80, 111, 141, 176, 210, 216, 186, 151, 116, 147, 183, 218),
};

const LIGHT: Theme = {
  text: {},
  quiet: { foreground: 243 },
  line: { foreground: 250 },
  bar: { foreground: 238, background: 254 },
  barStrong: { foreground: 232, background: 254, bold: true },
  heading: { foreground: 243, bold: true },
  active: { foreground: 231, background: 25, bold: true },
  unread: { foreground: 232, bold: true },
  mention: { foreground: 231, background: 130, bold: true },
  own: { foreground: 25, bold: true },
  good: { foreground: 28 },
  warning: { foreground: 130 },
  problem: { foreground: 160 },
  prompt: { foreground: 25, bold: true },
  names: foregrounds(124, 130, 94, 64, 28, 30, 25, 61, 91, 127, 161, 166, 100, 29, 31, 97),
};

/** Uses only the terminal's own 16 colours. */
const CONTRAST: Theme = {
  text: {},
  quiet: {},
  line: {},
  bar: { inverse: true },
  barStrong: { inverse: true, bold: true },
  heading: { bold: true, underline: true },
  active: { inverse: true, bold: true },
  unread: { bold: true },
  mention: { foreground: 0, background: 11, bold: true },
  own: { foreground: 14, bold: true },
  good: { foreground: 10, bold: true },
  warning: { foreground: 11, bold: true },
  problem: { foreground: 9, bold: true },
  prompt: { foreground: 14, bold: true },
  names: [
    ...[9, 10, 11, 12, 13].map((foreground) => ({ foreground, bold: true })),
    ...[1, 2, 3, 4, 5, 6].map((foreground) => ({ foreground })),
  ],
};

const MONO: Theme = {
  text: {},
  quiet: { dim: true },
  line: { dim: true },
  bar: { inverse: true },
  barStrong: { inverse: true, bold: true },
  heading: { bold: true },
  active: { inverse: true },
  unread: { bold: true },
  mention: { bold: true, underline: true },
  own: { bold: true, underline: true },
  good: {},
  warning: { bold: true },
  problem: { bold: true },
  prompt: { bold: true },
  names: [{ bold: true }],
};

const THEMES: Readonly<Record<ThemeName, Theme>> = {
  default: DARK,
  light: LIGHT,
  contrast: CONTRAST,
  mono: MONO,
};

/** The theme reduced to the terminal's colours; `colourDepth` in bits, as from `getColorDepth`. */
export function themeFor(name: ThemeName, colourDepth: number): Theme {
  if (colourDepth < 4) return MONO;
  if (colourDepth < 8 && name !== 'mono') return CONTRAST;
  return THEMES[name];
}

/** The style of a name; equal for equal names. */
export function nameStyle(theme: Theme, name: string): Style {
  // FNV-1a
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return theme.names[hash % theme.names.length] ?? theme.text;
}
