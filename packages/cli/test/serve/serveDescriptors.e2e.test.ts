import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test, { suite } from 'node:test';
import { eventually } from '../harness/quietroom.js';
import { Serving } from './serving.js';

const skip = process.platform === 'win32' && 'Windows has no such limit';

suite('quietroom serve with few file descriptors', { skip }, () => {
  for (const maxDescriptors of [60, 256]) {
    test(`of ${maxDescriptors} keeps some for health checks, and logs the rejections once`, async () => {
      await using serving = await Serving.start({
        maxDescriptors,
        args: ['--metrics-port', '0'],
        config: { host: '127.0.0.1', max_connections_per_address: 1000, max_handshakes: 1000 },
      });
      const { server, port } = serving;
      assert.match(
        server.stdout,
        new RegExp(` descriptorLimit limit=${maxDescriptors} maxConnections=4096 `),
      );
      const [, base = ''] = await server.until(/^Metrics: (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m);
      const sockets: Socket[] = [];
      for (let count = 0; count < maxDescriptors; count++) {
        const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
        sockets.push(socket.resume());
        await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
      }
      await server.until(/ acceptFailed code=EMFILE$/m);
      assert.equal(await textOf(`${base}/healthz`), 'ok\n');
      const metrics = await textOf(`${base}/metrics`);
      const [, refused = ''] = /^quietroom_refused_total\{reason="descriptors"\} (\d+)$/m.exec(metrics) ?? [];
      await eventually('the others are closed', () => sockets.filter(isClosed).length === Number(refused));
      assert.ok(Number(refused) > 0 && Number(refused) < maxDescriptors);
      assert.equal([...server.stdout.matchAll(/acceptFailed/g)].length, 1);
      for (const socket of sockets) socket.destroy();
      await eventually('connections are closed', async () =>
        (await textOf(`${base}/metrics`)).includes('\nquietroom_connections 0\n'),
      );
      await serving.join('alice');
    });
  }
});

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

function isClosed(socket: Socket): boolean {
  return socket.closed;
}
