import { terminalText } from '../../terminalText.js';
import { peopleIn, shownThread, type ChatState } from '../model/chatState.js';
import { sorted } from '../model/lists.js';
import { placeTitle } from '../model/place.js';
import type { Thread } from '../model/thread.js';
import type { Span, Style } from './style.js';
import { cutToWidth, textWidth } from './textWidth.js';
import { nameStyle, type Theme } from './theme.js';

type Row = readonly Span[];

/** The list of the places, and of the people in the one that is shown. */
export function sidebarRows(state: ChatState, width: number, height: number, theme: Theme): Row[] {
  const places = placeRows(state, width, theme);
  const people = peopleRows(state, width, theme);
  // At least a few people are seen, but the places come first.
  const forPlaces = Math.max(height - people.length, height - 6, Math.ceil(height / 2));
  const shown = around(places.rows, places.shown, Math.min(height, forPlaces));
  const rest = height - shown.length;
  return [...shown, ...cutPeople(people, rest, theme)];
}

function placeRows(state: ChatState, width: number, theme: Theme): { rows: Row[]; shown: number } {
  const rows: Row[] = [];
  let shown = 0;
  let hasDm = false;
  for (const thread of state.threads) {
    if (thread.place.kind === 'dm' && !hasDm) {
      hasDm = true;
      rows.push([], [{ text: ' Direct', style: theme.heading }]);
    }
    if (thread.id === state.shown) shown = rows.length;
    rows.push(placeRow(state, thread, width, theme));
  }
  return { rows, shown };
}

function placeRow(state: ChatState, thread: Thread, width: number, theme: Theme): Row {
  const isShown = thread.id === state.shown;
  const { place, unread } = thread;
  let style: Style = unread > 0 ? theme.unread : theme.text;
  if (isShown) style = theme.active;
  const count = unread === 0 ? '' : unread > 999 ? '999+' : String(unread);
  const sign = place.kind === 'dm' ? (state.online.has(place.name) ? '● ' : '○ ') : '';
  const room = width - 2 - (count === '' ? 0 : count.length + 3);
  const title = cutToWidth(sign + terminalText(placeTitle(place)), room);
  const gap = ' '.repeat(Math.max(0, room - textWidth(title)));
  if (count === '') return [{ text: ` ${title}${gap} `, style }];
  const isCall = thread.isMentioned || place.kind === 'dm';
  return [
    { text: ` ${title}${gap} `, style },
    { text: ` ${count} `, style: isCall ? theme.mention : theme.unread },
  ];
}

function peopleRows(state: ChatState, width: number, theme: Theme): Row[] {
  const people = peopleIn(state, shownThread(state));
  if (people === undefined) return [];
  return [
    [],
    [{ text: ` Here (${people.size})`, style: theme.heading }],
    ...sorted(people).map((name): Row => {
      const style = name === state.self ? theme.own : nameStyle(theme, name);
      return [{ text: ` ${cutToWidth(terminalText(name), width - 2)}`, style }];
    }),
  ];
}

function cutPeople(rows: readonly Row[], height: number, theme: Theme): Row[] {
  if (rows.length <= height) return [...rows];
  if (height < 3) return [];
  const hidden = rows.length - (height - 1);
  return [...rows.slice(0, height - 1), [{ text: ` and ${hidden} more`, style: theme.quiet }]];
}

/** So many of the rows that the wanted one is among them. */
function around(rows: readonly Row[], wanted: number, count: number): Row[] {
  if (rows.length <= count) return [...rows];
  const start = Math.min(Math.max(0, wanted - Math.floor(count / 2)), rows.length - count);
  return rows.slice(start, start + count);
}
