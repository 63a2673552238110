import { terminalText } from '../../output/terminalText.js';
import {
  isOnline,
  peopleIn,
  shownThread,
  type ChatState,
  sorted,
  placeTitle,
  type PlaceId,
  type Thread,
} from '@quietroom/chat';
import type { Span, Style } from './style.js';
import { cutToWidth, textWidth } from '../../output/textWidth.js';
import { nameStyle, type Theme } from './theme.js';

type Row = readonly Span[];

export interface SidebarView {
  readonly rows: readonly Row[];
  /** The place of each row; undefined for headings, people and marks. */
  readonly places: readonly (PlaceId | undefined)[];
}

const ONLINE = '● ';
const OFFLINE = '○ ';
const UNKNOWN = '  ';

/** The heading above the people. */
const HEADING_ROWS = 2;

/** The list of places, and the people in the current one. */
export function sidebarRows(
  state: ChatState,
  width: number,
  height: number,
  theme: Theme,
  arePeopleShown = true,
): SidebarView {
  const places = placeRows(state, width, theme);
  const people = arePeopleShown ? peopleIn(state, shownThread(state)) : undefined;
  const peopleHeight = people === undefined ? 0 : people.size + HEADING_ROWS;
  // Places take priority, but a few people always fit.
  const forPlaces = Math.max(height - peopleHeight, height - 6, Math.ceil(height / 2));
  const shown = around(places, Math.min(height, forPlaces), theme);
  if (people === undefined) return shown;
  const { rows } = shown;
  const more = peopleRows(people, state.self, width, height - rows.length, theme);
  return { ...shown, rows: [...rows, ...more] };
}

interface PlaceRows extends SidebarView {
  /** Unread messages of each row. */
  readonly unread: readonly number[];
  /** Index of the shown place. */
  readonly shown: number;
}

function placeRows(state: ChatState, width: number, theme: Theme): PlaceRows {
  const rows: Row[] = [];
  const unread: number[] = [];
  const places: (PlaceId | undefined)[] = [];
  let shown = 0;
  let hasDm = false;
  for (const thread of state.threads) {
    const { kind } = thread.place;
    if ((kind === 'dm' || kind === 'visitors') && !hasDm) {
      hasDm = true;
      rows.push([], [{ text: ' Direct', style: theme.heading }]);
      unread.push(0, 0);
      places.push(undefined, undefined);
    }
    if (thread.id === state.shown) shown = rows.length;
    rows.push(placeRow(state, thread, width, theme));
    unread.push(thread.unread);
    places.push(thread.id);
  }
  return { rows, places, unread, shown };
}

function placeRow(state: ChatState, thread: Thread, width: number, theme: Theme): Row {
  const isShown = thread.id === state.shown;
  const { place, unread } = thread;
  let style: Style = unread > 0 ? theme.unread : theme.text;
  if (isShown) style = theme.active;
  const count = unread === 0 ? '' : unread > 999 ? '999+' : String(unread);
  const sign = place.kind === 'dm' ? onlineSign(state, place.name) : '';
  const room = width - 2 - (count === '' ? 0 : count.length + 3);
  const title = cutToWidth(terminalText(placeTitle(place)), room - textWidth(sign));
  const gap = ' '.repeat(Math.max(0, room - textWidth(sign) - textWidth(title)));
  const name: Row = [
    { text: ` ${sign}`, style: isShown || sign !== ONLINE ? style : theme.good },
    { text: `${title}${gap} `, style },
  ];
  if (count === '') return name;
  const isCall = thread.isMentioned || place.kind === 'dm';
  return [...name, { text: ` ${count} `, style: isCall ? theme.mention : theme.unread }];
}

function onlineSign(state: ChatState, name: string): string {
  const online = isOnline(state, name);
  return online === undefined ? UNKNOWN : online ? ONLINE : OFFLINE;
}

function peopleRows(
  people: ReadonlySet<string>,
  self: string,
  width: number,
  height: number,
  theme: Theme,
): Row[] {
  const room = height - HEADING_ROWS;
  if (room < 1) return [];
  const count = people.size <= room ? people.size : room - 1;
  const rows: Row[] = [[], [{ text: ` Here (${people.size})`, style: theme.heading }]];
  for (const name of sorted(people).slice(0, count)) {
    const style = name === self ? theme.own : nameStyle(theme, name);
    rows.push([{ text: ` ${cutToWidth(terminalText(name), width - 2)}`, style }]);
  }
  if (count < people.size) rows.push([{ text: ` and ${people.size - count} more`, style: theme.quiet }]);
  return rows;
}

/** A window of the rows with the shown place; its edges count what is hidden beyond them. */
function around({ rows, places, unread, shown }: PlaceRows, count: number, theme: Theme): SidebarView {
  if (rows.length <= count) return { rows, places };
  // Too low for marks.
  if (count < 3) {
    const end = shown + count;
    return { rows: rows.slice(shown, end), places: places.slice(shown, end) };
  }
  const room = count - 2;
  const start = Math.min(Math.max(0, shown - Math.floor(room / 2)), rows.length - room);
  const end = start + room;
  const edge = (sign: string, from: number, to: number): Row => {
    const news = unread.slice(from, to).reduce((sum, one) => sum + one, 0);
    const text = to - from === 0 ? '' : ` ${sign} ${to - from}${news > 0 ? `, ${news} unread` : ' more'}`;
    return [{ text, style: news > 0 ? theme.unread : theme.quiet }];
  };
  return {
    rows: [edge('↑', 0, start), ...rows.slice(start, end), edge('↓', end, rows.length)],
    places: [undefined, ...places.slice(start, end), undefined],
  };
}
