import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { arg, BotError, ReplyError, type ArgumentDefinitions } from '@quietroom/bot';
import { checkDefinitions, parseArguments } from '#src/commands/parseArguments.js';

const deploy = {
  host: arg.text(),
  retries: arg.integer({ min: 0, max: 9, default: 2 }),
  stage: arg.choice(['test', 'live'], { optional: true }),
  force: arg.flag(),
};

suite('parseArguments', () => {
  const good: readonly [text: string, definitions: ArgumentDefinitions, values: object][] = [
    [' db1', deploy, { host: 'db1', retries: 2, stage: undefined, force: false }],
    [' db1 5 LIVE', deploy, { host: 'db1', retries: 5, stage: 'live', force: false }],
    [' --force db1 5', deploy, { host: 'db1', retries: 5, stage: undefined, force: true }],
    [' db1 —FORCE', deploy, { host: 'db1', retries: 2, stage: undefined, force: true }],
    [' -- --force', deploy, { host: '--force', retries: 2, stage: undefined, force: false }],
    [' "--force"', deploy, { host: '--force', retries: 2, stage: undefined, force: false }],
    [' "a b"', { x: arg.text() }, { x: 'a b' }],
    [" 'a \"b'", { x: arg.text() }, { x: 'a "b' }],
    [String.raw` "a\"b\\c"`, { x: arg.text() }, { x: String.raw`a"b\c` }],
    [' “a b”', { x: arg.text() }, { x: 'a b' }],
    [' ""', { x: arg.text() }, { x: '' }],
    [" don't", { x: arg.text() }, { x: "don't" }],
    [' --x', { x: arg.text() }, { x: '--x' }],
    [' 1  say "hi"  there ', { n: arg.integer(), x: arg.rest() }, { n: 1, x: 'say "hi"  there' }],
    [' --loud it is "fine', { x: arg.rest(), loud: arg.flag() }, { x: 'it is "fine', loud: true }],
    ['', { x: arg.rest({ optional: true }) }, { x: undefined }],
    [' 1.5h', { t: arg.duration() }, { t: 5400 }],
    [' "5 m"', { t: arg.duration() }, { t: 300 }],
    [' -1.5', { n: arg.number() }, { n: -1.5 }],
    [
      ' ff',
      {
        n: arg.custom('a hexadecimal number', (text) =>
          /^[\da-f]+$/.test(text) ? parseInt(text, 16) : undefined,
        ),
      },
      { n: 255 },
    ],
  ];
  for (const [text, definitions, values] of good) {
    test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseArguments(definitions, text), values));
  }

  const bad: readonly [text: string, definitions: ArgumentDefinitions, message: string][] = [
    ['', deploy, 'host is missing.'],
    [' db1 10', deploy, 'retries must be a whole number from 0 to 9, not "10".'],
    [' db1 1e1', deploy, 'retries must be a whole number from 0 to 9, not "1e1".'],
    [' db1 1 prod', deploy, 'stage must be one of test, live, not "prod".'],
    [' db1 1 test more words', deploy, 'This is too much: more words'],
    [' db1 --forse', deploy, 'There is no flag --forse. Did you mean --force?'],
    [' "db1', deploy, 'The quotation mark " is not closed.'],
    [' soon', { t: arg.duration() }, 't must be a duration such as 90s, 5m, 2h or 1d, not "soon".'],
    [' -1', { n: arg.number({ min: 0 }) }, 'n must be a number of at least 0, not "-1".'],
  ];
  for (const [text, definitions, message] of bad) {
    test(`rejects ${JSON.stringify(text)}: ${message}`, () => {
      assert.throws(() => parseArguments(definitions, text), new ReplyError(message));
    });
  }
});

test('definitions that no message could fill are rejected', () => {
  const wrong: ArgumentDefinitions[] = [
    { all: arg.rest(), more: arg.text() },
    { maybe: arg.text({ optional: true }), surely: arg.text() },
  ];
  for (const definitions of wrong) {
    assert.throws(
      () => checkDefinitions('x', definitions),
      (error) => error instanceof BotError && error.code === 'DEFINITION_INVALID',
    );
  }
});
