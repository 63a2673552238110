import type { Completions, PlaceId } from '@quietroom/chat';
import { EMPTY_FIELD, insert, type Edit, type TextField } from './textField.js';

/** Lines kept in the history. */
const MAX_HISTORY = 500;

interface Completing extends Completions {
  readonly index: number;
  /** The text before completion. */
  readonly field: TextField;
}

/** The input: a draft for each place, the history, and the current completion. */
export class Composer {
  readonly #fields = new Map<PlaceId, TextField>();
  readonly #history: string[] = [];
  /** The position in the history, and the draft to return to. */
  #back = 0;
  #left = EMPTY_FIELD;
  #completing: Completing | undefined;
  #place: PlaceId = 'lobby';

  get field(): TextField {
    return this.#fields.get(this.#place) ?? EMPTY_FIELD;
  }

  /** The candidates of Tab, and the one in the text. */
  get completing(): { readonly words: readonly string[]; readonly index: number } | undefined {
    return this.#completing;
  }

  /** Switches to the draft of a place. */
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

  /** Takes the line for execution; `isKept`: add it to the history. */
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

  /** Moves back (1) or forward (-1) in the history. */
  recall(by: 1 | -1): void {
    const back = this.#back + by;
    if (back < 0 || back > this.#history.length) return;
    if (this.#back === 0) this.#left = this.field;
    this.#back = back;
    this.#completing = undefined;
    const text = this.#history.at(-back);
    this.#set(back === 0 || text === undefined ? this.#left : { text, cursor: text.length });
  }

  /** Completes the word before the cursor; repeated calls cycle through the candidates. */
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
    // After a single candidate the next word begins.
    this.#completing = words.length === 1 ? undefined : { start, words, field, index };
  }

  #set(field: TextField): void {
    if (field.text === '') this.#fields.delete(this.#place);
    else this.#fields.set(this.#place, field);
  }
}
