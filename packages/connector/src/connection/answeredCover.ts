import { randomBytes, randomInt } from 'node:crypto';
import { formatClientRequest, formatServerMessage, type ServerMessage } from '@quietroom/protocol';
import { MAX_CELL_TEXT_BYTES } from '@quietroom/protocol/internals';

/** Random bytes of each name: an answer to another name is never taken for one of ours. */
const NAME_BYTES = 8;

/** No valid name begins so: see `isRecipient`. */
const MARK = '~';

/** Names whose answers are still to come. A server that drops answers must not make it grow. */
const MAX_UNANSWERED = 4096;

/** The server's prefix of a chat text: `[12:00:00] name: `. */
const PREFIX_CHARACTERS = 22;

/** Half of all chat texts are shorter; their lengths are spread like a normal distribution over its logarithm. */
const MEDIAN_CHARACTERS = 32;
const SPREAD = 0.9;

/** The answer to a name of no characters. */
const BARE_ANSWER_BYTES = answerTo('').length;

/**
 * Cover that the server answers to its sender alone: direct messages to names that cannot exist. The answer repeats the
 * name, which is drawn so long that answers are spread like the echoes of chat texts.
 */
export class AnsweredCover {
  readonly #unanswered = new Set<string>();

  /** A new text, which fits a cell, as does its answer. */
  next(): string {
    const unique = MARK + randomBytes(NAME_BYTES).toString('hex');
    const answerBytes = Math.min(PREFIX_CHARACTERS + textCharacters(), MAX_CELL_TEXT_BYTES);
    const filler = Math.max(0, answerBytes - BARE_ANSWER_BYTES - unique.length);
    const name =
      unique +
      randomBytes(Math.ceil(filler / 2))
        .toString('hex')
        .slice(0, filler);
    for (const oldest of this.#unanswered) {
      if (this.#unanswered.size < MAX_UNANSWERED) break;
      this.#unanswered.delete(oldest);
    }
    this.#unanswered.add(name);
    return formatClientRequest({ type: 'dm', user: name, text: '.' });
  }

  /** Whether the message answers one of the texts; true once for each. */
  takes(message: ServerMessage): boolean {
    return (
      message.type === 'refusal' &&
      message.reason === 'recipientOffline' &&
      this.#unanswered.delete(message.word)
    );
  }
}

/** The length of a chat text, drawn. */
function textCharacters(): number {
  return Math.round(MEDIAN_CHARACTERS * Math.exp(SPREAD * standardNormal()));
}

/** Box–Muller. */
function standardNormal(): number {
  const radius = Math.sqrt(-2 * Math.log(uniform()));
  return radius * Math.cos(2 * Math.PI * uniform());
}

/** Above 0, at most 1. */
function uniform(): number {
  const RESOLUTION = 2 ** 32;
  return (randomInt(RESOLUTION) + 1) / RESOLUTION;
}

function answerTo(name: string): string {
  return formatServerMessage({ type: 'refusal', reason: 'recipientOffline', word: name });
}
