/** What is fuzzed. */
export interface Target {
  readonly name: string;
  /** Words that its inputs are made of. */
  readonly words: readonly string[];
  readonly seeds: () => readonly Buffer[];
  /** @throws Error when a property does not hold for this input */
  readonly run: (input: Buffer) => void;
}

/** A property that does not hold. */
class Broken extends Error {
  override readonly name = 'Broken';
}

/** @throws Broken */
export function holds(property: string, condition: boolean): void {
  if (!condition) throw new Broken(property);
}
