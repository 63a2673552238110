import type { Key } from './inputDecoder.js';
import {
  firstPosition,
  home,
  insert,
  lastPosition,
  left,
  right,
  wordLeft,
  wordRight,
  type Edit,
} from '../view/textField.js';

/** The meaning of a key. */
export type KeyAction =
  | { readonly type: 'edit'; readonly edit: Edit }
  /** Delete from the cursor to the target of the movement; `isKept`: Ctrl-Y brings the text back. */
  | { readonly type: 'delete'; readonly move: Edit; readonly isKept: boolean }
  | { readonly type: 'enter' | 'redraw' | 'pause' | 'interrupt' | 'endOfInput' | 'yank' | 'undo' }
  /** Show or hide the list, or the people in it. */
  | { readonly type: 'toggleList' | 'togglePeople' }
  /** `unfold`: show long messages and joins in full, or folded. */
  | { readonly type: 'unfold' | 'search' | 'mention' | 'escape' }
  /** To the end of the line; from there to the newest message. */
  | { readonly type: 'end' | 'newest' | 'oldest' }
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
};

function kill(move: Edit): KeyAction {
  return { type: 'delete', move, isKept: true };
}

function erase(move: Edit): KeyAction {
  return { type: 'delete', move, isKept: false };
}

const CTRL: Readonly<Record<string, KeyAction>> = {
  a: { type: 'edit', edit: home },
  b: { type: 'edit', edit: left },
  c: { type: 'interrupt' },
  d: { type: 'endOfInput' },
  e: { type: 'end' },
  f: { type: 'edit', edit: right },
  k: kill(lastPosition),
  l: { type: 'redraw' },
  n: { type: 'step', by: 1, unreadOnly: false },
  o: { type: 'unfold' },
  p: { type: 'step', by: -1, unreadOnly: false },
  u: kill(firstPosition),
  w: kill(wordLeft),
  y: { type: 'yank' },
  z: { type: 'pause' },
  _: { type: 'undo' },
  left: { type: 'edit', edit: wordLeft },
  right: { type: 'edit', edit: wordRight },
  backspace: kill(wordLeft),
  home: { type: 'oldest' },
  end: { type: 'newest' },
  pagedown: { type: 'step', by: 1, unreadOnly: false },
  pageup: { type: 'step', by: -1, unreadOnly: false },
};

const ALT: Readonly<Record<string, KeyAction>> = {
  m: { type: 'mention' },
  s: { type: 'search' },
  a: { type: 'step', by: 1, unreadOnly: true },
  b: { type: 'edit', edit: wordLeft },
  d: kill(wordRight),
  f: { type: 'edit', edit: wordRight },
  left: { type: 'edit', edit: wordLeft },
  right: { type: 'edit', edit: wordRight },
  up: { type: 'step', by: -1, unreadOnly: false },
  down: { type: 'step', by: 1, unreadOnly: false },
  backspace: kill(wordLeft),
  '<': { type: 'oldest' },
  '>': { type: 'newest' },
  return: { type: 'edit', edit: insert('\n') },
  enter: { type: 'edit', edit: insert('\n') },
};

const KEYS: Readonly<Record<string, KeyAction>> = {
  escape: { type: 'escape' },
  f2: { type: 'toggleList' },
  f3: { type: 'togglePeople' },
  return: { type: 'enter' },
  enter: { type: 'enter' },
  up: { type: 'recall', by: 1 },
  down: { type: 'recall', by: -1 },
  pageup: { type: 'scroll', pages: 1 },
  pagedown: { type: 'scroll', pages: -1 },
  backspace: erase(left),
  delete: erase(right),
  end: { type: 'end' },
};

/** The meaning of a key; undefined for keys without one. */
export function keyAction({ name, ctrl, meta, shift }: Key): KeyAction | undefined {
  if (name === 'tab') return { type: 'complete', by: shift === true ? -1 : 1 };
  if (ctrl === true) return own(CTRL, name);
  if (meta === true) {
    if (/^[1-9]$/.test(name)) return { type: 'jump', index: Number(name) - 1 };
    return own(ALT, name);
  }
  const edit = Object.hasOwn(EDITS, name) ? EDITS[name] : undefined;
  return edit ? { type: 'edit', edit } : own(KEYS, name);
}

function own(actions: Readonly<Record<string, KeyAction>>, name: string): KeyAction | undefined {
  return Object.hasOwn(actions, name) ? actions[name] : undefined;
}
