import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { OptionError } from '@quietroom/protocol/internals';
import { ConnectionLostError, ConnectorError, LoginError, SecurityError } from '#src/errors.js';
import {
  Backoff,
  isRetryable,
  resolveReconnect,
  type ReconnectContext,
  type ReconnectOptions,
  type ResolvedReconnect,
} from '#src/options/backoff.js';

const CAUSE = new ConnectionLostError('CONNECTION_LOST', 'gone');

function resolved(options: ReconnectOptions = {}): ResolvedReconnect {
  const policy = resolveReconnect(options);
  assert.ok(policy);
  return policy;
}

/** The pauses of the first attempts, with what `random` gives each time. */
function pauses(backoff: Backoff, count: number): (number | undefined)[] {
  return Array.from({ length: count }, () => backoff.next(CAUSE));
}

test('pauses are drawn from 0 to a bound that doubles up to the cap', () => {
  const most = new Backoff(resolved(), () => 1);
  assert.deepEqual(pauses(most, 9), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  const least = new Backoff(resolved(), () => 0);
  assert.deepEqual(pauses(least, 3), [0, 0, 0]);
  const half = new Backoff(resolved({ initialDelay: 3, maxDelay: 10 }), () => 0.5);
  assert.deepEqual(pauses(half, 4), [1.5, 3, 5, 5]);
});

test('the cap holds for ever, and from the first pause on', () => {
  const backoff = new Backoff(resolved({ initialDelay: 100, maxDelay: 7 }), () => 1);
  assert.ok(pauses(backoff, 5000).every((pause) => pause === 7));
});

test('pauses differ by chance', () => {
  const backoff = new Backoff(resolved({ initialDelay: 60 }));
  const drawn = pauses(backoff, 50);
  assert.ok(new Set(drawn).size > 40);
  assert.ok(drawn.every((pause) => pause !== undefined && pause >= 0 && pause < 60));
});

test('pauses begin anew only after a connection that was stable', () => {
  const backoff = new Backoff(resolved({ stableAfter: 30 }), () => 1);
  assert.deepEqual(pauses(backoff, 3), [1, 2, 4]);
  backoff.dropped(29.9);
  assert.deepEqual(pauses(backoff, 1), [8]);
  assert.equal(backoff.attempt, 4);
  backoff.dropped(30);
  assert.equal(backoff.attempt, 0);
  assert.deepEqual(pauses(backoff, 2), [1, 2]);
});

test('by default there is no last attempt; with maxAttempts there is, until a stable connection', () => {
  assert.ok(!pauses(new Backoff(resolved(), () => 1), 10_000).includes(undefined));
  const backoff = new Backoff(resolved({ maxAttempts: 2 }), () => 1);
  assert.deepEqual(pauses(backoff, 3), [1, 2, undefined]);
  backoff.dropped(1);
  assert.deepEqual(pauses(backoff, 1), [undefined]);
  backoff.dropped(60);
  assert.deepEqual(pauses(backoff, 3), [1, 2, undefined]);
});

test('decide sees the attempt, the cause and the pause that was drawn', () => {
  const seen: ReconnectContext[] = [];
  const backoff = new Backoff(resolved({ decide: (context) => void seen.push(context) }), () => 0.25);
  assert.deepEqual(pauses(backoff, 2), [0.25, 0.5]);
  assert.deepEqual(seen, [
    { attempt: 1, cause: CAUSE, delay: 0.25 },
    { attempt: 2, cause: CAUSE, delay: 0.5 },
  ]);
  assert.equal(seen[0]?.cause, CAUSE);
});

test('decide sets the pause, 0 included, or gives up', () => {
  for (const [decision, pause] of [
    [0, 0],
    [7.5, 7.5],
    [1_000_000, 1_000_000],
    [false, undefined],
    [undefined, 1],
  ] as const) {
    assert.equal(new Backoff(resolved({ decide: () => decision }), () => 1).next(CAUSE), pause);
  }
});

for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001, true, '5', {}, async () => {}]) {
  test(`decide that returns ${inspect(wrong)} is an error with the cause`, () => {
    // Callers in JavaScript can return anything.
    const policy = resolved({ decide: () => wrong as number });
    assert.throws(
      () => new Backoff(policy, () => 1).next(CAUSE),
      (error) =>
        error instanceof ConnectorError &&
        error.code === 'OPTION_INVALID' &&
        error.message.includes('reconnect.decide') &&
        error.cause === CAUSE,
    );
  });
}

test('what decide throws comes through', () => {
  const failure = new Error('mine');
  const decide = (): number => {
    throw failure;
  };
  assert.throws(() => new Backoff(resolved({ decide })).next(CAUSE), failure);
});

const ERRORS: [string, Error, boolean][] = [
  ['a lost connection', CAUSE, true],
  ['a silent server', new ConnectionLostError('SERVER_SILENT', 'x'), true],
  ['a server that shuts down', new ConnectionLostError('SERVER_SHUTDOWN', 'x'), true],
  ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), true],
  ['a time-out', new ConnectorError('CONNECT_TIMEOUT', 'x'), true],
  ['a name in use', new LoginError('NAME_TAKEN', 'x'), true],
  ['a missing pin file', Object.assign(new Error('x'), { code: 'ENOENT' }), true],
  ['an invalid name', new LoginError('NAME_INVALID', 'x'), false],
  ['another certificate', new SecurityError('PIN_MISMATCH', 'x'), false],
  ['a bad signature', new SecurityError('SIGNATURE_INVALID', 'x'), false],
  ['a bad DH key', new SecurityError('DH_KEY_INVALID', 'x'), false],
];

for (const [name, error, expected] of ERRORS) {
  test(`After ${name} there ${expected ? 'is another' : 'is no other'} attempt`, () => {
    assert.equal(isRetryable(error), expected);
  });
}

test('the defaults are 1 s that grow to 60 s, for ever, anew after a stable minute', () => {
  const defaults = {
    initialDelay: 1,
    maxDelay: 60,
    maxAttempts: Infinity,
    stableAfter: 60,
    decide: undefined,
  };
  assert.deepEqual(resolveReconnect(true), defaults);
  assert.deepEqual(resolveReconnect({}), defaults);
  assert.deepEqual(resolveReconnect({ maxDelay: 5 }), { ...defaults, maxDelay: 5 });
  assert.equal(resolveReconnect(false), false);
});

const INVALID: [option: string, value: unknown][] = [
  ['reconnect', 'yes'],
  ['reconnect', null],
  ['reconnect', 3],
  ['reconnect.initialDelay', 0],
  ['reconnect.initialDelay', '1'],
  ['reconnect.maxDelay', -1],
  ['reconnect.maxDelay', Infinity],
  ['reconnect.maxAttempts', 0],
  ['reconnect.maxAttempts', 1.5],
  ['reconnect.maxAttempts', Number.NaN],
  ['reconnect.stableAfter', 0],
  ['reconnect.decide', 5],
];

for (const [option, value] of INVALID) {
  test(`${option}: ${inspect(value)} is refused by name`, () => {
    const [, key] = option.split('.');
    const given = key === undefined ? value : { [key]: value };
    assert.throws(
      () => resolveReconnect(given as ReconnectOptions),
      (error) =>
        error instanceof OptionError &&
        error.code === 'OPTION_INVALID' &&
        error.message.includes(`${option} must`),
    );
  });
}

test('an unknown option of reconnect is refused by name', () => {
  const wrong: object = { maxdelay: 3 };
  assert.throws(
    () => resolveReconnect(wrong),
    (error) => error instanceof OptionError && /maxdelay.*maxDelay/.test(error.message),
  );
});
