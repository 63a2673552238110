import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  Channel,
  parseServerMessage,
  Session,
  type ServerMessage,
  type Transport,
} from '@quietroom/protocol';
import { FakeClock, firstIdentity, ScriptedPeer } from '@quietroom/testing';
import { Connection } from '#src/connection/connection.js';
import { Login } from '#src/connection/login.js';
import { IncomingFiles } from '#src/files/transfer/incomingFiles.js';
import type { TransferContext } from '#src/files/transfer/transferContext.js';
import { StatsRecorder } from '#src/observe/stats.js';
import { resolveConfig } from '#src/options/config.js';
import { isList, ListAssembler } from '#src/replies/listAssembler.js';
import { DesiredRooms } from '#src/rooms/desiredRooms.js';
import { RoomTracker } from '#src/rooms/roomTracker.js';
import { Client } from '../replies/replyMatcherClient.js';
import { called, logIn, quietConnector } from '../fixtures.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A collection that input from the server can grow. */
interface Collection {
  readonly name: string;
  /** The most that it can hold. */
  readonly bound: number;
  /** Sends more than that; returns how much was held at the most. */
  readonly fill: () => number | Promise<number>;
}

/** What a server can offer without end, and how many offers and declines that makes. */
function offer(count: number): { offers: number; declines: number } {
  const made = { offers: 0, declines: 0 };
  const context: Pick<TransferContext, 'clock' | 'ask'> = {
    clock: new FakeClock(),
    ask: () => {
      made.declines++;
      return new Promise(() => {});
    },
  };
  const files = new IncomingFiles(context as TransferContext, {
    receive: () => assert.fail(),
    decline: () => assert.fail(),
  });
  for (let index = 0; index < count; index++) {
    const sha256 = '0'.repeat(64);
    if (files.onOffer({ type: 'fileOffer', name: 'al', file: 'x', sha256, id: `al_me_${index}` }))
      made.offers++;
  }
  return made;
}

/** Every collection of the connector that a server can add to; those of the protocol engine are tested there. */
const COLLECTIONS: readonly Collection[] = [
  {
    name: 'characters of texts that come during the login, with 64 for each text',
    bound: 16 * MIB + 32 * KIB + 64,
    fill() {
      const login = new Login({ username: 'me', isAgain: false });
      const text = 'x'.repeat(32 * KIB);
      let held = 0;
      for (let step = login.receive(text); ; step = login.receive(text)) {
        held += text.length + 64;
        if (step.do === 'fail') return held;
      }
    },
  },
  {
    name: 'bytes that are read in one turn, and with them texts before the callbacks are there',
    bound: 64 * KIB,
    fill() {
      const pauses: string[] = [];
      const transport: Transport = {
        start: () => {},
        write: () => {},
        pause: () => void pauses.push('pause'),
        resume: () => {},
        end: () => {},
        destroy: () => {},
      };
      const clock = new FakeClock();
      const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;
      const channel = new Channel(new Session({ role: 'client', pinnedKey }), transport);
      const config = resolveConfig({ clock, decoyTraffic: false });
      const connection = new Connection(channel, config, new StatsRecorder(clock), 'me', []);
      let bytes = 0;
      while (pauses.length === 0) {
        connection.received(KIB);
        bytes += KIB;
      }
      return bytes;
    },
  },
  {
    name: 'parts of 64 KiB of a list, which has at most 4 Mi characters',
    bound: 64,
    fill() {
      const name = `#${'x'.repeat(64 * KIB)}`;
      const parts = (count: number): number => {
        const lists = new ListAssembler();
        for (let left = count - 1; left >= 0; left--) {
          const more = left === 0 ? '' : `  … ${left} more follow\n`;
          const raw = `Active Rooms:\n  ${name} (1 users)\n${more}`;
          const message = parseServerMessage(raw);
          assert.ok(isList(message));
          const whole = lists.add(raw, message);
          if (whole?.message.type === 'rooms') return whole.message.rooms.length;
        }
        return 0;
      };
      return Math.max(...[62, 63, 64, 65, 66, 100].map(parts));
    },
  },
  {
    name: 'rooms that were not asked for',
    bound: 0,
    fill() {
      const rooms = new RoomTracker('me');
      for (let room = 0; room < 5000; room++) {
        rooms.onMessage({ type: 'joinedRoom', room: `#${room}` });
        rooms.onMessage({ type: 'createdRoom', room: `#${room}` });
        rooms.onMessage({ type: 'roomJoined', room: `#${room}`, name: 'me' });
      }
      return rooms.joined.length + rooms.requests;
    },
  },
  {
    name: 'rooms to join again: each once',
    bound: 1,
    fill() {
      const desired = new DesiredRooms();
      for (let count = 0; count < 5000; count++) desired.joined('#a', `${count}`);
      return desired.all.length;
    },
  },
  {
    name: 'refusals that wait for their requests: as many as there are requests',
    bound: 3,
    fill() {
      const client = new Client();
      for (const text of ['a', 'b', 'c']) client.send(`/msg bob ${text}`);
      let taken = 0;
      for (let count = 0; count < 5000; count++) {
        if (client.receive("User 'bob' is not online.")) taken++;
      }
      return taken;
    },
  },
  { name: 'open offers of files', bound: 100, fill: () => offer(5000).offers },
  { name: 'offers that are being declined', bound: 100, fill: () => offer(5000).declines },
];

for (const { name, bound, fill } of COLLECTIONS) {
  test(`a server cannot make the connector hold more than ${bound} ${name}`, async () => {
    const held = await fill();
    assert.ok(held <= bound, `${held}`);
    // The row drives it to the bound, or it would show nothing.
    assert.ok(held >= bound * 0.95, `only ${held}`);
  });
}

/** The smallest packet of a text fills a record of so many bytes: header, nonce, tag, one byte of padding. */
const SMALLEST_RECORD = 3 + 28 + 1;

test('a flood of the smallest messages is delivered in turns of at most 128 KiB', async () => {
  const count = 40_000;
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    const packet = (): Buffer => connection.packet('');
    // Whole packets in full records, all there at once: more messages for each byte than any server sends.
    await connection.write(Buffer.concat(Array.from({ length: count }, packet)));
    await connection.hear();
    connection.end();
  });
  const connector = quietConnector(peer.config);
  const done = called<void>();
  let all = 0;
  let inTurn = 0;
  let most = 0;
  connector.onMessage(() => {
    all++;
    inTurn++;
    most = Math.max(most, inTurn);
    if (all === count) done.call();
  });
  await connector.connect();
  const end = done.promise.then(() => true);
  // Of one turn: what is read before it pauses, and what TLS has decrypted by then.
  while (!(await Promise.race([end, turn(false)]))) inTurn = 0;
  assert.ok(most <= (2 * 64 * KIB) / SMALLEST_RECORD, `${most} messages in one turn`);
  assert.ok(most > 100);
  await connector.disconnect();
});

const unsolicited: readonly ServerMessage['type'][] = ['dmEcho', 'users', 'joinedRoom', 'leftRoom'];

test('answers that were not asked for belong to no request', () => {
  const client = new Client();
  const texts = [
    '[DM to bob]: x',
    'Online Users (0):\n  ',
    'Joined room #a',
    'Left room #a - returned to lobby',
  ];
  assert.deepEqual(
    texts.map((text) => parseServerMessage(text).type),
    unsolicited,
  );
  for (const text of texts) assert.equal(client.receive(text), undefined);
});
