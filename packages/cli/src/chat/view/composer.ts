import type { Completions } from '../model/completion.js';
import type { PlaceId } from '../model/place.js';
import { EMPTY_FIELD, insert, type Edit, type TextField } from './textField.js';

/** Lines that are remembered. */
const MAX_HISTORY = 500;

interface Completing extends Completions {
  readonly index: number;
  /** The text before anything was completed. */
  readonly field: TextField;
}

/** What is being written: a text for each place, the lines written before, the word that is being completed. */
export class Composer {
  readonly #fields = new Map<PlaceId, TextField>();
  readonly #history: string[] = [];
  /** How many lines back in the history we are, and the text that was left for it. */
  #back = 0;
  #left = EMPTY_FIELD;
  #completing: Completing | undefined;
  #place: PlaceId = 'lobby';

  get field(): TextField {
    return this.#fields.get(this.#place) ?? EMPTY_FIELD;
  }

  /** The words that Tab goes through, and which of them stands in the text. */
  get completing(): { readonly words: readonly string[]; readonly index: number } | undefined {
    return this.#completing;
  }

  /** What is written from now on is for this place. */
  goTo(place: PlaceId): void {
    if (place === this.#place) return;
    this.#place = place;
    this.#back = 0;
    this.#completing = undefined;
  }

  edit(edit: Edit): void {
    this.#set(edit(this.field));
    this.#completing = undefined;
  }

  /** Takes the line, to be carried out; `isKept`: it can be called back. */
  take(isKept: (line: string) => boolean): string {
    const { text } = this.field;
    this.#fields.delete(this.#place);
    this.#completing = undefined;
    this.#back = 0;
    if (text.trim() !== '' && text !== this.#history.at(-1) && isKept(text)) {
      this.#history.push(text);
      if (this.#history.length > MAX_HISTORY) this.#history.shift();
    }
    return text;
  }

  /** Goes back in the history (1), or forth (-1). */
  recall(by: 1 | -1): void {
    const back = this.#back + by;
    if (back < 0 || back > this.#history.length) return;
    if (this.#back === 0) this.#left = this.field;
    this.#back = back;
    this.#completing = undefined;
    const text = this.#history.at(-back);
    this.#set(back === 0 || text === undefined ? this.#left : { text, cursor: text.length });
  }

  /** Completes the word before the cursor; called again, by the next candidate, or the previous. */
  complete(by: 1 | -1, find: (field: TextField) => Completions): void {
    const before = this.#completing;
    const { start, words, field } = before ?? { ...find(this.field), field: this.field };
    if (words.length === 0) return;
    const index = ((before?.index ?? (by === 1 ? -1 : 0)) + by + words.length) % words.length;
    const cut: TextField = {
      text: field.text.slice(0, start) + field.text.slice(field.cursor),
      cursor: start,
    };
    this.#set(insert(words[index] ?? '')(cut));
    // A single candidate is what was meant: what comes next is another word.
    this.#completing = words.length === 1 ? undefined : { start, words, field, index };
  }

  #set(field: TextField): void {
    if (field.text === '') this.#fields.delete(this.#place);
    else this.#fields.set(this.#place, field);
  }
}
