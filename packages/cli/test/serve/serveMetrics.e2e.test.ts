import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import test, { suite } from 'node:test';
import { assertOneLine, eventually, Folder, runToEnd } from '../harness/quietroom.js';
import { Serving } from './serving.js';

suite('the metrics of quietroom serve', () => {
  test('count what clients do, on a port of 127.0.0.1', async () => {
    await using serving = await Serving.start({ config: { metrics_port: 0, max_message_bytes: 200 } });
    const [, base = ''] = await serving.server.until(/^Metrics: (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m);
    const before = await scrape(base);
    assert.equal(before.get('quietroom_users'), 0);
    assert.equal(before.get('quietroom_connections_accepted_total'), 0);

    const alice = await serving.join('alice');
    const bob = await serving.join('bob');
    await alice.connector.sendDm('bob', 'hello');
    await bob.hears('alice: hello');
    void alice.connector.sendMessage('x'.repeat(200));
    await alice.hearsText(/too long/);
    await bob.connector.disconnect();
    await serving.server.until(/ closed client=2 name=bob reason=quit/);

    const after = await scrape(base);
    assert.equal(after.get('quietroom_connections'), 1);
    assert.equal(after.get('quietroom_users'), 1);
    assert.equal(after.get('quietroom_logins_total'), 2);
    assert.equal(after.get('quietroom_connections_accepted_total'), 2);
    assert.equal(after.get('quietroom_connections_closed_total{reason="quit"}'), 1);
    assert.equal(after.get('quietroom_refused_total{reason="messageBytes"}'), 1);
    assert.equal(after.get('quietroom_handshake_seconds_count'), 2);
    assert.equal(after.get('quietroom_handshake_seconds_bucket{le="+Inf"}'), 2);
    // The two texts and bob's /quit.
    assert.equal(after.get('quietroom_messages_received_total'), 3);
    for (const name of ['quietroom_received_bytes_total', 'quietroom_sent_bytes_total']) {
      assert.ok((after.get(name) ?? 0) > 1000, name);
    }
    assert.ok((after.get('process_start_time_seconds') ?? 0) * 1000 <= Date.now());
  });

  test('/healthz answers while the server runs, and the port is closed with it', async () => {
    await using serving = await Serving.start({ args: ['--metrics-port', '0'] });
    const [, base = ''] = await serving.server.until(/^Metrics: (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m);
    const response = await fetch(`${base}/healthz`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'ok\n');
    serving.server.signal('SIGTERM');
    assert.equal((await serving.server.ended()).code, 0);
    await eventually('nobody answers', () =>
      fetch(`${base}/healthz`).then(
        () => false,
        () => true,
      ),
    );
  });

  test('there is no such port unless it is asked for', async () => {
    await using serving = await Serving.start();
    assert.doesNotMatch(serving.server.stdout, /Metrics/);
  });

  test('a port that is in use stops the start with one line', async () => {
    await using folder = await Folder.withIdentity();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const args = ['serve', '--port', '0', '--metrics-port', `${port}`];
    const { code, stderr } = await runToEnd(args, { cwd: folder.path });
    other.close();
    assert.equal(code, 1);
    assertOneLine(
      stderr,
      new RegExp(`The metrics port ${port} is in use\\. Choose another with --metrics-port`),
    );
  });
});

/** The samples by their names and labels. */
async function scrape(base: string): Promise<Map<string, number>> {
  const response = await fetch(`${base}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
