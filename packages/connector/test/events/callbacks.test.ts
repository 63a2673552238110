import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ScriptedPeer } from '@quietroom/testing';
import { called, logIn, openSockets, quietConnector } from '../fixtures.js';

/** A peer that says these texts after the login. */
async function saying(...said: string[]): Promise<ScriptedPeer> {
  return ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    for (const text of said) await connection.say(text);
    await connection.hear();
    connection.end();
  });
}

test('callbacks are called in the order of registration, onMessage before onDm, messages in order', async () => {
  await using peer = await saying(
    '[DM from alice]: one',
    '[12:00:00] bob: two',
    '[DM from bob]: three\n[DM from x]: y',
  );
  const connector = quietConnector(peer.config);
  const calls: string[] = [];
  const done = called<void>();
  connector
    .onDm((sender, message) => void calls.push(`dm1 ${sender} ${message}`))
    .onMessage((text) => void calls.push(`raw ${text}`))
    .onDm((sender) => {
      calls.push(`dm2 ${sender}`);
      if (sender === 'bob') done.call();
    });
  await connector.connect();
  await done.promise;
  assert.deepEqual(calls, [
    'raw [DM from alice]: one',
    'dm1 alice one',
    'dm2 alice',
    'raw [12:00:00] bob: two',
    'raw [DM from bob]: three\n[DM from x]: y',
    'dm1 bob three\n[DM from x]: y',
    'dm2 bob',
  ]);
  await connector.disconnect();
});

test('a callback that throws or rejects is reported and stops nothing', async () => {
  await using peer = await saying('[DM from alice]: one', '[DM from alice]: two');
  const connector = quietConnector(peer.config);
  const errors: string[] = [];
  const done = called<void>();
  let calls = 0;
  connector
    .onError((error) => void errors.push(String(error)))
    .onDm(() => {
      throw new Error('thrown');
    })
    .onDm(async () => Promise.reject(new Error('rejected')))
    .onDm(() => {
      if (++calls === 2) done.call();
    });
  await connector.connect();
  await done.promise;
  await connector.disconnect();
  assert.equal(errors.filter((error) => error === 'Error: thrown').length, 2);
  assert.equal(errors.filter((error) => error === 'Error: rejected').length, 2);
  assert.equal(errors.length, 4);
});

test('without onError what a callback throws becomes a warning of the process', async () => {
  await using peer = await saying('[DM from alice]: one');
  const connector = quietConnector(peer.config);
  connector.onDm(() => {
    throw new Error('nobody listens');
  });
  const warned = once(process, 'warning');
  await connector.connect();
  const [warning] = (await warned) as [Error];
  assert.equal(warning.message, 'nobody listens');
  assert.match(String(Reflect.get(warning, 'detail')), /callbacks\.test/, 'with the stack');
  await connector.disconnect();
});

test('what is no function is refused when it is registered', () => {
  const connector = quietConnector({});
  assert.throws(() => connector.onDm(undefined as never), TypeError);
});

test('a callback may throw anything, and be rejected by any thenable', async () => {
  await using peer = await saying('[DM from alice]: one');
  const connector = quietConnector(peer.config);
  const errors: unknown[] = [];
  const done = called<void>();
  const odd: unknown = Object.create(null);
  connector
    .onError((error) => {
      errors.push(error);
      throw odd;
    })
    .onDm(() => {
      throw odd;
    })
    // oxlint-disable-next-line unicorn/no-thenable -- it is what is tested.
    .onDm(() => ({ then: (_: unknown, reject: (error: unknown) => void) => reject('thenable') }))
    .onDm(() => done.call());
  await connector.connect();
  await done.promise;
  await connector.disconnect();
  assert.deepEqual(errors, [odd, 'thenable']);
});

test('a signal takes a callback off', async () => {
  await using peer = await saying('[DM from alice]: one', '[DM from alice]: two', '[DM from alice]: three');
  const connector = quietConnector(peer.config);
  const off = new AbortController();
  const heard: string[] = [];
  const done = called<void>();
  connector
    .onDm(
      (_, message) => {
        heard.push(message);
        if (message === 'two') off.abort();
      },
      { signal: off.signal },
    )
    .onDm((_, message) => {
      if (message === 'three') done.call();
    })
    .onDm(() => heard.push('by a callback whose signal was aborted before'), { signal: AbortSignal.abort() });
  await connector.connect();
  await done.promise;
  await connector.disconnect();
  assert.deepEqual(heard, ['one', 'two']);
});

test('invalid UTF-8 in a message arrives as U+FFFD', async () => {
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    await connection.sayBytes(
      Buffer.concat([Buffer.from('[DM from alice]: a'), Buffer.of(0xff, 0x00, 0x1b)]),
    );
    await connection.hear();
    connection.end();
  });
  const connector = quietConnector(peer.config);
  const heard = called<string>();
  connector.onDm((_, message) => heard.call(message));
  await connector.connect();
  assert.equal(await heard.promise, 'a\uFFFD\0\x1b');
  await connector.disconnect();
});

test('nothing of a connector keeps the process alive after disconnect()', async () => {
  const peer = await saying();
  const before = openSockets();
  const connector = quietConnector({ ...peer.config, decoyTraffic: true });
  await connector.connect();
  await connector.disconnect();
  await Promise.all(peer.connections.map((connection) => connection.closed));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(openSockets() <= before);
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout'));
  await peer.close();
});

test('util.inspect shows no keys of a connected connector', async () => {
  const keys = called<string>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    keys.call(connection.sessionKeyHex);
    await connection.hear();
    connection.end();
  });
  const connector = quietConnector(peer.config);
  await connector.connect();
  const shown = inspect(connector, { depth: 20, showHidden: true }).replaceAll(/[\s]/g, '');
  const key = await keys.promise;
  assert.equal(key.length, 64);
  assert.ok(!shown.includes(key) && !shown.includes(key.replaceAll(/../g, '$& ').trim().replaceAll(' ', '')));
  assert.ok(!/KeyObject|privateKey/i.test(shown));
  await connector.disconnect();
});

test('await using disconnects at the end of the block', async () => {
  const peer = await saying();
  {
    await using connector = quietConnector(peer.config);
    await connector.connect();
  }
  await Promise.all(peer.connections.map((connection) => connection.closed));
  await peer.close();
});
