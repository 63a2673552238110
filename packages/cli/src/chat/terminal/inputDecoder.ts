/* oxlint-disable no-control-regex -- The input of a terminal has control characters. */
import { MAX_LENGTH } from '../view/textField.js';

/** A key that is not plain text. Names as in `node:readline`: `return`, `up`, `pageup`, `a` with `ctrl`. */
export interface Key {
  readonly name: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly shift?: boolean;
}

/** One thing that came from the terminal. */
export type InputEvent =
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'text'; readonly text: string }
  /** A paste goes on; `length` in characters so far. */
  | { readonly type: 'pasting'; readonly length: number }
  /** The text of a paste, cut after `MAX_LENGTH` characters; `length` is that of the whole. */
  | { readonly type: 'paste'; readonly text: string; readonly length: number }
  /** A button was pressed, or the wheel turned; column and row from 0. */
  | { readonly type: 'mouse'; readonly button: number; readonly column: number; readonly row: number }
  /** The terminal answers a question; an escape sequence without its ESC. */
  | { readonly type: 'answer'; readonly text: string };

const ESC = '\x1b';
const PASTE_END = '\x1b[201~';
/** The start of a sequence waits this long for its rest; a lone ESC is a key then. */
const ESCAPE_WAIT_MS = 50;
/** An answer that has begun waits longer, so that a slow link does not turn it into text. */
const ANSWER_WAIT_MS = 1000;
/** Longer sequences are not from a terminal. */
const MAX_SEQUENCE = 4096;

/** `ESC [ parameters intermediates final` */
const CSI = /^\x1b\[([0-?]*)([ -/]*)([@-~])/;
const STRING_STARTS: ReadonlySet<string> = new Set([']', 'P', 'X', '^', '_']);
const TEXT = /^[^\x00-\x1f\x7f]+/;

const FINALS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};
const NUMBERS: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
};
const CODES: Readonly<Record<number, string>> = { 9: 'tab', 13: 'return', 27: 'escape', 127: 'backspace' };

/** Turns the input of a terminal into keys, text, pastes and answers. Sequences may come in pieces. */
export class InputDecoder {
  #rest = '';
  /** The text of the paste so far, and its length. */
  #paste: { text: string; length: number } | undefined;

  /** When to call `flush` unless more comes before; undefined when nothing is incomplete. */
  get waitMs(): number | undefined {
    if (this.#rest === '' || this.#paste) return undefined;
    return this.#rest.length > 2 ? ANSWER_WAIT_MS : ESCAPE_WAIT_MS;
  }

  decode(chunk: string): InputEvent[] {
    const events: InputEvent[] = [];
    // Within a paste, the one key that is not text: it ends a paste whose end got lost.
    if (this.#paste && chunk === '\x03') {
      this.#pasted(this.#rest);
      this.#rest = '';
      this.#endPaste(events);
      return events;
    }
    this.#rest += chunk;
    while (this.#rest !== '') {
      const taken = this.#paste ? this.#takePasted(events) : this.#take(events);
      if (taken === 0) break;
      this.#rest = this.#rest.slice(taken);
    }
    if (this.#paste) events.push({ type: 'pasting', length: this.#paste.length });
    return events;
  }

  /** Ends the wait for the rest of a sequence: what is there are keys, or an answer that was cut off. */
  flush(): InputEvent[] {
    if (this.#paste) return [];
    const rest = this.#rest;
    this.#rest = '';
    if (rest === '' || rest.length > 2) return [];
    const [, character] = rest;
    if (character === undefined || character === ESC) return [key('escape')];
    return [altKey(character)];
  }

  /** Reads one event from the start of the rest; returns the characters taken, 0 when it is incomplete. */
  #take(events: InputEvent[]): number {
    const rest = this.#rest;
    const [text] = TEXT.exec(rest) ?? [];
    if (text !== undefined) {
      events.push({ type: 'text', text });
      return text.length;
    }
    if (!rest.startsWith(ESC)) {
      events.push(controlKey(rest.charAt(0), false));
      return 1;
    }
    const second = rest.charAt(1);
    if (second === '') return 0;
    if (second === '[') return this.#takeCsi(events);
    if (second === 'O') {
      const third = rest.charAt(2);
      if (third === '') return 0;
      const name = FINALS[third];
      if (name !== undefined) events.push(key(name));
      return 3;
    }
    if (STRING_STARTS.has(second)) return this.#takeString(events);
    if (second === ESC) {
      // Alt with a key that is a sequence itself; the first ESC alone otherwise.
      if (rest.length === 2) return 0;
      if (rest.charAt(2) !== '[' && rest.charAt(2) !== 'O') events.push(key('escape'));
      return 1;
    }
    const character = String.fromCodePoint(rest.codePointAt(1) ?? 0);
    events.push(altKey(character));
    return 1 + character.length;
  }

  #takeCsi(events: InputEvent[]): number {
    const rest = this.#rest;
    const match = CSI.exec(rest);
    if (!match) {
      const isWhole = rest.length > MAX_SEQUENCE || /[^ -?]/.test(rest.slice(2));
      return isWhole ? 2 : 0;
    }
    const [sequence, parameters = '', , final = ''] = match;
    if (sequence === '\x1b[200~') {
      this.#paste = { text: '', length: 0 };
    } else if (sequence === '\x1b[[') {
      // The function keys of the Linux console.
      if (rest.length === sequence.length) return 0;
      return sequence.length + 1;
    } else {
      const event = csiEvent(parameters, final, sequence.slice(1));
      if (event) events.push(event);
    }
    return sequence.length;
  }

  /** OSC, DCS, SOS, PM or APC: up to BEL or ESC \. */
  #takeString(events: InputEvent[]): number {
    const rest = this.#rest;
    const end = /\x07|\x1b\\/.exec(rest.slice(2));
    if (!end) return rest.length > MAX_SEQUENCE ? rest.length : 0;
    events.push({ type: 'answer', text: rest.slice(1, 2 + end.index) });
    return 2 + end.index + end[0].length;
  }

  #takePasted(events: InputEvent[]): number {
    const rest = this.#rest;
    const end = rest.indexOf(PASTE_END);
    if (end >= 0) {
      this.#pasted(rest.slice(0, end));
      this.#endPaste(events);
      return end + PASTE_END.length;
    }
    let kept = Math.min(rest.length, PASTE_END.length - 1);
    while (kept > 0 && !PASTE_END.startsWith(rest.slice(-kept))) kept--;
    this.#pasted(rest.slice(0, rest.length - kept));
    return rest.length - kept;
  }

  #pasted(text: string): void {
    const paste = this.#paste;
    if (!paste) return;
    paste.text += text.slice(0, Math.max(0, MAX_LENGTH + 1 - paste.text.length));
    paste.length += text.length;
  }

  #endPaste(events: InputEvent[]): void {
    if (this.#paste) events.push({ type: 'paste', ...this.#paste });
    this.#paste = undefined;
  }
}

function key(name: string, modifiers: Omit<Key, 'name'> = {}): InputEvent {
  return { type: 'key', key: { name, ...modifiers } };
}

function altKey(character: string): InputEvent {
  if (/[\x00-\x1f\x7f]/.test(character)) return controlKey(character, true);
  const isUpper = character.toLowerCase() !== character;
  return key(character.toLowerCase(), isUpper ? { meta: true, shift: true } : { meta: true });
}

function controlKey(character: string, meta: boolean): InputEvent {
  const alt = meta ? { meta } : {};
  switch (character) {
    case '\r':
      return key('return', alt);
    case '\n':
      return key('enter', alt);
    case '\t':
      return key('tab', alt);
    case '\b':
    case '\x7f':
      return key('backspace', alt);
    default:
      return key(String.fromCharCode(character.charCodeAt(0) + 0x40).toLowerCase(), { ...alt, ctrl: true });
  }
}

function csiEvent(parameters: string, final: string, sequence: string): InputEvent | undefined {
  if (parameters.startsWith('<') && (final === 'M' || final === 'm')) return mouseEvent(parameters, final);
  // Answers about the cursor, the device, modes, the window and the focus.
  if (/^[?>=]/.test(parameters) || 'cntyIOR'.includes(final)) {
    const isF3 = final === 'R' && /^(?:1;[2-8])?$/.test(parameters);
    if (!isF3) return { type: 'answer', text: sequence };
  }
  const [first = '', modifier = '', third = ''] = parameters.split(/[;:]/);
  if (final === 'Z') return key('tab', { shift: true });
  if (final === 'u') return codeKey(Number(first), modifier);
  if (final === '~' && first === '27') return codeKey(Number(third), modifier);
  const name = final === '~' ? NUMBERS[first] : FINALS[final];
  return name === undefined ? undefined : key(name, modifiersOf(modifier));
}

/** Keys of terminals that send the code of a character: modifyOtherKeys and `CSI u`. */
function codeKey(code: number, modifier: string): InputEvent | undefined {
  const modifiers = modifiersOf(modifier);
  const named = CODES[code];
  if (named !== undefined) return key(named, modifiers);
  if (!(code >= 0x20 && code <= 0x10ffff)) return undefined;
  const character = String.fromCodePoint(code);
  if (modifiers.ctrl === true || modifiers.meta === true) return key(character.toLowerCase(), modifiers);
  return { type: 'text', text: character };
}

/** The parameter is 1 plus a sum: 1 shift, 2 alt, 4 ctrl. */
function modifiersOf(parameter: string): Omit<Key, 'name'> {
  const bits = parameter === '' ? 0 : Number(parameter) - 1;
  return {
    ...((bits & 1) !== 0 && { shift: true }),
    ...((bits & 2) !== 0 && { meta: true }),
    ...((bits & 4) !== 0 && { ctrl: true }),
  };
}

/** SGR mode: `< button ; column ; row`, M when pressed and m when released. */
function mouseEvent(parameters: string, final: string): InputEvent | undefined {
  const [button = NaN, column = NaN, row = NaN] = parameters.slice(1).split(';').map(Number);
  if (final === 'm' || Number.isNaN(button + column + row)) return undefined;
  return { type: 'mouse', button, column: column - 1, row: row - 1 };
}
