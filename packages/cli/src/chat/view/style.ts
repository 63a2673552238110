/** The style of a text. Colours are indexes of the 256-colour palette; the first 16 are the terminal's own. */
export interface Style {
  readonly foreground?: number;
  readonly background?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
  /** An address of printable ASCII that the text leads to (OSC 8). */
  readonly link?: string;
}

/** A text of one style, safe to write to a terminal. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** The text with its escape sequences, reset at the end. */
export function styled({ text, style }: Span): string {
  if (text === '') return '';
  const codes = codesOf(style);
  const shown = codes === '' ? text : `\x1b[${codes}m${text}\x1b[0m`;
  return style.link === undefined ? shown : `\x1b]8;;${style.link}\x1b\\${shown}\x1b]8;;\x1b\\`;
}

function codesOf({ foreground, background, bold, dim, underline, inverse }: Style): string {
  const codes: string[] = [];
  if (bold) codes.push('1');
  if (dim) codes.push('2');
  if (underline) codes.push('4');
  if (inverse) codes.push('7');
  if (foreground !== undefined) codes.push(colour(foreground, 30, 90, 38));
  if (background !== undefined) codes.push(colour(background, 40, 100, 48));
  return codes.join(';');
}

/** The first 16 use their own codes, which every colour terminal supports. */
function colour(index: number, normal: number, bright: number, extended: number): string {
  if (index < 8) return String(normal + index);
  if (index < 16) return String(bright + index - 8);
  return `${extended};5;${index}`;
}
