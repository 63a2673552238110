import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertMethods,
  assertObject,
  assertOneOf,
  assertRange,
  assertSeconds,
  assertText,
  OptionError,
  withDefaults,
} from '@quietroom/protocol/internals';

const DEFAULTS = { serverHost: 'localhost', decoyInterval: 30, port: 1, note: undefined };

test('Options replace their defaults; undefined means the default', () => {
  const resolved = withDefaults<object>(DEFAULTS, { port: 2, decoyInterval: undefined });
  assert.deepEqual(resolved, { serverHost: 'localhost', decoyInterval: 30, port: 2, note: undefined });
  assert.notEqual(withDefaults(DEFAULTS, {}), DEFAULTS);
});

const UNKNOWN: [name: string, message: string][] = [
  ['server_host', 'There is no option "server_host". Did you mean serverHost?'],
  ['decoyIntervall', 'There is no option "decoyIntervall". Did you mean decoyInterval?'],
  ['prot', 'There is no option "prot". Did you mean port?'],
  ['host', 'There is no option "host". Did you mean serverHost?'],
  ['serverPort', 'There is no option "serverPort". Did you mean port?'],
  ['colour', 'There is no option "colour".'],
  ['toString', 'There is no option "toString".'],
];

for (const [name, message] of UNKNOWN) {
  test(`The unknown option ${name} is refused: ${message}`, () => {
    assert.throws(() => withDefaults(DEFAULTS, { [name]: 1 }), {
      name: 'OptionError',
      code: 'OPTION_UNKNOWN',
      message,
    });
  });
}

const CHECKS: {
  expected: string;
  check: (value: unknown) => void;
  good: unknown[];
  bad: unknown[];
}[] = [
  {
    expected: 'a text that is not empty',
    check: (value) => assertText('x', value),
    good: ['a', ' '],
    bad: ['', 1, null, undefined, ['a']],
  },
  {
    expected: 'true or false',
    check: (value) => assertBoolean('x', value),
    good: [true, false],
    bad: [0, 'true', null],
  },
  {
    expected: 'a whole number from 2 to 4',
    check: (value) => assertInteger('x', value, 2, 4),
    good: [2, 3, 4],
    bad: [1, 5, 2.5, '3', Number.NaN, 3n],
  },
  {
    expected: 'a number of seconds above 0 and up to 1000000',
    check: (value) => assertSeconds('x', value),
    good: [0.001, 30, 1_000_000],
    bad: [0, -1, 1_000_001, Number.POSITIVE_INFINITY, Number.NaN, '30'],
  },
  {
    expected: 'one of "a", "b"',
    check: (value) => assertOneOf('x', value, ['a', 'b']),
    good: ['a', 'b'],
    bad: ['c', '', 1],
  },
  { expected: 'an object', check: (value) => assertObject('x', value), good: [{}], bad: [null, 'a', 1] },
  {
    expected: 'a function',
    check: (value) => assertFunction('x', value),
    good: [() => {}],
    bad: [null, {}, 'a'],
  },
];

for (const { expected, check, good, bad } of CHECKS) {
  test(`An option that must be ${expected} is checked, and the error names it`, () => {
    for (const value of good) check(value);
    for (const value of bad) {
      assert.throws(
        () => check(value),
        (error) =>
          error instanceof OptionError &&
          error.code === 'OPTION_INVALID' &&
          error.message.startsWith(`The option x must be ${expected}, not `),
      );
    }
  });
}

test('Options that are not an object are refused', () => {
  for (const given of [null, 'localhost', 7]) {
    assert.throws(() => withDefaults(DEFAULTS, given as unknown as object), {
      code: 'OPTION_INVALID',
      message: /^The options must be an object, not /,
    });
  }
});

test('The error names both options of a range that are the wrong way round', () => {
  assertRange('min', 1, 'max', 1, 10);
  assert.throws(() => assertRange('min', 6, 'max', 5, 10), {
    message: 'The option max must be at least min, which is 6, not 5.',
  });
  assert.throws(() => assertRange('min', -1, 'max', 5, 10), { message: /^The option min must be a whole/ });
  assert.throws(() => assertRange('min', 1, 'max', 11, 10), { message: /^The option max must be a whole/ });
});

test('A method that is missing inside an option is named', () => {
  assertMethods('clock', { now: () => 0 }, ['now']);
  assert.throws(() => assertMethods('clock', {}, ['now']), {
    message: 'The option clock.now must be a function, not undefined.',
  });
});

/** How a refusal describes what was given. */
function described(value: unknown): string {
  try {
    assertBoolean('x', value);
    return '';
  } catch (error) {
    return String(error).replace(/.* not /, '');
  }
}

test('An error describes the given value but never shows texts: one could be a key', () => {
  assert.deepEqual(['secret', '', 7, null, undefined, [], {}].map(described), [
    'this text.',
    'an empty text.',
    '7.',
    'null.',
    'undefined.',
    'an array.',
    'a value of type object.',
  ]);
});
