import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test, { suite } from 'node:test';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import { REGRESSIONS, regressionsOf } from './regressions.js';
import { TARGETS } from './targets.js';

function inputs(seed: number): string[] {
  const random = new Random(seed);
  const seeds = [Buffer.from('hello'), Buffer.from('world')];
  return Array.from({ length: 50 }, () => mutate(random.pick(seeds), random, seeds, ['x']).toString('hex'));
}

suite('Inputs of the fuzzer', () => {
  for (const target of TARGETS) {
    for (const { name, input } of regressionsOf(target.name)) {
      test(`${target.name} holds for ${name}`, () => target.run(input));
    }
    test(`${target.name} holds for its seeds`, () => {
      for (const input of target.seeds()) target.run(input);
    });
  }

  test('each folder of regressions is that of a target', () => {
    const names = TARGETS.map(({ name }) => name);
    for (const folder of readdirSync(REGRESSIONS)) assert.ok(names.includes(folder), folder);
  });

  test('inputs are the same for the same seed', () => {
    assert.deepEqual(inputs(7), inputs(7));
    assert.notDeepEqual(inputs(7), inputs(8));
  });
});
