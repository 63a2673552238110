import { terminalText } from '../../output/terminalText.js';
import {
  shownThread,
  type ChatState,
  type ChatEvent,
  type Entry,
  type FileEntry,
  placeTitle,
  type Thread,
} from '@quietroom/chat';
import { clockTime } from '../view/entryRows.js';
import { fileText } from '../view/fileText.js';

/** The lines that an event adds to the plain chat. */
export function plainLines(state: ChatState, event: ChatEvent, before: ChatState): string[] {
  const lines: string[] = [];
  if (event.type === 'presence') {
    const where = event.room === undefined ? 'Lobby' : event.room;
    lines.push(
      `${clockTime(event.at)} [${terminalText(where)}] ${terminalText(event.name)} ${event.change}.`,
    );
  }
  for (const thread of state.threads) {
    const old = before.threads.find(({ id }) => id === thread.id);
    if (thread === old) continue;
    // A failure elsewhere is one line here, not a notice besides.
    const isAbout = event.type !== 'delivery' || thread.id === event.place;
    if (isAbout && !isRepeated(event, thread)) lines.push(...threadLines(thread, before.nextEntry, event));
  }
  if (state.shown !== before.shown) {
    lines.push(`* You write to ${terminalText(placeTitle(shownThread(state).place))} now.`);
  }
  return lines;
}

function threadLines(thread: Thread, since: number, event: ChatEvent): string[] {
  const first = thread.entries.findLastIndex(({ id }) => id < since) + 1;
  const lines = thread.entries.slice(first).flatMap((entry) => entryLines(entry, thread));
  if (event.type === 'delivery') {
    const entry = thread.entries.findLast(({ id }) => id === event.entry);
    if (entry?.type === 'message' && event.note !== undefined) {
      lines.push(`* ${terminalText(event.note)} It was: ${terminalText(entry.text)}`);
    }
  }
  if (event.type === 'file' && isWorthALine(event.status)) {
    const entry = thread.entries.findLast(
      (one): one is FileEntry => one.type === 'file' && one.number === event.number,
    );
    if (entry) lines.push(`* ${terminalText(fileText(entry))}`);
  }
  return lines;
}

/** True when only the notice about a failed file in another thread is new. */
function isRepeated(event: ChatEvent, thread: Thread): boolean {
  return (
    event.type === 'file' &&
    !thread.entries.some((entry) => entry.type === 'file' && entry.number === event.number)
  );
}

function isWorthALine(status: FileEntry['status']): boolean {
  return status === 'done' || status === 'failed' || status === 'declined' || status === 'withdrawn';
}

function entryLines(entry: Entry, thread: Thread): string[] {
  switch (entry.type) {
    case 'message': {
      // The user has seen the typed text already.
      if (entry.delivery !== undefined) return [];
      const { place } = thread;
      const where = place.kind === 'dm' ? 'DM' : terminalText(placeTitle(place));
      const [first = '', ...others] = entry.text.split('\n').map(terminalText);
      const head = `${clockTime(entry.at)} [${where}] ${terminalText(entry.sender)}: `;
      // Indented, so that no line looks like a separate message.
      return [head + first, ...others.map((line) => `    ${line}`)];
    }
    case 'notice':
      return entry.text.split('\n').map((line, index) => `${index === 0 ? '*' : ' '} ${terminalText(line)}`);
    case 'file': {
      const who = terminalText(placeTitle(thread.place));
      return [`* ${entry.direction === 'in' ? 'From' : 'To'} ${who}: ${terminalText(fileText(entry))}`];
    }
    case 'presence':
      return [];
  }
}
