import { terminalText } from '../../output/terminalText.js';
import type { Span } from './style.js';
import type { TextField } from './textField.js';
import { cutToWidth, graphemes, textWidth } from '../../output/textWidth.js';
import { blanksOfTab } from '../../output/expandTabs.js';
import type { Theme } from './theme.js';

export interface InputView {
  readonly rows: readonly (readonly Span[])[];
  readonly cursor: { readonly column: number; readonly row: number };
}

const PROMPT = '› ';
const PROMPT_WIDTH = 2;

/** The input as at most this many rows, including the cursor's row. */
export function inputRows(
  field: TextField,
  hint: string,
  width: number,
  maxRows: number,
  theme: Theme,
): InputView {
  const prompt: Span = { text: width > 4 ? PROMPT : '', style: theme.prompt };
  const margin = width > 4 ? PROMPT_WIDTH : 0;
  if (field.text === '') {
    const shown = textWidth(hint) <= width - margin ? hint : '';
    return { rows: [[prompt, { text: shown, style: theme.quiet }]], cursor: { column: margin, row: 0 } };
  }

  // One column stays free for the cursor after the last character.
  const room = Math.max(1, width - margin - 1);
  const rows: string[] = [''];
  let column = 0;
  let cursor = { column: 0, row: 0 };
  let index = 0;
  const breakRow = (): void => {
    rows.push('');
    column = 0;
  };
  for (const [number, line] of field.text.split('\n').entries()) {
    if (number > 0) {
      breakRow();
      index++;
    }
    if (index === field.cursor) cursor = { column, row: rows.length - 1 };
    for (const { text } of graphemes(line)) {
      const shown =
        text === '\t'
          ? ' '.repeat(Math.min(blanksOfTab(column), Math.max(1, room - column)))
          : cutToWidth(terminalText(text), room);
      const shownWidth = textWidth(shown);
      if (column + shownWidth > room && column > 0) breakRow();
      if (index === field.cursor) cursor = { column, row: rows.length - 1 };
      rows[rows.length - 1] += shown;
      column += shownWidth;
      index += text.length;
    }
    if (index === field.cursor) cursor = { column, row: rows.length - 1 };
  }

  const first = Math.min(Math.max(0, cursor.row - maxRows + 1), Math.max(0, rows.length - maxRows));
  return {
    rows: rows
      .slice(first, first + maxRows)
      .map((text, row) => [
        first + row === 0 ? prompt : { text: ' '.repeat(margin), style: {} },
        { text, style: theme.text },
      ]),
    cursor: { column: Math.min(width - 1, cursor.column + margin), row: cursor.row - first },
  };
}
