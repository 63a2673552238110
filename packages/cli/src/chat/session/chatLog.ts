import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LOBBY, placeId, placeTitle, type ChatEvent, type ChatState, type Place } from '@quietroom/chat';
import { terminalText } from '../../output/terminalText.js';

/** A file is renamed to `.1` beyond this size; the one before goes. */
const MAX_LOG_BYTES = 10_000_000;
/** Messages of each place that are shown at the next start. */
const BACKLOG = 200;

/** One line of a log in JSON. */
interface Line {
  readonly time: string;
  readonly place: Place;
  readonly sender: string;
  readonly text: string;
}

export interface ChatLogOptions {
  /** Holds one file for each place; made with mode 0700. */
  readonly folder: string;
  /** Only `json` can be read again at the next start. */
  readonly format: 'text' | 'json';
  readonly maxBytes?: number;
}

/** Writes the messages of each place to a file of its own, readable by the user only. */
export class ChatLog {
  readonly #options: Required<ChatLogOptions>;
  readonly #sizes = new Map<string, number>();

  /** @throws Node's file errors */
  constructor(options: ChatLogOptions) {
    this.#options = { maxBytes: MAX_LOG_BYTES, ...options };
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /** Records the messages that an event added. */
  record(state: ChatState, event: ChatEvent, before: ChatState): void {
    if (event.type === 'backlog' || state.nextEntry === before.nextEntry) return;
    for (const { place, entries } of state.threads) {
      // Moved there from a thread of its own, where it was recorded.
      if (place.kind === 'visitors') continue;
      const first = entries.findLastIndex(({ id }) => id < before.nextEntry) + 1;
      for (const entry of entries.slice(first)) {
        if (entry.type !== 'message') continue;
        this.#append(place, {
          time: entry.at.toISOString(),
          place,
          sender: entry.sender,
          text: entry.text,
        });
      }
    }
  }

  /** The last messages of a place, or of all places but rooms: those come when they are joined. */
  backlog(wanted?: Place): (ChatEvent & { type: 'backlog' })[] {
    const { folder, format } = this.#options;
    if (format !== 'json') return [];
    const names = wanted ? [fileName(wanted)] : readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.flatMap((name) => {
      const lines = this.#read(name);
      const place = lines[0]?.place;
      if (place === undefined || (!wanted && place.kind === 'room')) return [];
      const messages = lines.map(({ time, sender, text }) => ({ at: new Date(time), sender, text }));
      return [{ type: 'backlog', place, messages }];
    });
  }

  #read(name: string): Line[] {
    let content: string;
    try {
      content = readFileSync(join(this.#options.folder, name), 'utf8');
    } catch {
      return [];
    }
    return content
      .trimEnd()
      .split('\n')
      .slice(-BACKLOG)
      .flatMap((line) => {
        const parsed = parsedLine(line);
        return parsed ? [parsed] : [];
      });
  }

  #append(place: Place, line: Line): void {
    const { folder, format, maxBytes } = this.#options;
    const path = join(folder, format === 'json' ? fileName(place) : fileName(place).replace(/json$/, 'log'));
    const text = format === 'json' ? JSON.stringify(line) : textLine(line);
    let size = this.#sizes.get(path) ?? statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > maxBytes) {
      renameSync(path, `${path}.1`);
      size = 0;
    }
    appendFileSync(path, `${text}\n`, { mode: 0o600 });
    this.#sizes.set(path, size + Buffer.byteLength(text) + 1);
  }
}

/** Names of places hold any characters; those of files do not. */
function fileName(place: Place): string {
  return `${encodeURIComponent(placeId(place)).replaceAll('.', '%2E').slice(0, 200)}.json`;
}

function textLine({ time, sender, text, place }: Line): string {
  const lines = text.split('\n').map(terminalText).join('\n    ');
  return `${time} [${terminalText(placeTitle(place))}] ${terminalText(sender)}: ${lines}`;
}

/** A line that was written by another program, or in part, is left out. */
function parsedLine(line: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null) return false;
  const { time, sender, text, place }: Partial<Record<keyof Line, unknown>> = value;
  return (
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    typeof sender === 'string' &&
    typeof text === 'string' &&
    isPlace(place)
  );
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === LOBBY.kind) return true;
  if (value.kind === 'room') return 'room' in value && typeof value.room === 'string';
  return value.kind === 'dm' && 'name' in value && typeof value.name === 'string';
}
