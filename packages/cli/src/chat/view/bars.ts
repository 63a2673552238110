import { terminalText } from '../../output/terminalText.js';
import { peopleIn, shownThread, type ChatState, placeTitle } from '@quietroom/chat';
import type { Span, Style } from './style.js';
import { cutToWidth, textWidth } from '../../output/textWidth.js';
import type { Theme } from './theme.js';

/** The top bar: the current place and its people. */
export function titleBar(state: ChatState, width: number, theme: Theme): Span[] {
  const thread = shownThread(state);
  const title = cutToWidth(terminalText(placeTitle(thread.place)), Math.max(1, width - 2));
  const people = peopleIn(state, thread);
  let about = '';
  if (thread.place.kind === 'dm') about = state.online.has(thread.place.name) ? 'online' : 'not online';
  else if (people) about = people.size === 1 ? '1 person' : `${people.size} people`;
  const left: Span = { text: ` ${title}`, style: theme.barStrong };
  return bar([left, { text: about === '' ? '' : `  ${about}`, style: theme.bar }], [], width, theme.bar);
}

/** Below this width a reason is not shown. */
const MIN_REASON = 12;

export interface StatusHints {
  /** Entries below the visible rows. */
  readonly below: number;
  /** The candidates of Tab. */
  readonly completing: { readonly words: readonly string[]; readonly index: number } | undefined;
  /** The sidebar with unread counts is hidden. */
  readonly isNarrow: boolean;
  /** A hint that takes precedence over the others. */
  readonly hint: string;
}

/** The bar above the input: connection state and hints. */
export function statusBar(state: ChatState, hints: StatusHints, width: number, theme: Theme): Span[] {
  const { bar: style } = theme;
  const { connection, roundTrip } = state;
  const on = (colour: Style): Style =>
    style.background === undefined ? style : { ...colour, background: style.background };
  const left: Span[] = [];
  switch (connection.type) {
    case 'connected':
      left.push({ text: ' ● ', style: on(theme.good) }, { text: 'connected', style });
      break;
    case 'reconnecting':
      left.push(
        { text: ' ◌ ', style: on(theme.warning) },
        { text: `connecting again, attempt ${connection.attempt}`, style: on(theme.warning) },
      );
      break;
    case 'disconnected':
      left.push(
        { text: ' ○ ', style: on(theme.problem) },
        { text: 'not connected', style: on(theme.problem) },
      );
      break;
  }
  const hint = hintText(state, hints);
  const room = (): number => width - spansWidth(left) - textWidth(hint) - 3;
  if (connection.type === 'connected') {
    const details = [
      roundTrip === undefined ? '' : `${Math.max(1, Math.round(roundTrip * 1000))} ms`,
      `${terminalText(state.self)} on ${terminalText(state.server)}`,
    ];
    for (const detail of details.filter(Boolean)) {
      const text = ` · ${detail}`;
      if (textWidth(text) <= room()) left.push({ text, style });
    }
  } else if (connection.reason !== undefined && room() > MIN_REASON) {
    left.push({ text: cutToWidth(` · ${terminalText(connection.reason)}`, room()), style });
  }
  return bar(left, hint === '' ? [] : [{ text: `${hint} `, style: theme.barStrong }], width, style);
}

function hintText(state: ChatState, { below, completing, isNarrow, hint }: StatusHints): string {
  if (hint !== '') return hint;
  if (completing && completing.words.length > 1) {
    const { words, index } = completing;
    const next = words.slice(index, index + 4).map((word) => terminalText(word.trim()));
    return `${next.join('  ')}${words.length > index + 4 ? ' …' : ''}`;
  }
  if (below > 0) return `↓ ${below} below`;
  const unread = isNarrow ? state.threads.reduce((sum, thread) => sum + thread.unread, 0) : 0;
  return unread > 0 ? `${unread} unread, Alt-A` : '/help';
}

function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** A row with spans at both ends and its background between them. */
function bar(left: readonly Span[], right: readonly Span[], width: number, style: Style): Span[] {
  let room = width;
  const take = ({ text, style: own }: Span): Span => {
    const shown = cutToWidth(text, room);
    room -= textWidth(shown);
    return { text: shown, style: own };
  };
  const shownLeft = left.map(take);
  const rightWidth = spansWidth(right);
  if (rightWidth > room) return [...shownLeft, { text: ' '.repeat(Math.max(0, room)), style }];
  return [...shownLeft, { text: ' '.repeat(room - rightWidth), style }, ...right];
}
