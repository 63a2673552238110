import assert from 'node:assert/strict';
import test from 'node:test';
import { arg } from '@quietroom/bot';
import { commandHelpLines, helpLines, type CommandSummary } from '#src/commands/help.js';
import { nearest } from '#src/commands/help.js';

const deploy: CommandSummary = {
  name: 'deploy',
  aliases: ['d'],
  about: 'Deploy the release',
  args: {
    host: arg.text({ about: 'the target' }),
    retries: arg.integer({ min: 0, default: 2 }),
    stage: arg.choice(['test', 'live'], { optional: true }),
    force: arg.flag({ about: 'skip the checks' }),
    note: arg.rest({ optional: true }),
  },
};

test('the help shows the usage and every argument', () => {
  const usage = '!deploy <host> [retries] [test|live] [--force] [note…]: Deploy the release';
  assert.deepEqual(helpLines('!', [deploy]), [usage]);
  assert.deepEqual(commandHelpLines('!', deploy), [
    usage,
    'host: the target; a text',
    'retries: a whole number of at least 0; default 2',
    'stage: one of test, live',
    '--force: skip the checks',
    'note: a text',
    'Also: !d',
  ]);
});

test('a similar name is found, a different one is not', () => {
  assert.equal(nearest('dpeloy', ['help', 'deploy']), 'deploy');
  assert.equal(nearest('hi', ['help', 'deploy']), undefined);
  assert.equal(nearest('x', []), undefined);
});
