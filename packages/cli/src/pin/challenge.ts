import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { printLine } from '../output/print.js';
import { Failure } from '../failures/failure.js';
import { parseFingerprint, wordPairs, type Fingerprint } from './fingerprint.js';

/** The result of a comparison by a person. */
export type Reading = 'same' | 'differs' | 'stopped';

/** One pair is hidden on the screen, so that it can only be typed by someone who learnt it from the server. */
export interface Challenge {
  /** From 1. */
  readonly number: number;
  /** All pairs except the hidden one. */
  readonly shown: readonly string[];
}

const TRIES = 3;

const HIDDEN = '?????';

export function challenge(fingerprint: Fingerprint): Challenge {
  const pairs = wordPairs(fingerprint);
  const hidden = randomInt(pairs.length);
  return { number: hidden + 1, shown: pairs.map((pair, index) => (index === hidden ? HIDDEN : pair)) };
}

/** Asks for the hidden pair or the whole fingerprint, a few times. An empty answer, Ctrl-C or Ctrl-D cancels. */
export async function askReading(fingerprint: Fingerprint, number: number): Promise<Reading> {
  const question = `Pair ${number}, as it is read to you: `;
  const input = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<''>((resolve) => {
    input.once('close', () => resolve(''));
  });
  try {
    for (let left = TRIES; left > 0; left--) {
      const answer = await Promise.race([input.question(question), closed]);
      if (answer.trim() === '') return 'stopped';
      if (isReadingOf(answer, fingerprint, number)) return 'same';
      if (left > 1) printLine(wrongPair(answer, number, left - 1));
    }
    return 'differs';
  } finally {
    input.close();
  }
}

/** The pair is not told: it has to come from the server. */
function wrongPair(answer: string, number: number, left: number): string {
  const tries = left === 1 ? 'one more try' : `${left} more tries`;
  return `${JSON.stringify(answer.trim())} is not pair ${number} of the certificate presented here. Compare again: ${tries}.`;
}

/** True for the pair with this number, from 1, and for the whole fingerprint in any form. */
export function isReadingOf(answer: string, fingerprint: Fingerprint, number: number): boolean {
  const words = answer.toLowerCase().match(/[a-z]+/g) ?? [];
  if (words.join(' ') === wordPairs(fingerprint)[number - 1]) return true;
  try {
    return parseFingerprint(answer) === fingerprint;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
