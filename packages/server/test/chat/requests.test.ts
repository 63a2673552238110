import assert from 'node:assert/strict';
import { parseServerMessage } from '@quietroom/protocol';
import { test } from 'node:test';
import { MAX_CLIENT_TEXT_BYTES, MAX_PLAINTEXT_BYTES } from '@quietroom/protocol';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

test('Commands in one burst are answered in their order, those that take time too', async (t) => {
  const server = await startServer(t, { decoyTraffic: false });
  const alice = await WireClient.login(server, 'alice');
  const other = await WireClient.login(server, 'other');
  await other.ask('/join #vault secret');
  await alice.settle();
  alice.forget();
  const rounds = 5;
  for (let round = 0; round < rounds; round++) {
    for (const text of [
      '/join #vault wrong',
      `/msg alice ${round}`,
      '/join #vault',
      `/join #own${round} pw`,
      '/bogus',
    ]) {
      alice.send(text);
    }
  }
  await alice.settle();
  const expected = Array.from({ length: rounds }, (_, round) => [
    'Incorrect password for room #vault',
    `[DM from alice]: ${round}`,
    `[DM to alice]: ${round}`,
    'This room is password-protected. Usage: /join #vault <password>',
    `Created and joined room #own${round}`,
    `*** alice joined #own${round} ***`,
    'Unknown command: /bogus. Type /help for available commands.',
  ]);
  assert.deepEqual(alice.received, expected.flat());
});

test('While passwords are checked for some, others are served', async (t) => {
  const server = await startServer(t);
  const owner = await WireClient.login(server, 'owner');
  await owner.ask('/join #vault secret');
  const guessers = await Promise.all(
    Array.from({ length: 4 }, (_, index) => WireClient.login(server, `guesser${index}`)),
  );
  const rounds = 20;
  for (const guesser of guessers) {
    guesser.forget();
    for (let round = 0; round < rounds; round++) guesser.send('/join #vault guess');
  }
  await WireClient.login(server, 'late');
  await owner.ask('/msg late hi');
  const checked = guessers.flatMap(({ received }) => received).filter((text) => text.startsWith('Incorrect'));
  assert.ok(checked.length < guessers.length * rounds, 'the login and the message overtook the guesses');
});

test('Of two who create the same room at once, one creates it and the other needs its password', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  await alice.settle();
  for (const client of [alice, bob]) client.forget();
  alice.send('/join #vault a');
  bob.send('/join #vault b');
  await Promise.all([alice.settle(), bob.settle()]);
  const answers = new Set([alice, bob].map(({ received }) => received[0]));
  assert.deepEqual(
    answers,
    new Set(['Created and joined room #vault', 'Incorrect password for room #vault']),
  );
});

test('Whoever goes while a password is checked does not become a member', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  await alice.ask('/join #vault secret');
  bob.send('/join #vault secret');
  await bob.sendOut('/join #other secret');
  // The server hears of it long before the password is hashed.
  bob.tcp.resetAndDestroy();
  await alice.until('*** bob left the chat ***');
  assert.deepEqual(await alice.ask('/join #vault secret'), [
    'Joined room #vault',
    '*** alice joined #vault ***',
  ]);
  assert.deepEqual(await alice.ask('/members #vault'), ['Members of #vault (1):\n  alice']);
});

for (const [what, options, limit] of [
  ['By default, what clients of 1.x survive', {}, MAX_CLIENT_TEXT_BYTES],
  ['At most, what fits into a packet', { maxMessageBytes: MAX_PLAINTEXT_BYTES }, MAX_PLAINTEXT_BYTES],
] as const) {
  test(`${what} is relayed; of more the sender is told, and nobody gets it`, async (t) => {
    const book = new LogBook();
    const server = await startServer(t, { ...options, log: book.log, date: () => new Date(2026, 0, 1) });
    const alice = await WireClient.login(server, 'alice');
    const bob = await WireClient.login(server, 'bob');
    await alice.ask('/join #a');
    await bob.settle();
    for (const client of [alice, bob]) client.forget();
    const tooLong = (bytes: number): string =>
      `*** Your message is too long: ${bytes} bytes, of which ${limit} are allowed. Nobody got it. ***`;
    const lobby = limit - '[00:00:00] alice: '.length;
    const dm = limit - '[DM from alice]: '.length;
    const room = limit - '[00:00:00] [#a] alice: '.length;

    assert.deepEqual(await alice.ask('x'.repeat(lobby)), [`[00:00:00] alice: ${'x'.repeat(lobby)}`]);
    assert.deepEqual(await alice.ask('x'.repeat(lobby + 1)), [tooLong(limit + 1)]);
    assert.deepEqual(await alice.ask(`${'x'.repeat(lobby - 2)}€`), [tooLong(limit + 1)]);
    assert.equal((await alice.ask(`[#a] ${'x'.repeat(room)}`)).length, 1);
    assert.deepEqual(await alice.ask(`[#a] ${'x'.repeat(room + 1)}`), [tooLong(limit + 1)]);
    // The echo is shorter by two bytes.
    assert.deepEqual(await alice.ask(`/msg alice ${'x'.repeat(dm)}`), [
      `[DM from alice]: ${'x'.repeat(dm)}`,
      `[DM to alice]: ${'x'.repeat(dm)}`,
    ]);
    assert.deepEqual(await alice.ask(`/msg bob ${'x'.repeat(dm + 1)}`), [tooLong(limit + 1)]);
    await bob.settle();
    assert.equal(bob.received.length, 1);
    assert.equal(server.stats().refused.messageBytes, 4);
    assert.equal(book.of('refused')[0]?.reason, 'messageBytes');
  });
}

test('A list that is too long for one text comes in parts that every client survives', async (t) => {
  const options = { maxRoomNameBytes: 1024, messageBurst: 100_000, maxRoomsPerClient: 600 };
  const server = await startServer(t, {
    ...options,
    maxRoomsPerAddress: 600,
    roomsPerMinute: 600,
    roomsPerMinutePerAddress: 600,
  });
  const alice = await WireClient.login(server, 'alice');
  const rooms = Array.from({ length: 600 }, (_, index) => `#${index}${'x'.repeat(index === 7 ? 1000 : 60)}`);
  for (const room of rooms) alice.send(`/join ${room}`);
  await alice.settle();
  const texts = await alice.ask('/rooms');
  assert.ok(texts.length > 1);
  const lists = texts.map(parseServerMessage);
  const names = lists.flatMap((list) => (list.type === 'rooms' ? list.rooms.map(({ name }) => name) : []));
  assert.deepEqual(names, rooms);
  for (const text of texts) assert.ok(Buffer.byteLength(text) <= 4068, `${text.length}`);
  assert.match(texts[0] ?? '', /^Active Rooms:\n {2}#0x+ \(1 users\)\n[^]*\n {2}… \d+ more follow\n$/);
  assert.ok(!texts.at(-1)?.includes('…'));
});
