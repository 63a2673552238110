import type { InputEvent } from '../terminal/inputDecoder.js';

/** The effect of an input event. */
export type TypedResult =
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'interrupt' | 'endOfInput' | 'pause' | 'nothing' };

const NOTHING: TypedResult = { type: 'nothing' };

/**
 * A line that is being typed on a terminal in raw mode, echoed without control sequences. Lines that come meanwhile
 * stand above it, and the typed part is written again below them.
 */
export class TypedLine {
  readonly #write: (text: string) => void;
  #text = '';

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Prints a line that is not part of the typed one. */
  print(line: string): void {
    this.#write(this.#text === '' ? `${line}\r\n` : `\r\n${line}\r\n${this.#text}`);
  }

  handle(event: InputEvent): TypedResult {
    switch (event.type) {
      case 'text':
        this.#add(event.text);
        return NOTHING;
      case 'paste':
        this.#add(event.text.replaceAll(/\s+/g, ' '));
        return NOTHING;
      case 'key':
        return this.#key(event.key.name, event.key.ctrl === true);
      case 'pasting':
      case 'mouse':
      case 'answer':
        return NOTHING;
    }
  }

  #key(name: string, ctrl: boolean): TypedResult {
    if (!ctrl && (name === 'return' || name === 'enter')) {
      const line = this.#text;
      this.#text = '';
      this.#write('\r\n');
      return { type: 'line', line };
    }
    if (name === 'backspace') this.#erase(1);
    if (!ctrl) return NOTHING;
    switch (name) {
      case 'c':
        return { type: 'interrupt' };
      case 'd':
        return this.#text === '' ? { type: 'endOfInput' } : NOTHING;
      case 'z':
        return { type: 'pause' };
      case 'u':
        this.#erase(Infinity);
        return NOTHING;
      case 'w':
        this.#erase(Array.from(/\S*\s*$/.exec(this.#text)?.[0] ?? '').length);
        return NOTHING;
      default:
        return NOTHING;
    }
  }

  #add(text: string): void {
    this.#text += text;
    this.#write(text);
  }

  /** A line in raw mode cannot be changed without control sequences: it is written anew. */
  #erase(count: number): void {
    const characters = Array.from(this.#text);
    if (characters.length === 0) return;
    this.#text = characters.slice(0, Math.max(0, characters.length - count)).join('');
    this.#write(`\r\n${this.#text}`);
  }
}
