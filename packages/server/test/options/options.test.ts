import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkOptions,
  QuietRoomServer,
  RELOADABLE_DEFAULTS,
  ServerError,
  type ServerOptions,
} from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { resolveOptions } from '#src/options/options.js';

test('Everything has its documented default', () => {
  const { log, clock, date, ...values } = resolveOptions({});
  assert.deepEqual(values, {
    host: '127.0.0.1',
    port: 37842,
    protocolVersion: '1.2',
    identity: undefined,
    identityFolder: undefined,
    decoyTraffic: true,
    decoyInterval: 30,
    decoyMinBytes: 100,
    decoyMaxBytes: 500,
    cover: 'decoys',
    leaveSteadyForFiles: false,
    handshakeTimeout: 10,
    loginTimeout: 60,
    idleTimeout: 180,
    silentTimeout: 0,
    maxConnections: 4096,
    maxConnectionsPerAddress: 64,
    maxHandshakes: 512,
    penaltyThreshold: 60,
    maxPenalty: 600,
    penaltyExempt: ['127.0.0.0/8', '::1'],
    maxMessageBytes: 4068,
    messagesPerSecond: 500,
    messageBurst: 50_000,
    placeMessagesPerSecond: 1000,
    placeMessageBurst: 2000,
    maxRooms: 1000,
    maxRoomsPerAddress: 200,
    roomsPerMinute: 60,
    roomsPerMinutePerAddress: 240,
    maxRoomsPerClient: 50,
    maxRoomNameBytes: 64,
    emptyRoomTimeout: 300,
    protectedRoomTimeout: 86_400,
    passwordTries: 5,
    passwordTriesPerAddress: 20,
    passwordLockout: 600,
    maxFileBytes: 4_294_967_296,
    maxOffersPerSender: 16,
    maxOffersPerRecipient: 32,
    maxOffers: 4096,
    offersPerMinute: 60,
    transferStallTimeout: 30,
    maxQueuedBytes: 8_388_608,
    minReadRate: 32_768,
    maxInputBytes: 16_777_216,
    maxMemoryBytes: 268_435_456,
    motd: '',
    logEntriesPerMinute: 100,
    padding: 'uniform',
  });
  assert.equal(log({ event: 'stopped' }), undefined);
  assert.ok(clock.now() <= clock.now());
  assert.ok(Math.abs(date().getTime() - Date.now()) < 60_000);
});

test('An option that is given as undefined means its default', () => {
  // Callers in JavaScript can.
  assert.equal(resolveOptions({ port: undefined } as unknown as ServerOptions).port, 37842);
});

for (const [name, hint] of [
  ['prot', 'port'],
  ['decoy_interval', 'decoyInterval'],
  ['maxQueueBytes', 'maxQueuedBytes'],
  ['identityfolder', 'identityFolder'],
  ['hots', 'host'],
] as const) {
  test(`The unknown option ${name} is refused, and ${hint} proposed`, async () => {
    await assert.rejects(QuietRoomServer.start({ [name]: 1 }), {
      name: 'ServerError',
      code: 'OPTION_UNKNOWN',
      message: `There is no option "${name}". Did you mean ${hint}?`,
    });
  });
}

test('The option generation sets protocolVersion, unless that is given, too', () => {
  assert.equal(resolveOptions({ generation: '1.1' }).protocolVersion, '1.1');
  assert.equal(resolveOptions({ generation: '1.1', protocolVersion: '1.2' }).protocolVersion, '1.2');
  assert.equal(resolveOptions({}).protocolVersion, '1.2');
});

test('An option like no other is refused without a proposal', () => {
  assert.throws(() => resolveOptions({ colour: 1 } as ServerOptions), {
    message: 'There is no option "colour".',
  });
});

for (const [option, values] of Object.entries({
  host: ['', 1],
  port: [-1, 65536, 1.5, '37842', NaN],
  protocolVersion: ['1.3', 1.2],
  identityFolder: ['', 1],
  identity: [null, 'pem'],
  decoyTraffic: [0, 'true'],
  decoyInterval: [0, -1, Infinity, NaN, 1_000_001, '30'],
  decoyMinBytes: [-1, 1.5, 4097],
  decoyMaxBytes: [-1, 99, 4097],
  loginTimeout: [0, NaN, 1_000_001],
  handshakeTimeout: [0, '10'],
  idleTimeout: [0, Infinity],
  silentTimeout: [-1, Infinity],
  emptyRoomTimeout: [0],
  protectedRoomTimeout: [-1],
  passwordLockout: [0],
  maxConnections: [0, 1.5, 1_000_001],
  maxConnectionsPerAddress: [0],
  maxHandshakes: [0],
  penaltyThreshold: [-1, Infinity],
  maxPenalty: [0, 60],
  penaltyExempt: ['127.0.0.1', ['nowhere'], ['10.0.0.0/33'], [1]],
  messagesPerSecond: [0, 0.5],
  messageBurst: [0],
  maxRooms: [0],
  maxRoomsPerAddress: [0],
  roomsPerMinute: [0, 1.5],
  roomsPerMinutePerAddress: [0],
  motd: [1, null, 'é'.repeat(2001)],
  maxRoomsPerClient: [0],
  passwordTries: [0],
  passwordTriesPerAddress: [0],
  maxMessageBytes: [127, 32_741],
  maxRoomNameBytes: [1, 1025],
  maxFileBytes: [-1, 0.5, Infinity],
  maxOffersPerSender: [0],
  maxOffersPerRecipient: [0],
  maxOffers: [0, 1_000_001],
  offersPerMinute: [0],
  transferStallTimeout: [0, Infinity],
  maxQueuedBytes: [0, 1_048_575, Infinity],
  padding: ['none', ''],
  log: [null, {}],
  date: [0],
})) {
  for (const value of values) {
    test(`${option}: ${JSON.stringify(value)} is refused by name`, () => {
      assert.throws(
        () => resolveOptions({ [option]: value }),
        (error) =>
          error instanceof ServerError &&
          error.code === 'OPTION_INVALID' &&
          error.message.startsWith(`The option ${option} must be `),
      );
    });
  }
}

test('What is missing inside an option is named', () => {
  assert.throws(() => resolveOptions({ clock: { now: () => 0 } } as unknown as ServerOptions), {
    message: 'The option clock.setTimeout must be a function, not undefined.',
  });
  assert.throws(() => resolveOptions({ identity: { certPem: 'x' } } as unknown as ServerOptions), {
    message: 'The option identity.keyPem must be a text that is not empty, not undefined.',
  });
});

test('An identity and a folder for one exclude each other', () => {
  assert.throws(() => resolveOptions({ identity: firstIdentity, identityFolder: '.' }), {
    code: 'OPTION_INVALID',
    message: 'Give either identity or identityFolder, not both.',
  });
});

test('A text that is refused is not shown', () => {
  assert.throws(
    () => resolveOptions({ padding: 'secret' } as unknown as ServerOptions),
    (error) => error instanceof ServerError && !error.message.includes('secret'),
  );
});

test('Options can be checked without a start', () => {
  checkOptions({ port: 0, ...RELOADABLE_DEFAULTS });
  assert.throws(() => checkOptions({ port: -1 }), { name: 'ServerError', code: 'OPTION_INVALID' });
});
