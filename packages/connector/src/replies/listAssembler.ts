import type { ServerMessage } from '@quietroom/protocol';
import { isNextPart, joinLists, type ListMessage } from '@quietroom/protocol/internals';

/** A server could send parts without end: a list with more characters is given up. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Joins lists that a server sends in parts: replies to `/users`, `/rooms` and `/members`. */
export class ListAssembler {
  #parts: [ListMessage, ...ListMessage[]] | undefined;
  #raws: string[] = [];
  #characters = 0;

  /** The list that the part completes; undefined while other parts are missing. */
  add(raw: string, message: ListMessage): { raw: string; message: ServerMessage } | undefined {
    const previous = this.#parts?.at(-1);
    if (this.#parts === undefined || previous === undefined || !isNextPart(previous, message)) {
      this.#parts = [message];
      this.#raws = [];
      this.#characters = 0;
    } else {
      this.#parts.push(message);
    }
    this.#raws.push(raw);
    this.#characters += raw.length;
    const isTooLong = this.#characters > MAX_CHARACTERS;
    if (message.remaining !== undefined && !isTooLong) return undefined;
    const whole = { raw: this.#raws.join('\n'), message: joinLists(this.#parts) };
    this.#parts = undefined;
    this.#raws = [];
    return isTooLong ? undefined : whole;
  }
}

export function isList(message: ServerMessage): message is ListMessage {
  return message.type === 'users' || message.type === 'rooms' || message.type === 'members';
}
