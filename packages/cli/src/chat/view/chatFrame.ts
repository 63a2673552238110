import {
  shownThread,
  type ChatState,
  placeTitle,
  MAX_HITS,
  type PlaceId,
  type Search,
} from '@quietroom/chat';
import { terminalText } from '../../output/terminalText.js';
import { statusBar, titleBar } from './bars.js';
import type { Frame, Piece } from './canvas.js';
import type { Composer } from './composer.js';
import { inputRows } from './inputRows.js';
import type { MessagePane } from './messagePane.js';
import { sidebarRows, type SidebarView } from './sidebar.js';
import type { TextField } from './textField.js';
import type { Theme } from './theme.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The parts of the screen beside the chat state. */
export interface ChatView {
  readonly pane: MessagePane;
  readonly composer: Pick<Composer, 'field' | 'completing'>;
  /** The list of places and people; undefined: where the terminal is wide enough. */
  readonly isListShown: boolean | undefined;
  /** The people below the places. */
  readonly arePeopleShown: boolean;
  /** Shown in the status bar instead of everything else. */
  readonly hint: string;
}

export interface ChatFrame extends Frame {
  /** The place in the list at this position of the screen. */
  readonly placeAt: (column: number, row: number) => PlaceId | undefined;
}

/** Narrower terminals hide the list until a key shows it. */
export const LIST_FROM = 90;
/** Narrower terminals have no room for a list. */
export const MIN_FOR_LIST = 60;

/** Composes the whole screen; small screens omit the less important parts. */
export function chatFrame(state: ChatState, view: ChatView, size: Size, theme: Theme): ChatFrame {
  const columns = Math.max(1, size.columns);
  const height = Math.max(1, size.rows);
  const isListShown = view.isListShown ?? columns >= LIST_FROM;
  const sidebarWidth = !isListShown || columns < MIN_FOR_LIST ? 0 : columns >= 100 ? 24 : 18;
  const mainColumn = sidebarWidth === 0 ? 0 : sidebarWidth + 2;
  const mainWidth = columns - mainColumn;

  const thread = shownThread(state);
  const { search } = state;
  const hint = search ? 'Search all places' : `Write to ${terminalText(placeTitle(thread.place))}`;
  const field = search
    ? { text: search.text, cursor: search.text.length }
    : withoutPassword(view.composer.field);
  const maxInputRows = Math.max(1, Math.min(6, Math.floor(height / 3)));
  const input = inputRows(field, hint, columns, maxInputRows, theme);
  const hasStatus = height - input.rows.length >= 1;
  const hasTitle = height - input.rows.length >= 4;
  const bodyHeight = Math.max(0, height - input.rows.length - (hasStatus ? 1 : 0) - (hasTitle ? 1 : 0));

  const rows: Piece[][] = [];
  if (hasTitle) rows.push([{ column: 0, spans: titleBar(state, columns, theme) }]);
  const marking = { words: wordsOf(state), search: state.search?.text.toLowerCase() ?? '' };
  const pane = view.pane.view(thread, mainWidth, bodyHeight, theme, marking);
  const list: SidebarView =
    sidebarWidth === 0
      ? { rows: [], places: [] }
      : sidebarRows(state, sidebarWidth, bodyHeight, theme, view.arePeopleShown);
  const above = bodyHeight - pane.rows.length;
  for (let row = 0; row < bodyHeight; row++) {
    const pieces: Piece[] = [];
    if (sidebarWidth > 0) {
      const spans = list.rows[row] ?? [];
      pieces.push({ column: 0, spans }, { column: sidebarWidth, spans: [{ text: '│', style: theme.line }] });
    }
    const message = pane.rows[row - above];
    if (message) pieces.push({ column: mainColumn, spans: message });
    rows.push(pieces);
  }
  if (hasStatus) {
    const { completing } = view.composer;
    const hints = {
      below: pane.below,
      completing,
      isNarrow: sidebarWidth === 0,
      hint: search ? searchHint(search) : view.hint,
    };
    rows.push([{ column: 0, spans: statusBar(state, hints, columns, theme) }]);
  }
  const inputAt = rows.length;
  for (const spans of input.rows) rows.push([{ column: 0, spans }]);
  const places = hasTitle ? [undefined, ...list.places] : list.places;
  return {
    rows,
    placeAt: (column, row) => (column < sidebarWidth ? places[row] : undefined),
    cursor: { column: Math.min(columns - 1, input.cursor.column), row: inputAt + input.cursor.row },
  };
}

/** The text with a dot for each character of a room's password, as long as it is typed. */
function withoutPassword(field: TextField): TextField {
  const [, command = '', password = ''] = /^(\s*\/join\s+\S+\s+)([^]*)$/i.exec(field.text) ?? [];
  return password === '' ? field : { ...field, text: command + password.replaceAll(/[^]/g, '•') };
}

const words = new WeakMap<readonly string[], { readonly self: string; readonly words: readonly string[] }>();

/** The words that mention the user; the same array for the same state, so that rows stay cached. */
function wordsOf({ self, highlights }: ChatState): readonly string[] {
  let known = words.get(highlights);
  if (known?.self !== self) {
    known = { self, words: [self, ...highlights] };
    words.set(highlights, known);
  }
  return known.words;
}

function searchHint({ text, hits, index }: Search): string {
  if (text === '') return 'Escape ends the search';
  if (hits.length === 0) return 'nothing found';
  const count = hits.length >= MAX_HITS ? `${MAX_HITS} or more` : String(hits.length);
  return `${index + 1} of ${count}: Up, Down, Escape`;
}
