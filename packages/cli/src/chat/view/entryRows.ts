import { terminalText } from '../../output/terminalText.js';
import {
  type Delivery,
  type Entry,
  type FileEntry,
  type MessageEntry,
  isFolded,
  presenceText,
} from '@quietroom/chat';
import { fileText, progressBar } from './fileText.js';
import { markedSpans, marksOf, type Marking } from './marks.js';
import type { Span, Style } from './style.js';
import { cutToWidth, textWidth } from '../../output/textWidth.js';
import { nameStyle, type Theme } from './theme.js';
import { expandTabs } from '../../output/expandTabs.js';
import { wrapText } from '../../output/wrapText.js';

/** The layout of entries: columns for time and name, or none on narrow screens. */
export interface EntryLayout {
  readonly width: number;
  /** Width of the name column; undefined: the text follows the name. */
  readonly nameWidth: number | undefined;
  readonly theme: Theme;
  readonly marking: Marking;
}

/** A folded message shows at most this many rows. */
export const MAX_FOLDED_ROWS = 50;
const TIME_WIDTH = 5;
const INDENT = 2;
/** Below this width there are no columns. */
const MIN_CELL = 16;

export interface EntryRows {
  /** Each a list of spans from the left. */
  readonly rows: Span[][];
  /** Some of it is hidden while it is folded. */
  readonly isFoldable: boolean;
}

/** The rows of an entry; a long message and many joins are shortened unless `isUnfolded`. */
export function entryRows(entry: Entry, layout: EntryLayout, isUnfolded = false): EntryRows {
  switch (entry.type) {
    case 'message': {
      const folded = limited(messageRows(entry, layout), layout, isUnfolded);
      // The reason of a failure is never hidden.
      return { ...folded, rows: [...folded.rows, ...noteRows(entry, layout)] };
    }
    case 'presence': {
      const text = terminalText(presenceText(entry, isUnfolded));
      const rows = asideRows(entry.at, '', text, layout.theme.quiet, layout);
      return { rows, isFoldable: isFolded(entry) };
    }
    case 'notice': {
      const style = entry.tone === 'problem' ? layout.theme.problem : layout.theme.quiet;
      const rows = entry.text
        .split('\n')
        .flatMap((line, index) =>
          asideRows(
            index === 0 ? entry.at : undefined,
            index === 0 ? '*' : '',
            terminalText(line),
            style,
            layout,
          ),
        );
      return limited(rows, layout, isUnfolded);
    }
    case 'file':
      return { rows: fileRows(entry, layout), isFoldable: false };
  }
}

/** The column where texts begin. */
export function bodyColumn({ nameWidth }: EntryLayout): number {
  return nameWidth === undefined ? INDENT : TIME_WIDTH + 2 + nameWidth + 3;
}

function messageRows(entry: MessageEntry, layout: EntryLayout): Span[][] {
  const { width, nameWidth, theme } = layout;
  const { words, search } = layout.marking;
  const marking = { words: entry.isMention === true ? words : [], search };
  const name = terminalText(entry.sender);
  const style = entry.own ? theme.own : nameStyle(theme, entry.sender);
  const column = bodyColumn(layout);
  const rows: Span[][] = [];
  const sign: Span = {
    text: entry.delivery === undefined ? ' ' : MARKS[entry.delivery],
    style: markStyle(entry, theme),
  };
  let head: Span[];
  let headWidth: number;
  if (nameWidth === undefined) {
    const shown = cutToWidth(name, Math.max(1, width - 3));
    head = [
      { text: shown, style },
      entry.delivery === undefined ? { text: ':', style } : sign,
      { text: ' ', style: {} },
    ];
    headWidth = textWidth(shown) + 2;
  } else {
    // Names that servers accept are never cut, so that none looks like another.
    const shown = cutToWidth(name, width - TIME_WIDTH - 4);
    const padding = ' '.repeat(Math.max(0, nameWidth - textWidth(shown)));
    head = [
      { text: `${clockTime(entry.at)}  ${padding}`, style: theme.quiet },
      { text: shown, style },
      { text: ' ', style: {} },
      sign,
      { text: ' ', style: {} },
    ];
    headWidth = column;
    if (textWidth(shown) > nameWidth) {
      rows.push(head.slice(0, -1));
      head = [indent(column)];
    }
  }

  entry.text.split('\n').forEach((line, index) => {
    const first = index === 0 ? Math.max(1, width - headWidth) : width - column;
    const whole = terminalText(expandTabs(line));
    const marks = marksOf(whole, marking, { hit: theme.mention, word: theme.highlight });
    let offset = 0;
    for (const [part, text] of wrapText(whole, width - column, first).entries()) {
      const before = index === 0 && part === 0 ? head : [indent(column)];
      offset = whole.indexOf(text, offset);
      rows.push([...before, ...markedSpans(text, offset, marks, theme.text)]);
      offset += text.length;
    }
  });
  return rows;
}

function noteRows({ note, delivery }: MessageEntry, layout: EntryLayout): Span[][] {
  if (note === undefined) return [];
  const { width, theme } = layout;
  const column = bodyColumn(layout);
  const style = delivery === 'unconfirmed' ? theme.warning : theme.problem;
  return wrapText(terminalText(note), width - column).map((text) => [indent(column), { text, style }]);
}

/** The outcome of a sent message as one character. */
const MARKS: Readonly<Record<Delivery, string>> = {
  sending: '·',
  accepted: '✓',
  unconfirmed: '?',
  refused: '!',
  failed: '!',
};

function markStyle({ delivery }: MessageEntry, theme: Theme): Style {
  if (delivery === 'accepted') return theme.good;
  if (delivery === 'unconfirmed') return theme.warning;
  return delivery === 'refused' || delivery === 'failed' ? theme.problem : theme.quiet;
}

function fileRows(entry: FileEntry, layout: EntryLayout): Span[][] {
  const { theme } = layout;
  const style = entry.status === 'failed' ? theme.problem : entry.status === 'done' ? theme.good : theme.text;
  const rows = asideRows(
    entry.at,
    entry.direction === 'in' ? '↓' : '↑',
    terminalText(fileText(entry)),
    style,
    layout,
  );
  if (entry.status === 'transferring') {
    const column = asideColumn(layout);
    const bar = progressBar(entry, layout.width - column);
    rows.push([
      indent(column),
      { text: bar.done, style: theme.good },
      { text: bar.left, style: theme.line },
      { text: bar.text, style: theme.quiet },
    ]);
  }
  return rows;
}

/** Entries other than messages: with a time, without a name. */
function asideRows(
  at: Date | undefined,
  sign: string,
  text: string,
  style: Style,
  layout: EntryLayout,
): Span[][] {
  const { width, nameWidth, theme } = layout;
  const column = asideColumn(layout);
  return wrapAside(text, width - column).map((part, index) => {
    const shownSign = (index === 0 ? sign : '').padEnd(INDENT);
    if (nameWidth === undefined) return [{ text: shownSign + part, style }];
    const time = index === 0 && at ? clockTime(at) : '';
    return [
      { text: time.padEnd(column - INDENT), style: theme.quiet },
      { text: shownSign + part, style },
    ];
  });
}

function asideColumn({ nameWidth }: EntryLayout): number {
  return nameWidth === undefined ? INDENT : TIME_WIDTH + 2 + INDENT;
}

/** Keeps the alignment of tables where the width allows it. */
function wrapAside(text: string, width: number): string[] {
  const [columns = ''] = /^ *\S.*? {2,}(?=\S)/.exec(text) ?? [];
  const margin = textWidth(columns);
  if (margin === 0 || width - margin < MIN_CELL) return wrapText(text, width);
  const [first = '', ...others] = wrapText(text.slice(columns.length), width - margin);
  return [columns + first, ...others.map((row) => ' '.repeat(margin) + row)];
}

function limited(rows: Span[][], layout: EntryLayout, isUnfolded: boolean): EntryRows {
  const isFoldable = rows.length > MAX_FOLDED_ROWS + 1;
  if (!isFoldable || isUnfolded) return { rows, isFoldable };
  const { width, theme } = layout;
  const hidden = rows.length - MAX_FOLDED_ROWS;
  const rest = cutToWidth(`… ${hidden.toLocaleString('en')} more rows: Ctrl-O unfolds`, width - INDENT);
  return {
    rows: [...rows.slice(0, MAX_FOLDED_ROWS), [indent(INDENT), { text: rest, style: theme.quiet }]],
    isFoldable,
  };
}

function indent(columns: number): Span {
  return { text: ' '.repeat(Math.max(0, columns)), style: {} };
}

export function clockTime(at: Date): string {
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}
