import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ConnectorError, QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import { resolveConfig, resolveTextOptions } from '#src/options/config.js';

test('the defaults are those of the documented connector', () => {
  const { clock, ...defaults } = resolveConfig({});
  assert.ok(clock);
  assert.deepEqual(defaults, {
    serverHost: 'localhost',
    serverPort: 37842,
    certFile: 'chat_public.pem',
    cert: undefined,
    username: 'Bot',
    decoyTraffic: true,
    decoyInterval: 30,
    decoyMinBytes: 100,
    decoyMaxBytes: 500,
    connectDeadline: { option: 'connectTimeout', seconds: 30 },
    keepaliveInterval: 60,
    steady: false,
    slackMs: 0,
    maxTextBytes: 4068,
    leaveSteadyForFiles: false,
    padding: 'uniform',
    fallbackUsername: undefined,
    reconnect: false,
    whileDisconnected: 'refuse',
    maxQueuedBytes: 67_108_864,
    maxQueuedMessages: 100_000,
    maxQueuedSeconds: 300,
    maxInFlight: 1000,
    answerTimeout: 10,
    fileTimeout: 60,
    livenessInterval: 45,
    livenessTimeout: 15,
    split: true,
    maxParts: 20,
    newlines: 'collapse',
    ownMessages: false,
    dial: undefined,
    log: undefined,
  });
});

test('an option that is undefined has its default', () => {
  // Callers without exactOptionalPropertyTypes pass undefined.
  const config = { username: undefined } as unknown as ConnectorConfig;
  assert.equal(resolveConfig(config).username, 'Bot');
});

test('reconnect is resolved to a whole policy', () => {
  const policy = { initialDelay: 1, maxDelay: 60, maxAttempts: Infinity, stableAfter: 60, decide: undefined };
  assert.deepEqual(resolveConfig({ reconnect: true }).reconnect, policy);
  assert.deepEqual(resolveConfig({ reconnect: { maxDelay: 9 } }).reconnect, { ...policy, maxDelay: 9 });
  assert.equal(resolveConfig({ reconnect: false }).reconnect, false);
});

test('livenessInterval can be turned off', () => {
  assert.equal(resolveConfig({ livenessInterval: false }).livenessInterval, false);
});

test('the options of a send are those of the configuration where it gives none', () => {
  const config = resolveConfig({ split: false, maxParts: 3, newlines: 'split' });
  for (const [given, expected] of [
    [{}, { split: false, maxParts: 3, newlines: 'split' }],
    [{ split: true }, { split: true, maxParts: 3, newlines: 'split' }],
    [
      { maxParts: 5, newlines: 'collapse' },
      { split: false, maxParts: 5, newlines: 'collapse' },
    ],
  ] as const) {
    const { split, maxParts, newlines } = resolveTextOptions(config, given);
    assert.deepEqual({ split, maxParts, newlines }, expected);
  }
});

test('a wrong option of a send is refused by name', () => {
  for (const [option, value] of [
    ['split', 'no'],
    ['maxParts', 0],
    ['newlines', 'keep'],
  ] as const) {
    assert.throws(
      () => resolveTextOptions(resolveConfig({}), { [option]: value }),
      (error) =>
        error instanceof ConnectorError && error.code === 'OPTION_INVALID' && error.message.includes(option),
    );
  }
});

const INVALID: [keyof ConnectorConfig, unknown][] = [
  ['serverHost', ''],
  ['serverHost', 7],
  ['serverHost', 'localhost:37842'],
  ['serverHost', 'https://localhost'],
  ['decoyMinBytes', 501],
  ['serverPort', 0],
  ['serverPort', 65536],
  ['serverPort', 1.5],
  ['serverPort', '37842'],
  ['certFile', ''],
  ['cert', ''],
  ['username', ''],
  ['decoyTraffic', 'yes'],
  ['decoyInterval', 0],
  ['decoyInterval', -1],
  ['decoyInterval', Number.NaN],
  ['decoyInterval', 3_000_000],
  ['decoyMinBytes', -1],
  ['decoyMaxBytes', 32769],
  ['decoyMaxBytes', 99],
  ['connectTimeout', Number.POSITIVE_INFINITY],
  ['keepaliveInterval', 0],
  ['padding', 'none'],
  ['fallbackUsername', ''],
  ['reconnect', 'yes'],
  ['reconnect', { maxDelay: 0 }],
  ['reconnect', { decide: 1 }],
  ['whileDisconnected', 'wait'],
  ['maxQueuedBytes', 0],
  ['maxQueuedMessages', 0],
  ['maxQueuedMessages', 1.5],
  ['maxQueuedSeconds', 0],
  ['maxInFlight', 0],
  ['answerTimeout', 0],
  ['answerTimeout', '10'],
  ['livenessInterval', 0],
  ['livenessInterval', true],
  ['livenessTimeout', 0],
  ['livenessTimeout', false],
  ['split', 'yes'],
  ['maxParts', 0],
  ['maxParts', 10_001],
  ['newlines', 'keep'],
  ['ownMessages', 1],
  ['dial', {}],
  ['log', 'console'],
  ['clock', {}],
  ['clock', { now: Date.now, setTimeout: () => {} }],
];

for (const [option, value] of INVALID) {
  test(`${option}: ${inspect(value, { breakLength: Infinity })} is refused by name`, () => {
    assert.throws(
      () => new QuietRoomConnector({ [option]: value }),
      (error) =>
        error instanceof ConnectorError && error.code === 'OPTION_INVALID' && error.message.includes(option),
    );
  });
}

/** What is said about these options. */
function refusal(options: object): string {
  let message = '';
  assert.throws(
    () => new QuietRoomConnector(options),
    (error) => {
      assert.ok(error instanceof ConnectorError);
      message = error.message;
      return error.code === 'OPTION_UNKNOWN';
    },
  );
  return message;
}

test('an unknown option is refused with the nearest known one', () => {
  assert.match(refusal({ server_host: 'x' }), /server_host.*serverHost/);
  assert.match(refusal({ userName: 'x' }), /userName.*username/);
  assert.doesNotMatch(refusal({ quux: 1 }), /mean/);
  assert.match(refusal({ toString: 1 }), /no option "toString"/);
});
