import assert from 'node:assert/strict';
import { once } from 'node:events';
import { linkSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { suite, type TestContext } from 'node:test';
import { LineBuffer } from '#src/rpc/lineBuffer.js';
import { listenLocally, pathLengthProblem, SocketInUseError } from '#src/rpc/localSocket.js';
import { RpcClient } from '#src/rpc/rpcClient.js';
import type { RpcConnection, RpcHandler } from '#src/rpc/rpcConnection.js';
import { RpcServer, type RpcServerOptions } from '#src/rpc/rpcServer.js';
import { Folder } from '../harness/quietroom.js';

async function socketPath(t: TestContext): Promise<string> {
  const folder = await Folder.make();
  t.after(() => folder[Symbol.asyncDispose]());
  return join(folder.path, 'test.sock');
}

async function start(
  t: TestContext,
  handler: RpcHandler,
  options: Partial<RpcServerOptions> = {},
): Promise<string> {
  const path = await socketPath(t);
  const server = await RpcServer.listen(path, {
    maxRequestBytes: 1000,
    maxOpenRequests: 2,
    maxClients: 2,
    handler,
    ...options,
  });
  t.after(() => server.close());
  return path;
}

function line(id: number, method = 'wait'): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method })}\n`;
}

/** The next answer. */
async function answer(socket: Socket): Promise<{ id: unknown; result?: unknown; error?: { code: number } }> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return JSON.parse(bytes.toString()) as { id: unknown };
}

/** A socket that no process listens on. */
async function staleSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.dead`);
  await once(server, 'listening');
  linkSync(`${path}.dead`, path);
  server.close();
}

suite('a line buffer', () => {
  test('gives the same lines however the bytes are cut', () => {
    const bytes = Buffer.from('one\n\ntwo äö\nlast');
    for (let size = 1; size <= bytes.length; size++) {
      const buffer = new LineBuffer();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        buffer.add(bytes.subarray(at, at + size));
        for (let next = buffer.take(); next; next = buffer.take()) lines.push(next.toString());
      }
      assert.deepEqual(lines, ['one', '', 'two äö']);
      assert.equal(buffer.heldBytes, 4);
    }
  });
});

suite('a local socket', { skip: process.platform === 'win32' }, () => {
  test('has mode 0600, answers when it appears, and is removed', async (t) => {
    const path = await socketPath(t);
    const server = createServer();
    const remove = await listenLocally(server, path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(path, '..')), ['test.sock']);
    remove();
    assert.deepEqual(readdirSync(join(path, '..')), []);
    server.close();
  });

  test('a stale one is replaced by one of several that try at the same time', async (t) => {
    const path = await socketPath(t);
    await staleSocket(path);
    const servers = Array.from({ length: 8 }, () => createServer());
    t.after(() => servers.forEach((server) => server.close()));
    const results = await Promise.allSettled(servers.map((server) => listenLocally(server, path)));
    const winners = servers.filter((_, at) => results[at]?.status === 'fulfilled');
    assert.equal(winners.length, 1);
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(result.reason instanceof SocketInUseError);
    }
    const [winner] = winners;
    assert.ok(winner);
    const connected = once(winner, 'connection');
    const client = connect(path);
    await connected;
    client.destroy();
  });

  test('the lock of a process that was killed while it replaced a socket does not last', async (t) => {
    const path = await socketPath(t);
    await staleSocket(path);
    mkdirSync(`${path}.lock`);
    const server = createServer();
    await assert.rejects(listenLocally(server, path), SocketInUseError);
    utimesSync(`${path}.lock`, 0, 0);
    const remove = await listenLocally(server, path);
    remove();
    server.close();
  });

  test('another kind of file is kept', async (t) => {
    const path = await socketPath(t);
    writeFileSync(path, 'mine');
    await assert.rejects(listenLocally(createServer(), path), SocketInUseError);
    assert.ok(statSync(path).isFile());
  });

  test('the end of a server leaves the socket of its successor', async (t) => {
    const path = await socketPath(t);
    const first = createServer();
    const removeFirst = await listenLocally(first, path);
    await new Promise((resolve) => first.close(resolve));
    const second = createServer();
    const removeSecond = await listenLocally(second, path);
    removeFirst();
    assert.ok(statSync(path).isSocket());
    removeSecond();
    second.close();
  });

  test('a path that the system would cut is refused', () => {
    assert.equal(pathLengthProblem(`/${'x'.repeat(102)}`, 'test'), undefined);
    assert.match(pathLengthProblem(`/${'x'.repeat(107)}`, 'test') ?? '', /has 108 bytes; the system allows/);
    // The temporary name beside it is longer.
    assert.match(pathLengthProblem(`/${'x'.repeat(104)}/s`, 'test') ?? '', /allows/);
  });
});

suite('a JSON-RPC server', { skip: process.platform === 'win32' }, () => {
  test('answers requests in the order in which they finish', async (t) => {
    const finish = new Map<unknown, (result: object) => void>();
    const path = await start(t, ({ id }) => new Promise((resolve) => void finish.set(id, resolve)));
    const socket = connect(path);
    socket.write(line(1) + line(2));
    await eventuallySize(finish, 2);
    finish.get(2)?.({ two: true });
    assert.deepEqual(await answer(socket), { jsonrpc: '2.0', id: 2, result: { two: true } });
    finish.get(1)?.({});
    assert.equal((await answer(socket)).id, 1);
    socket.destroy();
  });

  test('answers a client that ends its side first', async (t) => {
    const path = await start(t, async () => ({ late: true }));
    const socket = connect(path);
    socket.end(line(1));
    assert.deepEqual((await answer(socket)).result, { late: true });
    await once(socket, 'close');
  });

  test('refuses further open requests, and a repeated id', async (t) => {
    const path = await start(t, () => new Promise(() => {}));
    const socket = connect(path);
    socket.write(line(1) + line(1));
    assert.equal((await answer(socket)).error?.code, -32600);
    socket.write(line(2) + line(3));
    assert.equal((await answer(socket)).error?.code, -32001);
    socket.destroy();
  });

  test('refuses open requests of too many bytes', async (t) => {
    const path = await start(t, () => new Promise(() => {}), { maxOpenRequests: 100 });
    const socket = connect(path);
    const padding = ' '.repeat(900);
    for (const id of [1, 2, 3]) socket.write(line(id).replace('\n', `${padding}\n`));
    const refused = await answer(socket);
    assert.deepEqual([refused.id, refused.error?.code], [3, -32001]);
    socket.destroy();
  });

  test('cancels a request, and all requests of a client that has gone', async (t) => {
    const signals: AbortSignal[] = [];
    const connections: RpcConnection[] = [];
    const path = await start(t, (_, connection, signal) => {
      signals.push(signal);
      connections.push(connection);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
    });
    const socket = connect(path);
    socket.write(line(1) + line(2));
    await eventuallySize(signals, 2);
    assert.equal(connections[0]?.cancel(7), false);
    assert.equal(connections[0]?.cancel(1), true);
    assert.equal((await answer(socket)).id, 1);
    const aborted = once(signals[1] ?? AbortSignal.abort(), 'abort');
    socket.destroy();
    await aborted;
  });

  test('cancels the request of a client that ends its side and goes later', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const signals: AbortSignal[] = [];
    const path = await start(t, (_request, _connection, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const socket = connect(path);
    socket.end(line(1));
    // The blank that shows that it reads.
    await once(socket, 'data');
    socket.destroy();
    await once(socket, 'close');
    const [signal] = signals;
    assert.equal(signal?.aborted, false);
    t.mock.timers.tick(1000);
    if (!signal.aborted) await once(signal, 'abort');
  });

  test('refuses more clients, and tells them', async (t) => {
    const path = await start(t, () => ({}));
    const sockets = [connect(path), connect(path)];
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const third = connect(path);
    assert.equal((await answer(third)).error?.code, -32001);
    await once(third, 'close');
    for (const socket of sockets) socket.destroy();
  });

  test('closes an idle connection, but none that is kept', async (t) => {
    const path = await start(
      t,
      ({ method }, connection) => {
        connection.isKept = method === 'keep';
        return {};
      },
      { idleMs: 250 },
    );
    await once(connect(path).resume(), 'close');
    const kept = connect(path);
    kept.write(line(1, 'keep'));
    await answer(kept);
    await once(connect(path).resume(), 'close');
    assert.equal(kept.readyState, 'open');
    kept.write(line(2, 'leave'));
    kept.resume();
    await once(kept, 'close');
  });

  test('refuses what is not UTF-8', async (t) => {
    const path = await start(t, () => ({}));
    const socket = connect(path);
    socket.write(Buffer.from([0x22, 0xff, 0x22, 10]));
    assert.equal((await answer(socket)).error?.code, -32700);
    socket.destroy();
  });
});

suite('a JSON-RPC client', { skip: process.platform === 'win32' }, () => {
  test('gets results, errors and notifications', async (t) => {
    const path = await start(t, ({ method, params }, connection) => {
      if (method === 'fail') throw new Error('secret');
      connection.notify('note', { first: true });
      return params;
    });
    const notes: unknown[] = [];
    const client = await RpcClient.connect(path, {
      onNotification: (method, params) => notes.push([method, params]),
    });
    assert.deepEqual(await client.request('echo', { text: 'ä' }), { text: 'ä' });
    assert.deepEqual(notes, [['note', { first: true }]]);
    await assert.rejects(client.request('fail', {}), { code: -32603, message: 'The request failed.' });
    client.close();
    await assert.rejects(client.request('echo', {}), { reason: 'closed' });
  });

  test('rejects what is open when the server ends, and after a time without an answer', async (t) => {
    const path = await start(t, ({ method }, connection) => {
      if (method === 'end') connection.end();
      return new Promise(() => {});
    });
    let closes = 0;
    const client = await RpcClient.connect(path, { onClose: () => closes++ });
    const open = client.request('wait', {});
    await Promise.all([
      assert.rejects(open, { reason: 'closed' }),
      assert.rejects(client.request('end', {}), { reason: 'closed' }),
    ]);
    assert.equal(closes, 1);
    const other = await RpcClient.connect(path);
    await assert.rejects(other.request('wait', {}, { timeoutMs: 1 }), { reason: 'timeout' });
  });

  test('ends with a server that does not speak JSON-RPC', async (t) => {
    const path = await socketPath(t);
    const server = createServer((socket) => void socket.on('error', () => {}).write('hello\n'));
    t.after(() => server.close());
    await listenLocally(server, path);
    const client = await RpcClient.connect(path);
    await assert.rejects(client.request('x', {}), { reason: 'invalid' });
  });
});

/** Resolves when a collection has this many elements. */
async function eventuallySize(
  collection: { readonly length: number } | { readonly size: number },
  size: number,
): Promise<void> {
  while (('size' in collection ? collection.size : collection.length) < size) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
