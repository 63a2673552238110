import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { FileTransfer, QuietRoomServer, ServerOptions } from '@quietroom/server';
import { FakeClock } from '@quietroom/testing';
import { begin, offer, SHA256 } from './fileTransfer.js';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const USAGE = 'Usage: /file <username> <path/filename>';
const TOO_FAST = '*** You are sending too fast: the server now reads you more slowly. Nothing is lost. ***';

async function setStage(t: TestContext, options: ServerOptions) {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, { clock, decoyTraffic: false, log: book.log, ...options });
  const login = async (name: string): Promise<WireClient> => WireClient.login(server, name);
  const [alice, bob, carol] = [await login('alice'), await login('bob'), await login('carol')];
  await alice.until('*** carol joined the chat ***');
  return { clock, book, server, alice, bob, carol };
}

/** The answer to one more offer. */
async function refusal(sender: WireClient, recipient: string): Promise<string[]> {
  return (await sender.ask(`/file ${recipient} a.bin ${SHA256}`)).slice(-2);
}

test('A sender may have so many files offered and no more, accepted ones too, until one is over', async (t) => {
  const { server, clock, alice, bob } = await setStage(t, { maxOffersPerSender: 2 });
  const id = await offer(alice, 'bob');
  await begin(clock, alice, [bob, 'bob']);
  const why =
    '*** 2 of your files are offered or on their way, and no more are allowed. Wait, or withdraw one. ***';
  assert.deepEqual(await refusal(alice, 'carol'), [why, USAGE]);
  await offer(bob, 'carol');
  await bob.ask(`/decline ${id}`);
  await alice.settle();
  await offer(alice, 'carol');
  assert.equal(server.stats().refused.offersPerSender, 1);
});

test('A recipient may be offered so many files and no more', async (t) => {
  const { server, alice, bob, carol } = await setStage(t, { maxOffersPerRecipient: 2 });
  const id = await offer(alice, 'bob');
  await offer(carol, 'bob');
  const why = '*** Too many files are offered to bob already. Try again later. ***';
  assert.deepEqual(await refusal(alice, 'bob'), [why, USAGE]);
  await offer(alice, 'carol');
  await bob.ask(`/decline ${id}`);
  await carol.settle();
  await offer(carol, 'bob');
  assert.equal(server.stats().refused.offersPerRecipient, 1);
});

test('There may be so many offers in all and no more', async (t) => {
  const { server, alice, bob, carol } = await setStage(t, { maxOffers: 2 });
  await offer(alice, 'bob');
  await offer(bob, 'carol');
  const why = '*** Too many files are offered on this server. Try again later. ***';
  assert.deepEqual(await refusal(carol, 'alice'), [why, USAGE]);
  alice.send('/quit');
  await carol.until('*** alice left the chat ***');
  await offer(carol, 'bob');
  assert.equal(server.stats().refused.offers, 1);
});

test('A sender who offers and withdraws may do so a few times a minute', async (t) => {
  const { server, clock, book, alice, bob } = await setStage(t, { offersPerMinute: 3 });
  for (let count = 0; count < 3; count++) await alice.ask(`/decline ${await offer(alice, 'bob')}`);
  const why = '*** You may offer 3 files a minute, and not more. Try again later. ***';
  for (let count = 0; count < 5; count++) assert.deepEqual(await refusal(alice, 'bob'), [why, USAGE]);
  await offer(bob, 'alice');
  clock.advance(19_999);
  assert.deepEqual(await refusal(alice, 'carol'), [why, USAGE]);
  clock.advance(1);
  await offer(alice, 'bob');
  assert.equal(server.stats().refused.offerRate, 6);
  assert.equal(book.of('refused').length, 1);
});

test('A sender may ask as often as its file goes on how far it was read', async (t) => {
  const { clock, alice, bob } = await setStage(t, { messagesPerSecond: 10, messageBurst: 30 });
  await begin(clock, alice, [bob, 'bob']);
  alice.sendFile(`FILE_START|a.bin|${200 * 16_384}`);
  const chunk = Buffer.alloc(4096);
  for (let count = 0; count < 200; count++) {
    alice.sendFile(chunk, chunk, chunk, chunk);
    alice.send('/features');
  }
  alice.sendFile('FILE_END');
  await bob.until(/stream completed/);
  const answers: string[] = [];
  while (answers.length < 200) {
    const text = await alice.next();
    assert.notEqual(text, TOO_FAST);
    if (text.startsWith('Features: ')) answers.push(text);
  }
  await bob.settle();
});

test('Many tiny chunks are charged as texts are', async (t) => {
  const { clock, alice, bob } = await setStage(t, { messagesPerSecond: 10, messageBurst: 30 });
  await begin(clock, alice, [bob, 'bob']);
  alice.sendFile('FILE_START|a.bin|10000');
  for (let count = 0; count < 100; count++) alice.sendFile(count % 2 ? 'x' : '');
  alice.sendFile('FILE_END');
  await alice.until(TOO_FAST);
  assert.ok(bob.files.length < 60);
  while (!bob.files.some((packet) => String(packet) === 'FILE_END')) {
    clock.advance(100);
    await bob.settle();
  }
  assert.equal(bob.files.length, 102);
});

test('Limits on files can be changed while the server runs, and hold for what comes next', async (t) => {
  const { server, clock, alice, bob } = await setStage(t, {});
  await begin(clock, alice, [bob, 'bob']);
  server.reload({ maxFileBytes: 5, transferStallTimeout: 5, maxOffersPerSender: 1 });
  assert.match((await refusal(alice, 'bob'))[0] ?? '', /^\*\*\* 1 of your files/);
  alice.sendFile('FILE_START|a.bin|5', 'hel');
  await bob.countFiles(2);
  await bob.settle();
  await alice.settle();
  clock.advance(5000);
  await bob.until(/^\*\*\* File transfer cancelled: the sender sends nothing \(ID: alice_bob_\d+\) \*\*\*$/);
});

test('The program around a server, its log and its statistics are told of files, and not of what is in them', async (t) => {
  const { server, clock, book, alice, bob } = await setStage(t, {});
  const told: FileTransfer[] = [];
  server.onTransfer((transfer) => told.push(transfer));
  const id = await offer(alice, 'bob', '/tmp/a.bin');
  await bob.ask(`/accept ${id}`);
  const declined = await offer(bob, 'alice');
  await alice.ask(`/decline ${declined}`);
  clock.advance(100);
  await alice.settle();
  clock.advance(1234);
  alice.sendFile('FILE_START|a.bin|15', 'marzipan');
  await bob.countFiles(2);
  assert.deepEqual(filesOf(server), { offered: 2, open: 1, running: 1, bytes: 8, ended: { declined: 1 } });
  alice.sendFile('FILE_END');
  await bob.until('*** File transfer stream completed. Check hash! ***');
  const common = { id, sender: 'alice', recipient: 'bob', fileName: 'a.bin', sha256: SHA256 };
  assert.deepEqual(
    told.filter((transfer) => transfer.id === id),
    [
      { state: 'offered', ...common, sizeBytes: undefined, bytes: 0 },
      { state: 'accepted', ...common, sizeBytes: undefined, bytes: 0 },
      { state: 'running', ...common, sizeBytes: 15, bytes: 0 },
      { state: 'over', end: 'completed', ...common, sizeBytes: 15, bytes: 8 },
    ],
  );
  const seconds = 1.334;
  assert.deepEqual(book.of('transfer'), [
    { event: 'transfer', end: 'completed', sender: 'alice', recipient: 'bob', bytes: 8, seconds },
  ]);
  const ended = { declined: 1, completed: 1 };
  assert.deepEqual(filesOf(server), { offered: 2, open: 0, running: 0, bytes: 8, ended });
  assert.equal(JSON.stringify(book.entries).includes('a.bin'), false);
  assert.equal(JSON.stringify(book.entries).includes('marzipan'), false);
});

test('A callback of onTransfer that throws is logged and harms nobody', async (t) => {
  const { server, book, alice } = await setStage(t, {});
  server.onTransfer(() => {
    throw new Error('thrown');
  });
  await offer(alice, 'bob');
  assert.equal((await book.nth('callbackFailed', 1)).callback, 'onTransfer');
});

/** The statistics, without the ends that did not occur. */
function filesOf(server: QuietRoomServer): object {
  const { ended, ...files } = server.stats().files;
  return { ...files, ended: Object.fromEntries(Object.entries(ended).filter(([, times]) => times > 0)) };
}
