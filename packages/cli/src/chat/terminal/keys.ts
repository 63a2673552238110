import type { Key } from 'node:readline';
import {
  deleteTo,
  end,
  home,
  insert,
  left,
  right,
  wordLeft,
  wordRight,
  type Edit,
} from '../view/textField.js';

/** The meaning of a key. */
export type KeyAction =
  | { readonly type: 'edit'; readonly edit: Edit }
  | { readonly type: 'enter' | 'redraw' | 'pause' | 'interrupt' | 'endOfInput' | 'pasteStart' | 'pasteEnd' }
  | { readonly type: 'complete' | 'recall'; readonly by: 1 | -1 }
  | { readonly type: 'step'; readonly by: 1 | -1; readonly unreadOnly: boolean }
  /** Show the thread at this index of the list, from 0. */
  | { readonly type: 'jump'; readonly index: number }
  /** Scroll back by pages. */
  | { readonly type: 'scroll'; readonly pages: number };

const EDITS: Readonly<Record<string, Edit>> = {
  left,
  right,
  home,
  end,
  backspace: deleteTo(left),
  delete: deleteTo(right),
};

const CTRL: Readonly<Record<string, KeyAction>> = {
  a: { type: 'edit', edit: home },
  b: { type: 'edit', edit: left },
  c: { type: 'interrupt' },
  d: { type: 'endOfInput' },
  e: { type: 'edit', edit: end },
  f: { type: 'edit', edit: right },
  h: { type: 'edit', edit: deleteTo(left) },
  j: { type: 'enter' },
  k: { type: 'edit', edit: deleteTo(end) },
  l: { type: 'redraw' },
  n: { type: 'step', by: 1, unreadOnly: false },
  p: { type: 'step', by: -1, unreadOnly: false },
  u: { type: 'edit', edit: deleteTo(home) },
  w: { type: 'edit', edit: deleteTo(wordLeft) },
  z: { type: 'pause' },
  left: { type: 'edit', edit: wordLeft },
  right: { type: 'edit', edit: wordRight },
  backspace: { type: 'edit', edit: deleteTo(wordLeft) },
  pagedown: { type: 'step', by: 1, unreadOnly: false },
  pageup: { type: 'step', by: -1, unreadOnly: false },
};

const ALT: Readonly<Record<string, KeyAction>> = {
  a: { type: 'step', by: 1, unreadOnly: true },
  b: { type: 'edit', edit: wordLeft },
  d: { type: 'edit', edit: deleteTo(wordRight) },
  f: { type: 'edit', edit: wordRight },
  left: { type: 'edit', edit: wordLeft },
  right: { type: 'edit', edit: wordRight },
  up: { type: 'step', by: -1, unreadOnly: false },
  down: { type: 'step', by: 1, unreadOnly: false },
  backspace: { type: 'edit', edit: deleteTo(wordLeft) },
  return: { type: 'edit', edit: insert('\n') },
  enter: { type: 'edit', edit: insert('\n') },
};

const KEYS: Readonly<Record<string, KeyAction>> = {
  return: { type: 'enter' },
  enter: { type: 'enter' },
  up: { type: 'recall', by: 1 },
  down: { type: 'recall', by: -1 },
  pageup: { type: 'scroll', pages: 1 },
  pagedown: { type: 'scroll', pages: -1 },
  'paste-start': { type: 'pasteStart' },
  'paste-end': { type: 'pasteEnd' },
};

/** Maps a `node:readline` key event; undefined for keys without a meaning. */
export function keyAction(text: string | undefined, key: Key): KeyAction | undefined {
  const { name = '', ctrl, meta, shift } = key;
  if (name === 'tab') return { type: 'complete', by: shift === true ? -1 : 1 };
  if (ctrl === true) return own(CTRL, name);
  if (meta === true) {
    if (/^[1-9]$/.test(name)) return { type: 'jump', index: Number(name) - 1 };
    return own(ALT, name);
  }
  const edit = Object.hasOwn(EDITS, name) ? EDITS[name] : undefined;
  if (edit) return { type: 'edit', edit };
  const action = own(KEYS, name);
  if (action) return action;
  if (text === undefined || /\p{Cc}/u.test(text)) return undefined;
  return { type: 'edit', edit: insert(text) };
}

function own(actions: Readonly<Record<string, KeyAction>>, name: string): KeyAction | undefined {
  return Object.hasOwn(actions, name) ? actions[name] : undefined;
}
