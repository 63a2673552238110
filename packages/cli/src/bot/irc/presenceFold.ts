import type { Clock } from 'quietroom-connector';

/** More names are counted only. */
const MAX_NAMES = 10;

/** Names lost in a netsplit that are remembered. */
const MAX_SPLIT = 50_000;

interface Changes {
  readonly joined: Set<string>;
  readonly left: Set<string>;
  readonly renamed: Map<string, string>;
  split: number;
  back: number;
}

/** Gathers joins and leaves of one place, and tells them in one line after a time. */
export class PresenceFold {
  readonly #delayMs: number;
  readonly #clock: Clock;
  readonly #tell: (line: string) => void;
  /** The users lost in a netsplit who are not back. */
  readonly #split = new Set<string>();
  #changes: Changes | undefined;
  #timer: unknown;

  constructor(delayMs: number, clock: Clock, tell: (line: string) => void) {
    this.#delayMs = delayMs;
    this.#clock = clock;
    this.#tell = tell;
  }

  joined(name: string): void {
    const changes = this.#changesNow();
    if (this.#split.delete(name)) changes.back++;
    // Left and came back: nothing to tell.
    else if (!changes.left.delete(name)) changes.joined.add(name);
  }

  left(name: string, isSplit: boolean): void {
    const changes = this.#changesNow();
    if (changes.joined.delete(name)) return;
    if (isSplit) {
      changes.split++;
      if (this.#split.size < MAX_SPLIT) this.#split.add(name);
    } else {
      changes.left.add(name);
    }
  }

  renamed(from: string, to: string): void {
    const { joined, renamed } = this.#changesNow();
    if (joined.delete(from)) joined.add(to);
    else {
      const first = [...renamed].find(([, now]) => now === from)?.[0] ?? from;
      renamed.set(first, to);
    }
  }

  /** Forgets all; nothing more is told. */
  clear(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#changes = undefined;
    this.#split.clear();
  }

  #changesNow(): Changes {
    if (this.#changes === undefined) {
      this.#changes = { joined: new Set(), left: new Set(), renamed: new Map(), split: 0, back: 0 };
      this.#timer = this.#clock.setTimeout(() => this.#flush(), this.#delayMs);
    }
    return this.#changes;
  }

  #flush(): void {
    const changes = this.#changes;
    this.#changes = undefined;
    if (changes === undefined) return;
    const renamed = [...changes.renamed].filter(([from, to]) => from !== to);
    const parts = [
      listed('joined', [...changes.joined]),
      listed('left', [...changes.left]),
      listed(
        'renamed',
        renamed.map(([from, to]) => `${from} to ${to}`),
      ),
      changes.split === 0 ? '' : `${changes.split} lost in a netsplit`,
      changes.back === 0 ? '' : `${changes.back} back after a netsplit`,
    ].filter((part) => part !== '');
    if (parts.length > 0) this.#tell(parts.join('; '));
  }
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${what}: ${names.slice(0, MAX_NAMES).join(', ')}${more}`;
}
