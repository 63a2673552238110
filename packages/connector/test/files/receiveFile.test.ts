import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import type { AcceptFileOptions, FileOffer, FileTarget, ReceivedFile } from 'quietroom-connector';
import { called, until } from '../fixtures.js';
import { FileServer, offer, sha256 } from './transferring.js';

const ACCEPTED = '*** File transfer accepted. Waiting for file stream... ***';
const COMPLETED = '*** File transfer stream completed. Check hash! ***';

/** A folder that is removed at the end. */
async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'quietroom-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The next offer that the connector tells of. */
function nextOffer(server: FileServer): Promise<FileOffer> {
  const once = new AbortController();
  return new Promise((resolve) => {
    server.connector.onFileOffer(
      (offered) => {
        once.abort();
        resolve(offered);
      },
      { signal: once.signal },
    );
  });
}

/** An offer of `content` by alice. */
async function offering(
  server: FileServer,
  content: string | Uint8Array,
  name = 'a.txt',
): Promise<FileOffer> {
  const coming = nextOffer(server);
  await server.says(offer('alice', name, content));
  return coming;
}

/** Offered by alice, and accepted up to the server's word that it may come. */
async function accepting(
  server: FileServer,
  content: string | Uint8Array,
  target: FileTarget,
  options?: AcceptFileOptions,
): Promise<{ transfer: Promise<ReceivedFile> }> {
  const offered = await offering(server, content);
  const transfer = offered.accept(target, options);
  transfer.catch(() => {});
  await server.hears('/accept alice_tester_1');
  await server.says(ACCEPTED);
  return { transfer };
}

const start = (content: string | Uint8Array, size = content.length, name = 'a.txt'): string =>
  `FILE_START|${name}|${size}|${sha256(content)}`;

test('An offer has a safe name, and expires', async () => {
  await using server = await FileServer.start();
  const offered = await offering(server, 'hello', '../../.bashrc');
  assert.equal(offered.sender, 'alice');
  assert.equal(offered.sha256, sha256('hello'));
  assert.doesNotMatch(offered.name, /[/\\]|^\./);
  assert.equal(offered.isOpen, true);
  await server.passes(295_000);
  await server.hears('/decline alice_tester_1');
  assert.equal(offered.isOpen, false);
  assert.equal(offered.withdrawn.reason.code, 'FILE_EXPIRED');
  await assert.rejects(offered.accept('.'), { code: 'FILE_EXPIRED' });
});

test('onMessage is called for an offer before onFileOffer, and onSystemMessage is not', async () => {
  await using server = await FileServer.start();
  const heard: string[] = [];
  server.connector.onMessage((_, event) => void heard.push(`message ${event.type}`));
  server.connector.onSystemMessage(() => void heard.push('system'));
  server.connector.onFileOffer(() => void heard.push('offer'));
  await offering(server, 'hello');
  assert.deepEqual(heard, ['message fileOffer', 'offer']);
});

test('An offer without a callback is declined at once', async () => {
  await using server = await FileServer.start();
  await server.says(offer('alice', 'a.txt', 'hello'));
  await server.hears('/decline alice_tester_1');
});

test('An offer is declined once', async () => {
  await using server = await FileServer.start();
  const offered = await offering(server, 'hello');
  const declined = offered.decline();
  await server.hears('/decline alice_tester_1');
  await server.says('*** File transfer declined. ***');
  await declined;
  await assert.rejects(offered.decline(), { code: 'FILE_ANSWERED' });
  await assert.rejects(offered.accept('.'), { code: 'FILE_ANSWERED' });
});

test('A file is received into a folder, whole and for its owner only', async () => {
  await using server = await FileServer.start();
  await using to = await folder();
  const { transfer } = await accepting(server, 'hello world', to.path);
  await server.saysFile(start('hello world'), 'hello ', 'world', 'FILE_END');
  await server.says(COMPLETED);
  const { path, ...received } = await transfer;
  assert.deepEqual(received, {
    sender: 'alice',
    name: 'a.txt',
    bytes: 11,
    sha256: sha256('hello world'),
    seconds: 0,
    data: undefined,
  });
  assert.equal(path, join(to.path, 'a.txt'));
  assert.equal(await readFile(path, 'utf8'), 'hello world');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(to.path), ['a.txt']);
});

test('A file of the same name is not overwritten, and the new name is returned', async () => {
  await using server = await FileServer.start();
  await using to = await folder();
  await writeFile(join(to.path, 'a.txt'), 'mine');
  const { transfer } = await accepting(server, 'hello', to.path);
  await server.saysFile(start('hello'), 'hello', 'FILE_END');
  const { name, path } = await transfer;
  assert.notEqual(name, 'a.txt');
  assert.equal(path, join(to.path, name));
  assert.equal(await readFile(join(to.path, 'a.txt'), 'utf8'), 'mine');
  assert.deepEqual((await readdir(to.path)).sort(), ['a.txt', name].sort());
});

test('A file is received into memory and into a stream', async () => {
  await using server = await FileServer.start();
  const { transfer: inMemory } = await accepting(server, 'hello', { memory: true });
  await server.saysFile(start('hello'), 'hello', 'FILE_END');
  assert.equal((await inMemory).data?.toString(), 'hello');

  const written: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      written.push(chunk);
      done();
    },
  });
  const { transfer: inStream } = await accepting(server, 'hello', stream);
  await server.saysFile(start('hello'), 'he', 'llo', 'FILE_END');
  assert.equal((await inStream).bytes, 5);
  assert.equal(Buffer.concat(written).toString(), 'hello');
  assert.equal(stream.writableFinished, true);
});

test('Chunks before the start and the start of another file are ignored', async () => {
  await using server = await FileServer.start();
  await server.saysFile('FILE_END', 'stray', start('other'));
  const { transfer } = await accepting(server, 'hello', { memory: true });
  await server.saysFile(
    'stray',
    'FILE_END',
    start('other'),
    'other',
    start('hello'),
    'hello',
    'FILE_END',
    'stray',
  );
  assert.equal((await transfer).data?.toString(), 'hello');
});

test('Packets in one record with the acceptance are received', async () => {
  await using server = await FileServer.start();
  const offered = await offering(server, 'hello');
  const transfer = offered.accept({ memory: true });
  await server.hears('/accept alice_tester_1');
  const { connection } = server;
  await connection.write(
    Buffer.concat([
      connection.packet(ACCEPTED),
      ...[start('hello'), 'hello', 'FILE_END'].map((packet) => connection.packet(packet, 3)),
    ]),
  );
  assert.equal((await transfer).data?.toString(), 'hello');
});

/** What goes wrong, and what the next file then needs to begin. */
const FAULTS: readonly {
  readonly name: string;
  readonly code: string;
  readonly options?: AcceptFileOptions;
  readonly play: (server: FileServer) => Promise<void>;
}[] = [
  {
    name: 'fewer bytes than announced',
    code: 'FILE_TOO_SHORT',
    play: (server) => server.saysFile(start('hello'), 'hell', 'FILE_END'),
  },
  {
    name: 'more bytes than announced',
    code: 'FILE_TOO_LONG',
    play: (server) => server.saysFile(start('hello'), 'hello!', 'more', 'FILE_END'),
  },
  {
    name: 'other bytes than offered',
    code: 'FILE_HASH_MISMATCH',
    play: (server) => server.saysFile(start('hello'), 'jello', 'FILE_END'),
  },
  {
    name: 'a size of nothing',
    code: 'FILE_EMPTY',
    play: (server) => server.saysFile(start('hello', 0), 'FILE_END'),
  },
  {
    name: 'no size',
    code: 'FILE_EMPTY',
    play: (server) => server.saysFile(`FILE_START|a.txt|-5|${sha256('hello')}`, 'FILE_END'),
  },
  {
    name: 'more than was allowed',
    code: 'FILE_TOO_LARGE',
    options: { maxBytes: 4 },
    play: (server) => server.saysFile(start('hello'), 'hello', 'FILE_END'),
  },
  {
    name: 'a sender who is gone',
    code: 'FILE_CANCELLED',
    play: async (server) => {
      await server.saysFile(start('hello'), 'he');
      await server.says('*** File transfer cancelled: sender disconnected ***');
    },
  },
  {
    name: 'the limit of the server',
    code: 'FILE_TIMED_OUT',
    play: async (server) => {
      await server.saysFile(start('hello'), 'he');
      await server.says('*** File transfer timed out ***');
    },
  },
];

for (const { name, code, options, play } of FAULTS) {
  for (const kind of ['folder', 'path', 'memory', 'stream'] as const) {
    test(`${name}, into ${kind}: ${code}, nothing is left behind, and the next file comes`, async () => {
      await using server = await FileServer.start();
      await using to = await folder();
      const stream = new Writable({ write: (_, __, done) => done() });
      stream.on('error', () => {});
      const target = { folder: to.path, path: join(to.path, 'b.txt'), memory: { memory: true }, stream }[
        kind
      ] as FileTarget;
      const { transfer } = await accepting(server, 'hello', target, options);
      await play(server);
      await assert.rejects(transfer, { code, name: 'FileTransferError' });
      assert.deepEqual(await readdir(to.path), []);
      if (kind === 'stream') assert.equal(stream.destroyed, true);
      await server.hears('/decline alice_tester_1');
      await server.says('Transfer ID not found or expired.');
      const { transfer: next } = await accepting(server, 'next', { memory: true });
      await server.saysFile(start('next'), 'next', 'FILE_END');
      assert.equal((await next).data?.toString(), 'next');
    });
  }
}

test('The rest of an aborted file is dropped, and the next file waits for its end', async () => {
  await using server = await FileServer.start();
  const stop = new AbortController();
  const { transfer: first } = await accepting(server, 'hello', { memory: true }, { signal: stop.signal });
  await server.saysFile(start('hello'), 'he');
  await server.isHeard();
  stop.abort(new Error('enough'));
  await assert.rejects(first, { message: 'enough' });
  await server.hears('/decline alice_tester_1');
  await server.says('Transfer ID not found or expired.');

  const coming = nextOffer(server);
  await server.says(offer('bob', 'b.txt', 'next', 'bob_tester_1'));
  const second = (await coming).accept({ memory: true });
  await server.saysFile('llo');
  assert.equal(server.connection.waitingTexts, 0);
  await server.saysFile('FILE_END');
  await server.hears('/accept bob_tester_1');
  await server.says(ACCEPTED);
  await server.saysFile(start('next', 4, 'b.txt'), 'next', 'FILE_END');
  assert.equal((await second).data?.toString(), 'next');
});

test('A sender that stops in the middle ends the transfer after fileTimeout, and the next file comes', async () => {
  await using server = await FileServer.start({ fileTimeout: 2 });
  await using to = await folder();
  const { transfer } = await accepting(server, 'hello', to.path);
  // The limit counts from the last packet, not from the acceptance.
  server.clock.advance(1500);
  await server.saysFile(start('hello'), 'he');
  await server.isHeard();
  server.clock.advance(1999);
  await server.saysFile('l');
  await server.isHeard();
  server.clock.advance(1999);
  await server.isHeard();
  assert.equal(server.connection.waitingTexts, 0);
  server.clock.advance(1);
  await server.hears('/decline alice_tester_1');
  await assert.rejects(transfer, { code: 'FILE_TIMED_OUT' });
  assert.deepEqual(await readdir(to.path), []);

  const { transfer: next } = await accepting(server, 'next', { memory: true });
  await server.saysFile(start('next'), 'next', 'FILE_END');
  assert.equal((await next).data?.toString(), 'next');
  const { filesSent, filesReceived, filesFailed } = server.connector.stats();
  assert.deepEqual([filesSent, filesReceived, filesFailed], [0, 1, 1]);
});

test('A target that takes nothing of the rest, or does not end, ends the transfer after fileTimeout', async () => {
  for (const hanging of ['write', 'final'] as const) {
    await using server = await FileServer.start({ fileTimeout: 20 });
    const reached = called<void>();
    const stream = new Writable({
      highWaterMark: 1,
      write: (_, __, done) => (hanging === 'write' ? reached.call() : done()),
      final: () => reached.call(),
    });
    stream.on('error', () => {});
    const { transfer } = await accepting(server, 'hello', stream);
    await server.saysFile(start('hello'), 'hello', 'FILE_END');
    await reached.promise;
    await server.isHeard();
    server.clock.advance(20_000);
    await assert.rejects(transfer, { code: 'FILE_TARGET_FAILED' });
    assert.equal(stream.destroyed, true);
  }
});

test('A server that has forgotten the offer ends it with FILE_EXPIRED', async () => {
  await using server = await FileServer.start();
  const offered = await offering(server, 'hello');
  const transfer = offered.accept({ memory: true });
  await server.hears('/accept alice_tester_1');
  await server.says('Transfer ID not found or expired.');
  await assert.rejects(transfer, { code: 'FILE_EXPIRED' });
});

test('A file from a name with a space is refused on a 1.x server', async () => {
  await using server = await FileServer.start();
  const coming = nextOffer(server);
  await server.says(offer('Al x', 'a.txt', 'hello'));
  await assert.rejects((await coming).accept({ memory: true }), { code: 'FILE_REFUSED' });
});

test('The offers of a user who leaves are withdrawn, those of others are not', async () => {
  await using server = await FileServer.start();
  const alices = await offering(server, 'hello');
  const coming = nextOffer(server);
  await server.says(offer('bob', 'b.txt', 'hi', 'bob_tester_1'));
  const bobs = await coming;
  await server.says('*** File transfer cancelled: sender disconnected ***', '*** alice left the chat ***');
  await until(() => alices.withdrawn.aborted);
  assert.equal(alices.withdrawn.reason.code, 'FILE_CANCELLED');
  assert.equal(bobs.isOpen, true);
});

test('The only open offer is withdrawn when a sender has disconnected', async () => {
  await using server = await FileServer.start();
  const offered = await offering(server, 'hello');
  await server.says('*** File transfer cancelled: sender disconnected ***');
  await until(() => offered.withdrawn.aborted);
});

test('A target that cannot be written declines the offer', async () => {
  await using server = await FileServer.start();
  const offered = await offering(server, 'hello');
  await assert.rejects(offered.accept('/no/such/folder/file.txt'), { code: 'FILE_TARGET_FAILED' });
  await server.hears('/decline alice_tester_1');
});

test('A slow target slows the sender down, and memory stays bounded', async () => {
  await using server = await FileServer.start();
  const held: (() => void)[] = [];
  let isFirst = true;
  let written = 0;
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _, done) {
      written += chunk.length;
      if (isFirst) held.push(done);
      else done();
      isFirst = false;
    },
  });
  const bytes = Buffer.alloc(60_000_000, 'z');
  const { transfer } = await accepting(server, bytes, stream);
  const sent = (async () => {
    await server.saysFile(start(bytes));
    for (let at = 0; at < bytes.length; at += 30_000) await server.saysFile(bytes.subarray(at, at + 30_000));
    await server.saysFile('FILE_END');
  })();
  const received = (): number => server.connector.stats().bytesReceived;
  await until(() => written > 0);
  for (let still = 0, before = -1; still < 3000; still++) {
    if (received() !== before) still = 0;
    before = received();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  assert.ok(received() < 12_000_000, `${received()} bytes were read`);
  held[0]?.();
  await sent;
  assert.equal((await transfer).bytes, bytes.length);
});

test('A connection that is cut ends everything, and nothing is left behind', async () => {
  await using server = await FileServer.start();
  await using to = await folder();
  const { transfer } = await accepting(server, 'hello', to.path);
  const coming = nextOffer(server);
  await server.says(offer('bob', 'b.txt', 'hi', 'bob_tester_1'));
  const waiting = await coming;
  await server.saysFile(start('hello'), 'he');
  server.connection.cut();
  await assert.rejects(transfer, { code: 'FILE_INTERRUPTED' });
  assert.equal(waiting.withdrawn.reason.code, 'FILE_INTERRUPTED');
  await server.connector.disconnect();
  assert.deepEqual(await readdir(to.path), []);
  assert.equal(server.clock.pending, 0);
});

for (const stage of ['offered', 'asked', 'accepted', 'begun', 'whole but for its end'] as const) {
  test(`A connection that is cut when a file is ${stage} leaves nothing behind`, async () => {
    await using server = await FileServer.start();
    await using to = await folder();
    const offered = await offering(server, 'hello');
    const next = await (async () => {
      const coming = nextOffer(server);
      await server.says(offer('bob', 'b.txt', 'hi', 'bob_tester_1'));
      return { offer: await coming };
    })();
    const transfer = stage === 'offered' ? undefined : offered.accept(to.path);
    const waiting = stage === 'offered' ? undefined : next.offer.accept(to.path);
    transfer?.catch(() => {});
    waiting?.catch(() => {});
    if (stage !== 'offered') await server.hears('/accept alice_tester_1');
    if (stage !== 'offered' && stage !== 'asked') await server.says(ACCEPTED);
    if (stage === 'begun' || stage === 'whole but for its end') await server.saysFile(start('hello'), 'he');
    if (stage === 'whole but for its end') await server.saysFile('llo');
    await server.isHeard();
    server.connection.cut();
    if (transfer) await assert.rejects(transfer, { code: 'FILE_INTERRUPTED' });
    if (waiting) await assert.rejects(waiting, { code: 'FILE_INTERRUPTED' });
    await until(() => !server.connector.isConnected);
    await server.connector.disconnect();
    assert.equal(offered.isOpen || next.offer.isOpen, false);
    assert.deepEqual(await readdir(to.path), []);
    assert.equal(server.clock.pending, 0);
  });
}

test('disconnect() ends everything, and nothing is left behind', async () => {
  await using server = await FileServer.start();
  await using to = await folder();
  const { transfer } = await accepting(server, 'hello', to.path);
  await server.saysFile(start('hello'), 'he');
  const ended = server.connector.disconnect();
  await assert.rejects(transfer, { code: 'DISCONNECTED' });
  await server.hears('/decline alice_tester_1');
  await server.says('Transfer ID not found or expired.');
  await server.saysFile('FILE_END');
  await server.hears('/quit');
  server.connection.end();
  await ended;
  assert.deepEqual(await readdir(to.path), []);
  assert.equal(server.clock.pending, 0);
});

test('disconnect() lets a complete file be finished', async () => {
  await using server = await FileServer.start();
  const finishing = called<() => void>();
  const stream = new Writable({
    write: (_, __, done) => done(),
    final(done) {
      finishing.call(done);
    },
  });
  const { transfer } = await accepting(server, 'hello', stream);
  await server.saysFile(start('hello'), 'hello', 'FILE_END');
  const finish = await finishing.promise;
  const ended = server.connector.disconnect();
  finish();
  assert.equal((await transfer).bytes, 5);
  await server.hears('/quit');
  server.connection.end();
  await ended;
});

test('A flood of offers is bounded', async () => {
  await using server = await FileServer.start();
  let offers = 0;
  server.connector.onFileOffer(() => void offers++);
  for (let index = 0; index < 150; index++) {
    await server.says(offer('alice', 'a.txt', 'hello', `alice_tester_${index}`));
  }
  for (let index = 100; index < 150; index++) await server.hears(`/decline alice_tester_${index}`);
  assert.equal(offers, 100);
});
