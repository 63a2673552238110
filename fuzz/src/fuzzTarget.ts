import { Coverage } from './coverage.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import { regressionsOf } from './regressions.js';
import type { Target } from './target.js';

export interface FuzzResult {
  readonly executions: number;
  readonly seconds: number;
  /** Inputs that are kept because they reached new code. */
  readonly corpus: number;
  readonly blocks: number;
  readonly characters: number;
  readonly failure?: { readonly input: Buffer; readonly error: unknown };
}

/** Coverage is taken after so many inputs; taking it costs more than most inputs do. */
const BATCH = 32;

/** How often a smaller input is tried. */
const MAX_MINIMISING = 2000;

/** Changes inputs of the target, and keeps those that reach new code, until the time is over or one fails. */
export function fuzzTarget(target: Target, seed: number, milliseconds: number): FuzzResult {
  const random = new Random(seed);
  const coverage = new Coverage();
  const corpus = [...target.seeds(), ...regressionsOf(target.name).map(({ input }) => input)];
  const start = performance.now();
  let executions = 0;
  const result = (failure?: FuzzResult['failure']): FuzzResult => {
    coverage.close();
    const seconds = (performance.now() - start) / 1000;
    const { blockCount: blocks, characterCount: characters } = coverage;
    return { executions, seconds, corpus: corpus.length, blocks, characters, ...(failure && { failure }) };
  };

  let failed: FuzzResult['failure'];
  const isFailing = (input: Buffer): boolean => {
    executions++;
    const error = errorOf(target, input);
    if (error !== undefined) failed = { input: minimise(target, input, error), error };
    return failed !== undefined;
  };

  if (corpus.some(isFailing)) return result(failed);
  coverage.hasGrown(true);
  while (performance.now() - start < milliseconds) {
    const batch = Array.from({ length: BATCH }, () =>
      mutate(random.pick(corpus), random, corpus, target.words),
    );
    if (batch.some(isFailing)) return result(failed);
    if (!coverage.hasGrown(false)) continue;
    for (const input of batch) {
      target.run(input);
      if (coverage.hasGrown(true)) corpus.push(input);
    }
  }
  return result();
}

/** Undefined when all properties hold. */
export function errorOf(target: Target, input: Buffer): unknown {
  try {
    target.run(input);
    return undefined;
  } catch (error) {
    return error ?? new Error('It threw nothing.');
  }
}

/** A smaller input that fails in the same way. */
function minimise(target: Target, failing: Buffer, error: unknown): Buffer {
  let smallest = failing;
  let tries = 0;
  for (let size = smallest.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < smallest.length && tries++ < MAX_MINIMISING;) {
      const smaller = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      if (isSame(errorOf(target, smaller), error)) smallest = smaller;
      else at += size;
    }
  }
  return smallest;
}

function isSame(one: unknown, other: unknown): boolean {
  return (
    one instanceof Error && other instanceof Error && one.name === other.name && one.message === other.message
  );
}
