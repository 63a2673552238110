import type { TrackedPresence } from './presence.js';

/** How often presences are searched for unused ones, in milliseconds. */
const SWEEP_INTERVAL_MS = 60_000;

/**
 * The presences of the names that wrote to the bot. A presence also ends when it is unused for `idleMs`: rooms of 1.1
 * servers do not announce who leaves.
 */
export class Presences<P extends TrackedPresence> {
  readonly #idleMs: number;
  readonly #make: (name: string, nowMs: number) => P;
  readonly #ended: (presence: P) => void;
  readonly #byName = new Map<string, P>();
  #sweptAtMs: number;

  /** `ended` is called once for each presence, after its end. */
  constructor(
    startMs: number,
    idleMs: number,
    { make, ended }: { make: (name: string, nowMs: number) => P; ended: (presence: P) => void },
  ) {
    this.#idleMs = idleMs;
    this.#make = make;
    this.#ended = ended;
    this.#sweptAtMs = startMs;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** The presence of a name that has just written; a new one if there is none. */
  use(name: string, nowMs: number): P {
    if (nowMs - this.#sweptAtMs >= SWEEP_INTERVAL_MS) this.#sweep(nowMs);
    const known = this.#byName.get(name);
    if (known !== undefined && nowMs - known.usedAtMs < this.#idleMs) {
      known.usedAtMs = nowMs;
      return known;
    }
    this.end(name);
    const presence = this.#make(name, nowMs);
    this.#byName.set(name, presence);
    return presence;
  }

  end(name: string): void {
    const presence = this.#byName.get(name);
    if (presence === undefined) return;
    this.#byName.delete(name);
    presence.end();
    this.#ended(presence);
  }

  /** Ends all but those of these names. */
  keepOnly(names: ReadonlySet<string>): void {
    // Entries of a map may be deleted while it is read.
    for (const name of this.#byName.keys()) if (!names.has(name)) this.end(name);
  }

  /** Ends all authorisations: while the bot was away, any name may have changed hands. */
  revokeGrants(): void {
    for (const presence of this.#byName.values()) presence.revokeGrants();
  }

  #sweep(nowMs: number): void {
    this.#sweptAtMs = nowMs;
    for (const { name, usedAtMs } of this.#byName.values())
      if (nowMs - usedAtMs >= this.#idleMs) this.end(name);
  }
}
