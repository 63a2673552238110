import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileTransfer, SentFile } from 'quietroom-connector';
import { called, until } from '../fixtures.js';
import { acceptedBy, FileServer, offered, sha256 } from './transferring.js';

const HELLO = Buffer.from('hello');
const FAST = 'Features: fast-files';

/** In an object, since what an async function returns would be awaited. */
interface Offered {
  readonly transfer: FileTransfer<SentFile>;
}

/** Begins to send `hello` to bob, up to its offer. */
async function offering(server: FileServer, pace: 'fast' | 'auto' = 'fast'): Promise<Offered> {
  const transfer = server.connector.sendFile('bob', HELLO, { name: 'hello.txt', pace });
  transfer.catch(() => {});
  if (pace === 'auto') await server.tellsFeatures();
  await server.takesOffer('bob', 'hello.txt', 'hello');
  return { transfer };
}

/** Takes `hello` up to its end. */
async function takesHello(server: FileServer): Promise<void> {
  await server.hearsFile('FILE_START|hello.txt|5');
  await server.hearsFile('hello');
  await server.hearsFile('FILE_END');
}

test('A file is offered, sent when accepted, and resolves when the server has passed it on', async () => {
  await using server = await FileServer.start();
  const { transfer } = await offering(server);
  await server.accepts('bob', 'hello.txt', 'hello');
  await takesHello(server);
  await server.says('*** File transfer stream completed. ***');
  assert.deepEqual(await transfer, {
    recipient: 'bob',
    name: 'hello.txt',
    originalName: 'hello.txt',
    bytes: 5,
    sha256: sha256('hello'),
    seconds: 0,
  });
  const { filesSent, filesReceived, filesFailed } = server.connector.stats();
  assert.deepEqual([filesSent, filesReceived, filesFailed], [1, 0, 0]);
});

test('Through a server that does not know /features, 3900 bytes are sent every 30 ms', async () => {
  await using server = await FileServer.start();
  const bytes = Buffer.alloc(3 * 3900 + 1, 'x');
  const transfer = server.connector.sendFile('bob', bytes, { name: 'x.bin' });
  await server.tellsFeatures();
  await server.takesOffer('bob', 'x.bin', bytes);
  await server.accepts('bob', 'x.bin', bytes);
  await server.hearsFile(`FILE_START|x.bin|${bytes.length}`);
  for (const length of [3900, 3900, 3900, 1]) {
    await server.passes(29);
    assert.equal(server.connection.waitingFiles, 0);
    server.clock.advance(1);
    assert.equal((await server.connection.hearFile()).length, length);
  }
  await server.passes(30);
  await server.hearsFile('FILE_END');
  await server.says('*** File transfer stream completed. ***');
  assert.equal((await transfer).bytes, bytes.length);
});

test('Through a server with fast-files, a file is sent as fast as the connection takes it', async () => {
  await using server = await FileServer.start();
  for (const isFirst of [true, false]) {
    const bytes = Buffer.alloc(300_000, 'y');
    const transfer = server.connector.sendFile('bob', bytes, { name: 'y.bin' });
    if (isFirst) await server.tellsFeatures(`Features: other ${FAST.slice(10)}`);
    await server.takesOffer('bob', 'y.bin', bytes);
    await server.accepts('bob', 'y.bin', bytes);
    await server.hearsFile('FILE_START|y.bin|300000');
    let received = 0;
    while (received < bytes.length) {
      received += (await server.connection.hearFile()).length;
      if (server.connection.waitingTexts > 0) await server.tellsFeatures(FAST);
    }
    await server.hearsFile('FILE_END');
    await server.says('*** File transfer stream completed. ***');
    assert.equal((await transfer).bytes, 300_000);
  }
});

test('Content that looks like a marker is cut elsewhere', async () => {
  await using server = await FileServer.start();
  const content = 'FILE_END';
  const transfer = server.connector.sendFile('bob', Buffer.from(content), { name: 'm', pace: 'fast' });
  await server.takesOffer('bob', 'm', content);
  await server.accepts('bob', 'm', content);
  for (const packet of ['FILE_START|m|8', 'FILE', '_END', 'FILE_END']) await server.hearsFile(packet);
  await server.says('*** File transfer stream completed. ***');
  await transfer;
});

test('The name is made safe to send, and the original is returned', async () => {
  await using server = await FileServer.start();
  const transfer = server.connector.sendFile('bob', HELLO, { name: 'my report|2.txt', pace: 'fast' });
  const [, , name = ''] = (await server.connection.hear()).split(' ');
  assert.doesNotMatch(name, /[\s|]/);
  await server.says(offered('bob'));
  await server.accepts('bob', name, 'hello');
  await server.hearsFile(`FILE_START|${name}|5`);
  await server.says('*** File transfer stream completed. ***');
  const sent = await transfer;
  assert.deepEqual([sent.name, sent.originalName], [name, 'my report|2.txt']);
});

const ENDS = [
  ["User 'bob' is not online.", 'FILE_OFFLINE'],
  ['You cannot send files to yourself.', 'FILE_REFUSED'],
  ['Usage: /file <username> <path/filename>', 'FILE_REFUSED'],
] as const;

for (const [text, code] of ENDS) {
  test(`An offer that is answered by ${JSON.stringify(text)} rejects with ${code}, and nothing is withdrawn`, async () => {
    await using server = await FileServer.start();
    const transfer = server.connector.sendFile('bob', HELLO, { pace: 'fast' });
    await server.hears(`/file bob file ${sha256('hello')}`);
    await server.says(text);
    await assert.rejects(transfer, { code, name: 'FileTransferError' });
    assert.equal(server.connection.waitingTexts, 0);
  });
}

const REFUSALS = [
  ['*** bob declined the file transfer (ID: tester_bob_1). ***', 'FILE_DECLINED'],
  ['*** File transfer expired (not accepted within 5 minutes). ***', 'FILE_EXPIRED'],
  ['*** File transfer cancelled: recipient disconnected ***', 'FILE_CANCELLED'],
  ['*** File transfer timed out after 10 minutes ***', 'FILE_TIMED_OUT'],
] as const;

for (const [text, code] of REFUSALS) {
  test(`${JSON.stringify(text)} ends an offer with ${code}, and the next file is offered`, async () => {
    await using server = await FileServer.start();
    const { transfer } = await offering(server);
    const next = server.connector.sendFile('carol', HELLO, { name: 'hello.txt', pace: 'fast' });
    next.catch(() => {});
    await server.says(text);
    await assert.rejects(transfer, { code });
    await server.takesOffer('carol', 'hello.txt', 'hello');
  });
}

for (const [text, code] of REFUSALS.slice(2)) {
  test(`${JSON.stringify(text)} ends a transfer with ${code}`, async () => {
    await using server = await FileServer.start();
    const { transfer } = await offering(server, 'auto');
    await server.accepts('bob', 'hello.txt', 'hello');
    await server.hearsFile('FILE_START|hello.txt|5');
    await server.says(text);
    await assert.rejects(transfer, { code });
  });
}

test('BEGIN_SEND is obeyed only for an open offer, and once', async () => {
  await using server = await FileServer.start();
  await server.says(`BEGIN_SEND|hello.txt|${sha256('hello')}`);
  const { transfer } = await offering(server);
  await server.says(`BEGIN_SEND|hello.txt|${sha256('other')}`, acceptedBy('bob', 'tester_bob_2'));
  await server.says('*** bob declined the file transfer (ID: tester_bob_2). ***');
  await server.accepts('bob', 'hello.txt', 'hello');
  await server.says(`BEGIN_SEND|hello.txt|${sha256('hello')}`);
  await takesHello(server);
  await server.says('*** File transfer stream completed. ***');
  await transfer;
  await server.says(`BEGIN_SEND|hello.txt|${sha256('hello')}`);
  await server.isHeard();
  assert.equal(server.connection.waitingFiles, 0);
});

test('Files are sent one after another, in the order of calls', async () => {
  await using server = await FileServer.start();
  const names = ['one', 'two', 'three'];
  const transfers = names.map((name) => server.connector.sendFile('bob', HELLO, { name, pace: 'fast' }));
  for (const name of names) {
    await server.takesOffer('bob', name, 'hello');
    await server.accepts('bob', name, 'hello');
    for (const packet of [`FILE_START|${name}|5`, 'hello', 'FILE_END']) await server.hearsFile(packet);
    assert.equal(server.connection.waitingTexts, 0);
    await server.says('*** File transfer stream completed. ***');
  }
  assert.deepEqual(
    (await Promise.all(transfers)).map(({ name }) => name),
    names,
  );
});

test('Progress is reported to the callback and to iterators', async () => {
  await using server = await FileServer.start();
  const told: string[] = [];
  const transfer = server.connector.sendFile('bob', HELLO, {
    name: 'hello.txt',
    pace: 'fast',
    onProgress: ({ stage, bytes, totalBytes }) => void told.push(`${stage} ${bytes}/${totalBytes}`),
  });
  const seen = new Set<string>();
  const iterated = (async () => {
    for await (const { stage } of transfer.progress) seen.add(stage);
  })();
  await server.takesOffer('bob', 'hello.txt', 'hello');
  await server.accepts('bob', 'hello.txt', 'hello');
  await takesHello(server);
  await server.says('*** File transfer stream completed. ***');
  await transfer;
  await iterated;
  assert.deepEqual(told, [
    'hashing 0/undefined',
    'waiting 0/5',
    'offered 0/5',
    'transferring 0/5',
    'done 5/5',
  ]);
  assert.ok(seen.has('offered') && seen.has('done'));
});

test('A progress callback that throws is reported, and disturbs nothing', async () => {
  await using server = await FileServer.start();
  const errors: unknown[] = [];
  server.connector.onError((error) => errors.push(error));
  const failure = new Error('mine');
  const transfer = server.connector.sendFile('bob', HELLO, {
    name: 'hello.txt',
    pace: 'fast',
    onProgress: () => {
      throw failure;
    },
  });
  await server.takesOffer('bob', 'hello.txt', 'hello');
  await server.accepts('bob', 'hello.txt', 'hello');
  await takesHello(server);
  await server.says('*** File transfer stream completed. ***');
  await transfer;
  assert.ok(errors.length >= 4 && errors.every((error) => error === failure));
});

test('An offer that is aborted is withdrawn', async () => {
  await using server = await FileServer.start();
  const stop = new AbortController();
  const transfer = server.connector.sendFile('bob', HELLO, { pace: 'fast', signal: stop.signal });
  await server.takesOffer('bob', 'file', 'hello');
  await server.isHeard();
  stop.abort(new Error('enough'));
  await assert.rejects(transfer, { message: 'enough' });
  await server.hears('/decline tester_bob_1');
  await server.says('This transfer is not for you.');
});

test('A send that is aborted before its offer is answered is withdrawn when the answer comes', async () => {
  await using server = await FileServer.start();
  const stop = new AbortController();
  const transfer = server.connector.sendFile('bob', HELLO, { pace: 'fast', signal: stop.signal });
  await server.hears(`/file bob file ${sha256('hello')}`);
  stop.abort(new Error('enough'));
  await assert.rejects(transfer, { message: 'enough' });
  await server.says(offered('bob'));
  await server.hears('/decline tester_bob_1');
});

test('A transfer that is aborted ends at once, so that the recipient sees that it is not whole', async () => {
  await using server = await FileServer.start();
  const stop = new AbortController();
  const bytes = Buffer.alloc(10_000);
  const transfer = server.connector.sendFile('bob', bytes, { signal: stop.signal, name: 'z' });
  await server.tellsFeatures();
  await server.takesOffer('bob', 'z', bytes);
  await server.accepts('bob', 'z', bytes);
  await server.hearsFile('FILE_START|z|10000');
  await server.passes(30);
  assert.equal((await server.connection.hearFile()).length, 3900);
  stop.abort(new Error('enough'));
  await assert.rejects(transfer, { message: 'enough' });
  await server.hearsFile('FILE_END');
});

test('A file that is aborted between acceptance and start is started and ended at once', async () => {
  await using server = await FileServer.start();
  const stop = new AbortController();
  const transfer = server.connector.sendFile('bob', HELLO, { pace: 'fast', signal: stop.signal });
  await server.takesOffer('bob', 'file', 'hello');
  await server.says(acceptedBy('bob'));
  await server.isHeard();
  stop.abort(new Error('enough'));
  await assert.rejects(transfer, { message: 'enough' });
  await server.passes(1000);
  await server.hearsFile('FILE_START|file|5');
  await server.hearsFile('FILE_END');
});

test('A waiting file that is aborted sends nothing', async () => {
  await using server = await FileServer.start();
  const { transfer: first } = await offering(server);
  const stop = new AbortController();
  const second = server.connector.sendFile('bob', HELLO, { pace: 'fast', signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(second, { message: 'enough' });
  await server.accepts('bob', 'hello.txt', 'hello');
  await takesHello(server);
  await server.says('*** File transfer stream completed. ***');
  await first;
  assert.equal(server.connection.waitingTexts, 0);
});

test('disconnect() withdraws an open offer, and leaves nothing open', async () => {
  await using server = await FileServer.start();
  const { transfer } = await offering(server);
  const ended = server.connector.disconnect();
  await assert.rejects(transfer, { code: 'DISCONNECTED' });
  await server.hears('/decline tester_bob_1');
  await server.says('This transfer is not for you.');
  await server.hears('/quit');
  server.connection.end();
  await ended;
  assert.equal(server.clock.pending, 0);
});

for (const stage of ['asked', 'offered', 'accepted', 'begun', 'ended'] as const) {
  test(`A connection that is cut when the file is ${stage} ends it, and nothing is left open`, async () => {
    await using server = await FileServer.start();
    const transfer = server.connector.sendFile('bob', HELLO, { name: 'hello.txt', pace: 'fast' });
    const next = server.connector.sendFile('bob', HELLO, { name: 'next.txt', pace: 'fast' });
    next.catch(() => {});
    await server.hears(`/file bob hello.txt ${sha256('hello')}`);
    if (stage !== 'asked') await server.says(offered('bob'));
    if (stage === 'accepted') await server.says(acceptedBy('bob'));
    if (stage === 'begun' || stage === 'ended') await server.accepts('bob', 'hello.txt', 'hello');
    if (stage === 'begun') await server.hearsFile('FILE_START|hello.txt|5');
    if (stage === 'ended') await takesHello(server);
    server.connection.cut();
    await assert.rejects(transfer, ({ code }: { code: string }) =>
      ['FILE_INTERRUPTED', 'CONNECTION_LOST'].includes(code),
    );
    await assert.rejects(next, { code: 'NOT_CONNECTED' });
    await server.connector.disconnect();
    assert.equal(server.clock.pending, 0);
  });
}

test('A file too large for the compatible pace within the time limit of servers is not offered', async () => {
  await using server = await FileServer.start();
  const transfer = server.connector.sendFile('bob', async function* () {}, {
    size: 78_000_001,
    sha256: sha256(''),
  });
  await server.tellsFeatures();
  await assert.rejects(transfer, { code: 'FILE_TOO_LARGE' });
  assert.equal(server.connection.waitingTexts, 0);
});

test('From a name with a space nothing is offered where it could not be accepted', async () => {
  await using server = await FileServer.start({ username: 'Al x' });
  const transfer = server.connector.sendFile('bob', HELLO, { pace: 'fast' });
  await server.tellsFeatures();
  await assert.rejects(transfer, { code: 'FILE_REFUSED' });
});

test('A server that takes nothing for a minute ends the transfer', async () => {
  await using server = await FileServer.start();
  const bytes = Buffer.alloc(20_000_000);
  const transfer = server.connector.sendFile('bob', bytes, { name: 'z', pace: 'fast' });
  transfer.catch(() => {});
  await server.takesOffer('bob', 'z', bytes);
  server.connection.stopReading();
  await server.accepts('bob', 'z', bytes);
  const settled = { is: false };
  void transfer.finally(() => (settled.is = true)).catch(() => {});
  while (!settled.is) {
    await server.passes(60_000);
    await until(() => settled.is || server.clock.pending > 0);
  }
  await assert.rejects(transfer, { code: 'FILE_TIMED_OUT' });
  server.connection.cut();
});

for (const stage of ['hashing', 'transferring'] as const) {
  test(`A source that gives nothing while ${stage} ends the transfer after fileTimeout`, async () => {
    await using server = await FileServer.start({ fileTimeout: 20 });
    const reached = called<void>();
    const source = (): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          reached.call();
          return new Promise(() => {});
        },
      }),
    });
    const hash = stage === 'hashing' ? {} : { sha256: sha256('hello') };
    const transfer = server.connector.sendFile('bob', source, { name: 'a', size: 5, pace: 'fast', ...hash });
    transfer.catch(() => {});
    if (stage === 'transferring') {
      await server.takesOffer('bob', 'a', 'hello');
      await server.accepts('bob', 'a', 'hello');
    }
    await reached.promise;
    server.clock.advance(20_000);
    await assert.rejects(transfer, { code: 'FILE_SOURCE_FAILED' });
    if (stage === 'transferring') {
      await server.hearsFile('FILE_START|a|5');
      await server.hearsFile('FILE_END');
    }
  });
}

test('A wrong argument makes the call reject', async () => {
  await using server = await FileServer.start();
  const { connector } = server;
  await assert.rejects(connector.sendFile('al x', HELLO), { code: 'RECIPIENT_INVALID' });
  await assert.rejects(connector.sendFile('bob', HELLO, { pace: 'quick' as 'fast' }), {
    code: 'OPTION_INVALID',
  });
  await assert.rejects(connector.sendFile('bob', Buffer.alloc(0)), { code: 'FILE_EMPTY' });
  await assert.rejects(connector.sendFile('bob', '/no/such/file'), { code: 'FILE_SOURCE_FAILED' });
  await assert.rejects(connector.sendCommand('/accept x'), { code: 'COMMAND_INVALID' });
  server.connection.cut();
  await until(() => !connector.isConnected);
  await assert.rejects(connector.sendFile('bob', HELLO), { code: 'NOT_CONNECTED' });
});
