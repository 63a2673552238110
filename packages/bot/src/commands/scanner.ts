import { ReplyError } from '../errors.js';

/** Opening quotation marks with the closing ones; telephones write the typographic ones by themselves. */
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”',
  '„': '“',
  '‘': '’',
  '«': '»',
};

/** Telephones turn two hyphens into a dash. */
const FLAG = /(?:--|—)(\S*)/y;
const BLANKS = /\s*/y;
const BARE_WORD = /\S+/y;

/**
 * Reads the words of a command line one after another. A word in quotation marks may hold blanks; in double ones, a
 * backslash takes the next character as it is. A mark inside a word is an ordinary character, as in `don't`.
 */
export class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The name of a flag, if one is next. */
  flag(): string | undefined {
    this.#take(BLANKS);
    return this.#take(FLAG)?.[1];
  }

  /** The next word; undefined at the end. @throws ReplyError for a quotation mark that is not closed */
  word(): string | undefined {
    this.#take(BLANKS);
    const open = this.#text[this.#position];
    if (open === undefined) return undefined;
    const close = QUOTES[open];
    return close === undefined ? this.#take(BARE_WORD)?.[0] : this.#quotedWord(open, close);
  }

  /** All that is left, as it was written, without blanks around it; undefined at the end. */
  rest(): string | undefined {
    const rest = this.#text.slice(this.#position).trim();
    this.#position = this.#text.length;
    return rest === '' ? undefined : rest;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match) this.#position = pattern.lastIndex;
    return match;
  }

  #quotedWord(open: string, close: string): string {
    let word = '';
    for (let at = this.#position + 1; at < this.#text.length; at++) {
      const character = this.#text[at] ?? '';
      if (character === close) {
        this.#position = at + 1;
        return word;
      }
      if (character === '\\' && open === '"' && at + 1 < this.#text.length) word += this.#text[++at] ?? '';
      else word += character;
    }
    throw new ReplyError(`The quotation mark ${open} is not closed.`);
  }
}
