// npm run fuzz -- --minutes N [--seed N] [--target NAME]: fuzzes each target for its share of the time.
// npm run fuzz -- --replay FILE --target NAME: runs one input.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { errorOf, fuzzTarget } from './fuzzTarget.js';
import { TARGETS } from './targets.js';
import type { Target } from './target.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    replay: { type: 'string' },
  },
});

const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (targets.length === 0) fail(`The targets are ${TARGETS.map(({ name }) => name).join(', ')}.`);
else if (!(minutes > 0) || !Number.isInteger(seed))
  fail('--minutes must be above 0, and --seed a whole number.');
else if (values.replay !== undefined) replay(values.replay);
else fuzz();

function fuzz(): void {
  for (const target of targets) {
    const { executions, seconds, corpus, blocks, characters, failure } = fuzzTarget(
      target,
      seed,
      (minutes * 60_000) / targets.length,
    );
    const rate = Math.round(executions / seconds);
    console.log(
      `${target.name.padEnd(16)} ${executions} inputs, ${rate}/s, ${corpus} kept, ${blocks} blocks, ${characters} characters of code`,
    );
    if (failure === undefined) continue;
    const path = write(target, failure.input);
    fail(
      `${target.name}: ${text(failure.error)}\nThe input is in ${path}. To run it again: npm run fuzz -- --target ${target.name} --replay ${path}`,
    );
  }
}

function replay(path: string): void {
  if (targets.length !== 1 || targets[0] === undefined) return fail('--replay needs --target.');
  const error = errorOf(targets[0], readFileSync(path));
  if (error === undefined) console.log('All properties hold.');
  else fail(text(error));
}

function write({ name }: Target, input: Buffer): string {
  mkdirSync('fuzz/crashes', { recursive: true });
  const path = `fuzz/crashes/${name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`;
  writeFileSync(path, input);
  return path;
}

function text(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
