import type { Random } from './random.js';

/** Inputs do not grow beyond it. */
const MAX_INPUT_BYTES = 4096;

const INTERESTING_BYTES = [0, 1, 2, 3, 9, 10, 13, 28, 29, 32, 35, 47, 91, 93, 124, 127, 128, 255];

type Mutation = (
  input: Buffer,
  random: Random,
  others: readonly Buffer[],
  words: readonly string[],
) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (input, random) => changeByte(input, random, (byte) => byte ^ (1 << random.below(8))),
  (input, random) => changeByte(input, random, () => random.below(256)),
  (input, random) => changeByte(input, random, () => random.pick(INTERESTING_BYTES)),
  (input, random) => changeByte(input, random, (byte) => byte + 1 - 2 * random.below(2)),
  (input, random) => insert(input, random, Buffer.of(random.pick(INTERESTING_BYTES))),
  (input, random) => insert(input, random, piece(input, random)),
  (input, random, others) => insert(input, random, piece(random.pick(others), random)),
  (input, random, _, words) => insert(input, random, Buffer.from(random.pick(words))),
  (input, random) => insert(input, random, Buffer.alloc(1 + random.below(64), random.below(256))),
  removePiece,
  (input, random) => input.subarray(0, random.below(input.length + 1)),
  (input, random, others) => {
    const other = random.pick(others);
    return Buffer.concat([
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
];

/** A changed copy. `words` are those that the target knows. */
export function mutate(
  input: Buffer,
  random: Random,
  others: readonly Buffer[],
  words: readonly string[],
): Buffer {
  let mutated = input;
  const count = 1 << random.below(4);
  for (let i = 0; i < count; i++) mutated = random.pick(MUTATIONS)(mutated, random, others, words);
  return Buffer.from(mutated.subarray(0, MAX_INPUT_BYTES));
}

function changeByte(input: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (input.length === 0) return input;
  const copy = Buffer.from(input);
  const at = random.below(copy.length);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

function piece(input: Buffer, random: Random): Buffer {
  const start = random.below(input.length + 1);
  return input.subarray(start, start + random.below(128));
}

function insert(input: Buffer, random: Random, bytes: Buffer): Buffer {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);
}

function removePiece(input: Buffer, random: Random): Buffer {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), input.subarray(at + 1 + random.below(64))]);
}
