import { addressGroup } from '../addresses/addressGroup.js';
import type { FoldedEntry, Log, LogEntry } from './log.js';

/** Entries of one kind, for all addresses together, as a multiple of those for one address. */
const ALL_ADDRESSES = 10;

/** The most kinds and addresses that are counted apart in a minute. */
const MAX_KEPT_APART = 1000;

/** The address of what is not counted apart. */
const OTHERS = 'others';

/** Entries that clients can cause. */
type Repeatable = Extract<LogEntry, { event: FoldedEntry['of'] | 'refused' }>;

interface Repetition {
  readonly first: Repeatable;
  readonly address: string | undefined;
  written: number;
  folded: number;
}

/**
 * Limits how many entries of one kind clients can cause: the first ones of a minute are written, the others are
 * counted, and at the end of the minute one entry says how many there were. No count is lost.
 */
export class FoldedLog {
  readonly #log: Log;
  readonly #mostPerMinute: () => number;
  readonly #byAddress = new Map<string, Repetition>();
  readonly #writtenByKind = new Map<string, number>();

  /** `mostPerMinute`: entries of one kind for one address. */
  constructor(log: Log, mostPerMinute: () => number) {
    this.#log = log;
    this.#mostPerMinute = mostPerMinute;
  }

  readonly write: Log = (entry) => {
    if (!isRepeatable(entry)) return this.#log(entry);
    const kind = kindOf(entry);
    const repetition = this.#repetitionOf(kind, entry);
    const writtenByKind = this.#writtenByKind.get(kind) ?? 0;
    const most = this.#mostPerMinute();
    const mostHere = 'address' in entry ? most : most * ALL_ADDRESSES;
    if (repetition.written >= Math.min(mostHere, mostOf(entry)) || writtenByKind >= most * ALL_ADDRESSES) {
      repetition.folded++;
      return;
    }
    repetition.written++;
    this.#writtenByKind.set(kind, writtenByKind + 1);
    this.#log(entry);
  };

  /** To be called once a minute, and at the end: writes the counts. */
  flush(): void {
    for (const { first, address, folded } of this.#byAddress.values()) {
      if (folded > 0) this.#log(countOf(first, address, folded));
    }
    this.#byAddress.clear();
    this.#writtenByKind.clear();
  }

  #repetitionOf(kind: string, entry: Repeatable): Repetition {
    const from = 'address' in entry ? entry.address : undefined;
    const keys = [`${kind} ${from === undefined ? '' : addressGroup(from)}`, `${kind} ${OTHERS}`] as const;
    const isKeptApart = this.#byAddress.has(keys[0]) || this.#byAddress.size < MAX_KEPT_APART;
    const [key, address] = isKeptApart ? [keys[0], from] : [keys[1], OTHERS];
    const known = this.#byAddress.get(key);
    if (known !== undefined) return known;
    const repetition = { first: entry, address, written: 0, folded: 0 };
    this.#byAddress.set(key, repetition);
    return repetition;
  }
}

function isRepeatable(entry: LogEntry): entry is Repeatable {
  switch (entry.event) {
    case 'connected':
    case 'joined':
    case 'transfer':
    case 'acceptFailed':
    case 'callbackFailed':
    case 'closed':
    case 'refused':
      return true;
    default:
      return false;
  }
}

/** Equal for entries that repeat each other. */
function kindOf(entry: Repeatable): string {
  return 'reason' in entry ? `${entry.event} ${entry.reason}` : entry.event;
}

/** Of these, one in a minute says all. */
function mostOf(entry: Repeatable): number {
  return entry.event === 'refused' || entry.event === 'acceptFailed' ? 1 : Infinity;
}

function countOf(entry: Repeatable, address: string | undefined, times: number): LogEntry {
  if (entry.event === 'refused') return { ...entry, address: address ?? OTHERS, times };
  return {
    event: 'folded',
    of: entry.event,
    ...('reason' in entry ? { reason: entry.reason } : {}),
    ...(address === undefined ? {} : { address }),
    times,
  };
}
