import { COMMANDS } from './commandLine.js';

/** Keys and their effects, for the help and the documentation. */
const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['Tab, Shift-Tab', 'complete a command, name, room or file; the next, the previous'],
  ['Ctrl-N, Ctrl-P', 'next, previous thread'],
  ['Alt-A', 'next thread with something unread'],
  ['Alt-1 to Alt-9', 'the thread with that number from the top'],
  ['Up, Down', 'what you wrote before'],
  ['PageUp, PageDown', 'read back, and forth'],
  ['Ctrl-Home, Ctrl-End', 'to the oldest, the newest message; also Alt-<, Alt->'],
  ['Alt-S', 'search all places; Up, Down: the next hit; Escape ends it'],
  ['Alt-M', 'the last mention of you; again: the one before'],
  ['F2, F3', 'show or hide the list, the people in it'],
  ['Ctrl-O', 'unfold long messages and joins on the screen; fold them again'],
  ['Alt-Enter', 'a new line in the text'],
  ['Ctrl-A, Ctrl-E', 'to the start, the end of the line; End again: to the newest message'],
  ['Ctrl-W, Ctrl-U, Ctrl-K', 'delete a word, all before, all behind the cursor'],
  ['Ctrl-Y, Ctrl-_', 'insert what was deleted last; undo'],
  ['Ctrl-L', 'draw the screen anew'],
  ['Ctrl-Z', 'pause; fg comes back'],
  ['Ctrl-C', 'empty the text; twice, or Ctrl-D in an empty one: leave'],
];

export const HELP = ['Commands:', ...table(commandRows())].join('\n');

export const KEY_HELP = ['Keys:', ...table(KEYS)].join('\n');

function commandRows(): (readonly [string, string])[] {
  return Object.values(COMMANDS).map(({ usage, meaning }) => [usage, meaning]);
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
