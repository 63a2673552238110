import { graphemes, textWidth } from './textWidth.js';

/**
 * Wraps one line of text into rows of a given width: at blanks, and within a word only if it is wider than a
 * row. `firstWidth` is the width of the first row, if different.
 */
export function wrapText(text: string, width: number, firstWidth = width): string[] {
  const room = Math.max(1, width);
  if (textWidth(text) <= Math.min(room, firstWidth)) return [text];
  const rows: string[] = [];
  let row = '';
  let left = firstWidth;
  const breakRow = (): void => {
    rows.push(row);
    row = '';
    left = room;
  };

  for (const word of text.match(/ +|[^ ]+/g) ?? []) {
    const wordWidth = textWidth(word);
    if (wordWidth <= left) {
      row += word;
      left -= wordWidth;
    } else if (word.startsWith(' ')) {
      // Blanks at a break are dropped.
      breakRow();
    } else {
      if (wordWidth <= room) {
        row = row.trimEnd();
        if (row !== '' || left < room) breakRow();
      }
      for (const grapheme of graphemes(word)) {
        if (grapheme.width > left && (row !== '' || left < room)) breakRow();
        row += grapheme.text;
        left -= grapheme.width;
      }
    }
  }
  rows.push(row);
  return rows;
}
