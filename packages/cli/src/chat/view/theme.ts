import type { ThemeName } from '@quietroom/chat';
import { BLACK, contrastRatio, isDark, paletteColour, WHITE, type Rgb } from './contrast.js';
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
  /** A word in a text that mentions the user. */
  readonly highlight: Style;
  readonly own: Style;
  readonly good: Style;
  readonly warning: Style;
  readonly problem: Style;
  readonly prompt: Style;
  /** Colours for other users' names, chosen by the name. */
  readonly names: readonly Style[];
  /** `good`, `warning` and `problem` on the bars. */
  readonly barGood: Style;
  readonly barWarning: Style;
  readonly barProblem: Style;
}

type Palette = Omit<Theme, 'barGood' | 'barWarning' | 'barProblem'>;

function foregrounds(...colours: readonly number[]): Style[] {
  return colours.map((foreground) => ({ foreground }));
}

const DARK: Palette = {
  text: {},
  quiet: { foreground: 248 },
  line: { foreground: 242 },
  bar: { foreground: 252, background: 236 },
  barStrong: { foreground: 255, background: 236, bold: true },
  heading: { foreground: 248, bold: true },
  active: { foreground: 255, background: 24, bold: true },
  unread: { foreground: 255, bold: true },
  mention: { foreground: 16, background: 214, bold: true },
  highlight: { foreground: 221, bold: true },
  own: { foreground: 117, bold: true },
  good: { foreground: 114 },
  warning: { foreground: 221 },
  problem: { foreground: 217 },
  prompt: { foreground: 117, bold: true },
  names: foregrounds(180, 179, 149, 115, 116, 111, 147, 183, 217, 216, 186, 151, 152, 153, 189, 218),
};

const LIGHT: Palette = {
  text: {},
  quiet: { foreground: 240 },
  line: { foreground: 246 },
  bar: { foreground: 236, background: 254 },
  barStrong: { foreground: 232, background: 254, bold: true },
  heading: { foreground: 240, bold: true },
  active: { foreground: 231, background: 25, bold: true },
  unread: { foreground: 232, bold: true },
  mention: { foreground: 231, background: 88, bold: true },
  highlight: { foreground: 88, bold: true, underline: true },
  own: { foreground: 25, bold: true },
  good: { foreground: 22 },
  warning: { foreground: 94 },
  problem: { foreground: 124 },
  prompt: { foreground: 25, bold: true },
  names: foregrounds(124, 88, 94, 58, 22, 23, 24, 25, 54, 55, 61, 90, 91, 125, 126, 19),
};

/** Only the terminal's own foreground and attributes: right on any background. */
const PLAIN: Palette = {
  text: {},
  quiet: {},
  line: {},
  bar: { inverse: true },
  barStrong: { inverse: true, bold: true },
  heading: { bold: true, underline: true },
  active: { inverse: true, bold: true },
  unread: { bold: true },
  mention: { inverse: true, bold: true },
  highlight: { bold: true, underline: true },
  own: { bold: true, underline: true },
  good: { bold: true },
  warning: { bold: true },
  problem: { bold: true },
  prompt: { bold: true },
  names: [{ bold: true }],
};

/** Text below this contrast cannot be read by all (WCAG 2, AA). */
export const MIN_CONTRAST = 4.5;
/** The least contrast of the theme `contrast` (WCAG 2, AAA). */
export const HIGH_CONTRAST = 7;

/**
 * The theme for a terminal. Colours that would be hard to read on its background give way to its own foreground.
 *
 * @param colourDepth in bits, as from `getColorDepth`
 * @param background of the terminal; undefined when unknown: only `dark` and `light` have colours then
 */
export function themeFor(name: ThemeName, colourDepth: number, background?: Rgb): Theme {
  // The first 16 colours look different on each terminal.
  if (colourDepth < 8 || name === 'mono') return whole(PLAIN);
  const wanted = GROUNDS[name];
  // A dark or light theme that the user names counts more than a terminal that tells the contrary.
  const isTold = background !== undefined && (wanted === undefined || isDark(wanted) === isDark(background));
  const ground = isTold ? background : wanted;
  if (ground === undefined) return whole(PLAIN);
  const palette = isDark(ground) ? DARK : LIGHT;
  const least = name === 'contrast' ? HIGH_CONTRAST : MIN_CONTRAST;
  return whole(readable(palette, ground, least), least);
}

/** The background that a theme is for, where the terminal does not tell its own. */
const GROUNDS: Readonly<Partial<Record<ThemeName, Rgb>>> = { dark: BLACK, light: WHITE };

function whole(palette: Palette, least = MIN_CONTRAST): Theme {
  const { bar } = palette;
  const onBar = ({ foreground }: Style): Style => {
    const colour = foreground === undefined ? undefined : paletteColour(foreground);
    const behind = bar.background === undefined ? undefined : paletteColour(bar.background);
    if (foreground === undefined || colour === undefined || behind === undefined) return bar;
    return contrastRatio(colour, behind) >= least ? { ...bar, foreground } : bar;
  };
  return {
    ...palette,
    barGood: onBar(palette.good),
    barWarning: onBar(palette.warning),
    barProblem: onBar(palette.problem),
  };
}

/** The palette without the foregrounds that have too little contrast. */
function readable(palette: Palette, ground: Rgb, least: number): Palette {
  const check = (style: Style): Style => {
    const text = style.foreground === undefined ? undefined : paletteColour(style.foreground);
    const behind = style.background === undefined ? ground : paletteColour(style.background);
    if (text === undefined || behind === undefined || contrastRatio(text, behind) >= least) return style;
    const { foreground: _foreground, background, ...attributes } = style;
    return { ...attributes, ...(background !== undefined && { inverse: true }) };
  };
  const names = palette.names.filter((style) => check(style) === style);
  return {
    text: check(palette.text),
    quiet: check(palette.quiet),
    line: palette.line,
    bar: check(palette.bar),
    barStrong: check(palette.barStrong),
    heading: check(palette.heading),
    active: check(palette.active),
    unread: check(palette.unread),
    mention: check(palette.mention),
    highlight: check(palette.highlight),
    own: check(palette.own),
    good: check(palette.good),
    warning: check(palette.warning),
    problem: check(palette.problem),
    prompt: check(palette.prompt),
    names: names.length > 0 ? names : PLAIN.names,
  };
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
