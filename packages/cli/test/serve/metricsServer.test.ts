import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test, { suite, type TestContext } from 'node:test';
import { MetricsServer } from '#src/serve/metricsServer.js';

const TIMEOUT_MS = 100;

suite('MetricsServer', () => {
  const PLAIN = 'text/plain; charset=utf-8';
  const METRICS = 'text/plain; version=0.0.4; charset=utf-8';
  for (const { method, path, status, type, body } of [
    { method: 'GET', path: '/metrics', status: 200, type: METRICS, body: 'up 1\n' },
    { method: 'GET', path: '/metrics?x=1', status: 200, type: METRICS, body: 'up 1\n' },
    { method: 'HEAD', path: '/metrics', status: 200, type: METRICS, body: '' },
    { method: 'GET', path: '/healthz', status: 200, type: PLAIN, body: 'ok\n' },
    { method: 'GET', path: '/', status: 404, type: PLAIN, body: 'There are /metrics and /healthz.\n' },
    {
      method: 'GET',
      path: '/metricsx',
      status: 404,
      type: PLAIN,
      body: 'There are /metrics and /healthz.\n',
    },
    { method: 'POST', path: '/metrics', status: 405, type: PLAIN, body: 'Only GET and HEAD.\n' },
    { method: 'DELETE', path: '/healthz', status: 405, type: PLAIN, body: 'Only GET and HEAD.\n' },
  ]) {
    test(`${method} ${path} is answered with ${status}`, async (t) => {
      const server = await start(t);
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), type);
      assert.equal(await response.text(), body);
      assert.equal(response.headers.get('allow'), status === 405 ? 'GET, HEAD' : null);
    });
  }

  test('listens on 127.0.0.1 only', async (t) => {
    const server = await start(t);
    const socket = connect(server.port, '127.0.0.2');
    t.after(() => socket.destroy());
    await assert.rejects(once(socket, 'connect'));
  });

  for (const [what, said] of [
    ['says nothing', ''],
    ['never ends its request', 'GET /metrics HTTP/1.1\r\nHost: x\r\nX'],
    ['never ends its body', 'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n'],
    ['says garbage', '\0\0\0\0\r\n\r\n'],
  ] as const) {
    test(`cuts off whoever ${what}`, async (t) => {
      const server = await start(t);
      const socket = connect(server.port, '127.0.0.1').on('error', () => {});
      socket.write(said);
      socket.resume();
      await once(socket, 'close');
    });
  }

  test('cuts off whoever sends a header drop by drop', async (t) => {
    const server = await start(t);
    const socket = connect(server.port, '127.0.0.1').on('error', () => {});
    socket.write('GET /metrics HTTP/1.1\r\n');
    const drops = setInterval(() => socket.write('X: y\r\n'), 10);
    t.after(() => clearInterval(drops));
    socket.resume();
    await once(socket, 'close');
  });

  test('answers others while many send nothing, closes the oldest of these, and closes with all of them', async (t) => {
    const server = await start(t, 'up 1\n', 60_000);
    const silent: Socket[] = [];
    for (let count = 0; count < 40; count++) {
      const socket = connect(server.port, '127.0.0.1').on('error', () => {});
      await once(socket, 'connect');
      silent.push(socket);
    }
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status, 200);
    await Promise.all(
      silent.slice(0, 40 - 16).map(async (socket) => {
        if (!socket.closed) await once(socket.resume(), 'close');
      }),
    );
    const open = silent.filter((socket) => !socket.closed);
    assert.ok(open.length >= 15);
    const allClosed = open.map((socket) => once(socket.resume(), 'close'));
    await server.close();
    await Promise.all(allClosed);
  });
});

async function start(t: TestContext, metrics = 'up 1\n', timeoutMs = TIMEOUT_MS): Promise<MetricsServer> {
  const server = await MetricsServer.listen(0, () => metrics, timeoutMs);
  t.after(() => server.close());
  return server;
}
