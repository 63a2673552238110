import { graphemes, textWidth } from '#src/output/textWidth.js';

interface Look {
  foreground: string | undefined;
  background: string | undefined;
  bold: boolean;
  dim: boolean;
  underline: boolean;
  inverse: boolean;
}

interface Run {
  readonly column: number;
  readonly text: string;
  readonly width: number;
  readonly look: Look;
}

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const FONT_SIZE = 14;
const MARGIN = 14;
const TITLE_HEIGHT = 34;
/** The colours of the terminal itself. */
export interface Ground {
  readonly foreground: string;
  readonly background: string;
}

export const DARK: Ground = { foreground: '#d4d7dd', background: '#16181d' };
export const LIGHT: Ground = { foreground: '#24262b', background: '#fbfbfa' };
const FONT = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
const ANSI = (
  '#2b2f37 #e06c75 #98c379 #d9b36a #61afef #c678dd #56b6c2 #c8ccd4 ' +
  '#5c6370 #ef8c94 #b2d99a #ecc983 #82c4ff #d99aec #7cd0da #ffffff'
).split(' ');

/** A picture of a terminal: its rows, with the escape sequences of their colours, as tmux gives them. */
export function terminalSvg(
  rows: readonly string[],
  columns: number,
  title: string,
  ground: Ground = DARK,
): string {
  const width = Math.round(columns * CELL_WIDTH + 2 * MARGIN);
  const height = Math.round(rows.length * CELL_HEIGHT + TITLE_HEIGHT + MARGIN);
  const body = runsOf(rows).flatMap((runs, index) =>
    rowSvg(runs, TITLE_HEIGHT + index * CELL_HEIGHT, ground),
  );
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, index) => `<circle cx="${20 + index * 20}" cy="17" r="6" fill="${colour}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" rx="10" fill="${ground.background}" stroke="#8b919c" stroke-opacity="0.4"/>`,
    ...lights,
    `<text x="${width / 2}" y="22" text-anchor="middle" font-family="system-ui, sans-serif" font-size="13" fill="#8b919c">${escaped(title)}</text>`,
    `<g font-family="${FONT}" font-size="${FONT_SIZE}">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function rowSvg(runs: readonly Run[], top: number, ground: Ground): string[] {
  const shapes: string[] = [];
  for (const { column, text, width, look } of runs) {
    let { foreground = ground.foreground, background } = look;
    if (look.inverse) [foreground, background] = [background ?? ground.background, foreground];
    const x = round(MARGIN + column * CELL_WIDTH);
    const length = round(width * CELL_WIDTH);
    if (background !== undefined) {
      shapes.push(
        `<rect x="${x}" y="${top}" width="${length}" height="${CELL_HEIGHT}" fill="${background}"/>`,
      );
    }
    if (text === '│') {
      const middle = round(x + CELL_WIDTH / 2);
      shapes.push(`<rect x="${middle}" y="${top}" width="1" height="${CELL_HEIGHT}" fill="${foreground}"/>`);
      continue;
    }
    const shown = text.trim();
    if (shown === '') continue;
    const before = text.indexOf(shown);
    const left = round(x + before * CELL_WIDTH);
    const textLength = round(textWidth(shown) * CELL_WIDTH);
    const style = [
      look.bold ? ' font-weight="bold"' : '',
      look.dim ? ' opacity="0.6"' : '',
      look.underline ? ' text-decoration="underline"' : '',
    ].join('');
    // Whatever the font, each run is as wide as its columns.
    shapes.push(
      `<text x="${left}" y="${top + 13}" fill="${foreground}"${style} textLength="${textLength}" lengthAdjust="spacingAndGlyphs">${escaped(shown)}</text>`,
    );
  }
  return shapes;
}

/** The rows in pieces of one look, which lasts from one row to the next. */
function runsOf(rows: readonly string[]): Run[][] {
  let look = plainLook();
  return rows.map((row) => {
    const runs = rowRuns(row, look);
    look = runs.look;
    return runs.runs;
  });
}

/** Wide characters and lines stand alone, so that they keep their places. */
function rowRuns(row: string, before: Look): { runs: Run[]; look: Look } {
  const runs: Run[] = [];
  let look = before;
  let column = 0;
  const add = (text: string): void => {
    const width = textWidth(text);
    if (width > 0) runs.push({ column, text, width, look });
    column += width;
  };
  // Of escape sequences tmux writes only those of looks.
  for (const part of row.split(/(\p{Cc}\[[\d;:]*m)/u)) {
    const codes = /^\p{Cc}\[([\d;:]*)m$/u.exec(part)?.[1];
    if (codes !== undefined) {
      look = changedLook(look, codes.split(/[;:]/).map(Number));
      continue;
    }
    let plain = '';
    for (const { text, width } of graphemes(part)) {
      if (width === 1 && text !== '│' && text !== '─') {
        plain += text;
        continue;
      }
      add(plain);
      plain = '';
      add(text);
    }
    add(plain);
  }
  return { runs, look };
}

function plainLook(): Look {
  return {
    foreground: undefined,
    background: undefined,
    bold: false,
    dim: false,
    underline: false,
    inverse: false,
  };
}

function changedLook(before: Look, codes: readonly number[]): Look {
  let look = { ...before };
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 0) look = plainLook();
    else if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code === 4) look.underline = true;
    else if (code === 7) look.inverse = true;
    else if (code === 22) look.bold = look.dim = false;
    else if (code === 24) look.underline = false;
    else if (code === 27) look.inverse = false;
    else if (code === 39) look.foreground = undefined;
    else if (code === 49) look.background = undefined;
    else if (code >= 30 && code <= 37) look.foreground = paletteColour(code - 30);
    else if (code >= 40 && code <= 47) look.background = paletteColour(code - 40);
    else if (code >= 90 && code <= 97) look.foreground = paletteColour(code - 82);
    else if (code >= 100 && code <= 107) look.background = paletteColour(code - 92);
    else if ((code === 38 || code === 48) && codes[index + 1] === 5) {
      const colour = paletteColour(codes[index + 2] ?? 0);
      if (code === 38) look.foreground = colour;
      else look.background = colour;
      index += 2;
    }
  }
  return look;
}

/** A colour of the palette of 256. */
function paletteColour(index: number): string {
  if (index < 16) return ANSI[index] ?? DARK.foreground;
  if (index >= 232) return hex([8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10]);
  const cube = index - 16;
  const parts = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  return hex(parts.map((part) => (part === 0 ? 0 : 55 + part * 40)));
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  // Plain blanks in a row would be one.
  return text
    .replaceAll(' ', '\u00a0')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
