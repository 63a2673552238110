import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectorError, QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import { resolveConfig } from '#src/config.js';

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
    connectTimeout: 30,
    keepaliveInterval: 60,
    padding: 'uniform',
    maxQueuedBytes: 67_108_864,
  });
});

test('an option that is undefined has its default', () => {
  // Callers without exactOptionalPropertyTypes pass undefined.
  const config = { username: undefined } as unknown as ConnectorConfig;
  assert.equal(resolveConfig(config).username, 'Bot');
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
  ['maxQueuedBytes', 0],
  ['clock', {}],
];

for (const [option, value] of INVALID) {
  test(`${option}: ${String(value)} is refused by name`, () => {
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
