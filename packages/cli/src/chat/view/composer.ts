import type { Completions, PlaceId } from '@quietroom/chat';
import { deleteTo, EMPTY_FIELD, insert, type Edit, type TextField } from './textField.js';

/** Lines kept in the history. */
const MAX_HISTORY = 500;
/** Edits that can be undone. */
const MAX_UNDO = 100;

/** A completion that cycles through its candidates. */
export interface Completing extends Completions {
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
  /** The last deleted text, for `yank`. */
  #killed = '';
  /** Texts before the last edits, newest last. */
  #undo: TextField[] = [];

  get field(): TextField {
    return this.#fields.get(this.#place) ?? EMPTY_FIELD;
  }

  /** The candidates of Tab, and the one in the text. */
  get completing(): Completing | undefined {
    return this.#completing;
  }

  /** Switches to the draft of a place. */
  goTo(place: PlaceId): void {
    if (place === this.#place) return;
    this.#place = place;
    this.#back = 0;
    this.#completing = undefined;
    this.#undo = [];
  }

  edit(edit: Edit): void {
    const before = this.field;
    const after = edit(before);
    if (after.text !== before.text) this.#remember(before, after);
    this.#set(after);
    this.#completing = undefined;
  }

  /** Deletes from the cursor to the target of a movement; `isKept`: `yank` inserts the text again. */
  delete(move: Edit, isKept: boolean): void {
    const before = this.field;
    const { cursor } = move(before);
    const deleted = before.text.slice(Math.min(cursor, before.cursor), Math.max(cursor, before.cursor));
    if (isKept && deleted !== '') this.#killed = deleted;
    this.edit(deleteTo(move));
  }

  /** Inserts the last text that was deleted with `isKept`. */
  yank(): void {
    if (this.#killed !== '') this.edit(insert(this.#killed));
  }

  /** Takes the last edit back; characters typed one after the other are one edit. */
  undo(): void {
    const before = this.#undo.pop();
    if (before === undefined) return;
    this.#set(before);
    this.#completing = undefined;
  }

  /** Takes the line for execution; `isKept`: add it to the history. */
  take(isKept: (line: string) => boolean): string {
    const { text } = this.field;
    this.#fields.delete(this.#place);
    this.#completing = undefined;
    this.#back = 0;
    this.#undo = [];
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
    const { start, words, shared, field } = before ?? { ...find(this.field), field: this.field };
    if (words.length === 0) return;
    const index = ((before?.index ?? (by === 1 ? -1 : 0)) + by + words.length) % words.length;
    const cut: TextField = {
      text: field.text.slice(0, start) + field.text.slice(field.cursor),
      cursor: start,
    };
    this.#set(insert(words[index] ?? '')(cut));
    // After a single candidate the next word begins.
    this.#completing =
      words.length === 1
        ? undefined
        : { start, words, field, index, ...(shared !== undefined && { shared }) };
  }

  #remember(before: TextField, after: TextField): void {
    const last = this.#undo.at(-1);
    const isTyping =
      last !== undefined &&
      isOneMore(before, after) &&
      before.text.length > last.text.length &&
      before.text.startsWith(last.text.slice(0, last.cursor)) &&
      !/\s$/.test(after.text.slice(0, after.cursor));
    if (isTyping) return;
    this.#undo.push(before);
    if (this.#undo.length > MAX_UNDO) this.#undo.shift();
  }

  #set(field: TextField): void {
    if (field.text === '') this.#fields.delete(this.#place);
    else this.#fields.set(this.#place, field);
  }
}

/** True when a character was added at the cursor. */
function isOneMore(before: TextField, after: TextField): boolean {
  return after.cursor > before.cursor && after.text.length - before.text.length <= 2;
}
