import { terminalText } from './terminalText.js';
import { textWidth } from './textWidth.js';

const TAB_WIDTH = 8;

/** One line of text with its tabs as blanks, up to the next of the columns that a terminal stops at. */
export function expandTabs(line: string): string {
  const [first = '', ...others] = line.split('\t');
  let column = textWidth(terminalText(first));
  let expanded = first;
  for (const part of others) {
    const blanks = blanksOfTab(column);
    expanded += ' '.repeat(blanks) + part;
    column += blanks + textWidth(terminalText(part));
  }
  return expanded;
}

/** The blanks that a tab at this column stands for. */
export function blanksOfTab(column: number): number {
  return TAB_WIDTH - (column % TAB_WIDTH);
}
