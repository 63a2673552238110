import { terminalText } from '../../output/terminalText.js';
import { isOnline, peopleIn, shownThread, type ChatState, placeTitle } from '@quietroom/chat';
import type { Span, Style } from './style.js';
import { cutToWidth, textWidth } from '../../output/textWidth.js';
import type { Completing } from './composer.js';
import type { Theme } from './theme.js';

const ONLINE: ReadonlyMap<boolean | undefined, string> = new Map([
  [true, 'online'],
  [false, 'not online'],
]);

/** The top bar: the current place and its people. */
export function titleBar(state: ChatState, width: number, theme: Theme): Span[] {
  const thread = shownThread(state);
  const title = cutToWidth(terminalText(placeTitle(thread.place)), Math.max(1, width - 2));
  const people = peopleIn(state, thread);
  let about = '';
  if (thread.place.kind === 'dm') about = ONLINE.get(isOnline(state, thread.place.name)) ?? '';
  else if (people) about = people.size === 1 ? '1 person' : `${people.size} people`;
  const left: Span = { text: ` ${title}`, style: theme.barStrong };
  return bar([left, { text: about === '' ? '' : `  ${about}`, style: theme.bar }], [], width, theme.bar);
}

/** The mark of the connection stays beside any hint. */
const MARK_WIDTH = 3;
/** Below this width a reason is not shown. */
const MIN_REASON = 12;

export interface StatusHints {
  /** Entries below the visible rows. */
  readonly below: number;
  /** The candidates of Tab. */
  readonly completing: Pick<Completing, 'words' | 'shared' | 'index'> | undefined;
  /** The sidebar with unread counts is hidden. */
  readonly isNarrow: boolean;
  /** A hint that takes precedence over the others. */
  readonly hint: string;
}

/** The bar above the input: connection state and hints. */
export function statusBar(state: ChatState, hints: StatusHints, width: number, theme: Theme): Span[] {
  const { bar: style } = theme;
  const { connection, roundTrip } = state;
  const left: Span[] = [];
  switch (connection.type) {
    case 'connected':
      left.push({ text: ' ● ', style: theme.barGood }, { text: 'connected', style });
      break;
    case 'reconnecting':
      left.push(
        { text: ' ◌ ', style: theme.barWarning },
        { text: `connecting again, attempt ${connection.attempt}`, style: theme.barWarning },
      );
      break;
    case 'disconnected':
      left.push(
        { text: ' ○ ', style: theme.barProblem },
        { text: 'not connected: /reconnect', style: theme.barProblem },
      );
      break;
  }
  const hint = hintText(state, hints, width - MARK_WIDTH);
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
    left.push({
      text: cutToWidth(` · ${terminalText(connection.reason.split('\n', 1)[0] ?? '')}`, room()),
      style,
    });
  }
  // Candidates and warnings are more important than all but the mark.
  const isUrgent = hints.hint !== '' || hints.completing !== undefined;
  if (isUrgent && spansWidth(left) + textWidth(hint) + 1 > width) left.splice(1);
  return bar(left, hint === '' ? [] : [{ text: `${hint} `, style: theme.barStrong }], width, style);
}

function hintText(
  state: ChatState,
  { below, completing, isNarrow, hint }: StatusHints,
  width: number,
): string {
  if (hint !== '') return hint;
  if (completing && completing.words.length > 1) {
    return candidateList(completing, width);
  }
  if (below > 0) return `↓ ${below} below`;
  const unread = isNarrow ? state.threads.reduce((sum, thread) => sum + thread.unread, 0) : 0;
  return unread > 0 ? `${unread} unread, Alt-A` : '/help';
}

/** As many candidates as fit, from the current one on. */
function candidateList(
  { words, shared = 0, index }: NonNullable<StatusHints['completing']>,
  width: number,
): string {
  let list = '';
  for (const [number, word] of words.slice(index).entries()) {
    const shown = terminalText(word.slice(shared).trim());
    const longer = list === '' ? shown : `${list}  ${shown}`;
    const isLast = index + number === words.length - 1;
    if (textWidth(longer) + (isLast ? 0 : 2) > width - 1) {
      return list === '' ? cutToWidth(shown, width - 1) : `${list} …`;
    }
    list = longer;
  }
  return list;
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
