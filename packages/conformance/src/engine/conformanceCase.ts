/** The versions of the protocol that a case can hold for. */
export const VERSIONS = ['1.1', '1.2'] as const;
export type Version = (typeof VERSIONS)[number];

/**
 * - `pass`: all that was expected was seen.
 * - `fail`: something else was seen.
 * - `known-loss`: the target loses data as existing servers do, which the protocol cannot prevent.
 * - `not-applicable`: the case does not hold for this version, or the target says that it lacks the feature.
 * - `skipped`: the case did not run, because a case that it needs failed or the run was stopped.
 */
export const VERDICTS = ['pass', 'fail', 'known-loss', 'not-applicable', 'skipped'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One thing that a case waited for. */
export interface Step {
  readonly expected: string;
  readonly seen: string;
}

/** One sentence of the protocol as something that can be tried. `T` is what it is tried on. */
export interface ConformanceCase<T> {
  /** Unique within its group: lower case, with hyphens. */
  readonly id: string;
  /** A sentence about what a conforming peer does. */
  readonly title: string;
  /** Default: all. */
  readonly versions?: readonly Version[];
  /** Returns when all was seen. @throws Unmet for what was not */
  readonly run: (bench: T) => Promise<void>;
}

export interface CaseGroup<T> {
  /** One lower-case word, for `--only`. */
  readonly name: string;
  readonly title: string;
  readonly cases: readonly ConformanceCase<T>[];
}

export interface CaseResult {
  readonly group: string;
  /** `GROUP/CASE`. */
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly steps: readonly Step[];
  /** Why it is neither passed nor failed. */
  readonly reason?: string;
  readonly milliseconds: number;
}

/** A case did not see what it expected; its last step says what. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
}

/** Ends a case with a verdict of its own. */
export class Ruling extends Error {
  override readonly name = 'Ruling';
  readonly verdict: 'known-loss' | 'not-applicable' | 'skipped';

  constructor(verdict: Ruling['verdict'], reason: string) {
    super(reason);
    this.verdict = verdict;
  }
}
