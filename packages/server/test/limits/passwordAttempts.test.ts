import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const WRONG = 'Incorrect password for room #vault';
const LOCKED = '*** Too many wrong passwords. Try again in 10 minutes. ***';

async function startVault(t: Parameters<typeof startServer>[0], options = {}) {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false, idleTimeout: 1_000_000, ...options });
  const owner = await WireClient.login(server, 'owner');
  await owner.ask('/join #vault secret');
  return { clock, server, owner };
}

/** Sends a try and lets its delay pass; gives the answers. */
async function guess(
  clock: FakeClock,
  client: WireClient,
  password: string,
  delayMs: number,
): Promise<string[]> {
  const before = client.received.length;
  const pending = clock.pending;
  client.send(`/join #vault ${password}`);
  if (delayMs > 0) {
    while (clock.pending === pending) await new Promise(setImmediate);
    clock.advance(delayMs - 1);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    assert.equal(client.received.length, before, 'the answer waits');
    clock.advance(1);
  }
  await client.settle();
  return client.received.slice(before);
}

test('Wrong passwords are answered later and later, then refused unchecked, then forgiven', async (t) => {
  const { clock, server } = await startVault(t);
  const guesser = await WireClient.login(server, 'guesser');
  for (const delayMs of [0, 1000, 2000, 4000, 8000]) {
    assert.deepEqual(await guess(clock, guesser, 'guess', delayMs), [WRONG]);
  }
  assert.deepEqual(await guess(clock, guesser, 'secret', 0), [LOCKED, WRONG]);
  clock.advance(600_000 - 8000 - 1);
  assert.deepEqual(await guess(clock, guesser, 'secret', 0), [LOCKED, WRONG]);
  clock.advance(8001);
  assert.equal((await guess(clock, guesser, 'secret', 0))[0], 'Joined room #vault');
  const { refused } = server.stats();
  assert.deepEqual([refused.passwordWrong, refused.passwordTries], [5, 2]);
});

test('A right password makes up for the wrong ones before it', async (t) => {
  const { clock, server } = await startVault(t);
  const clumsy = await WireClient.login(server, 'clumsy');
  await guess(clock, clumsy, 'sceret', 0);
  assert.equal((await guess(clock, clumsy, 'secret', 1000))[0], 'Joined room #vault');
  for (const delayMs of [0, 1000]) assert.deepEqual(await guess(clock, clumsy, 'x', delayMs), [WRONG]);
});

test('One guesser keeps neither others nor other rooms from their passwords', async (t) => {
  const { clock, server, owner } = await startVault(t, { passwordTries: 1 });
  await owner.ask('/join #other secret');
  const guesser = await WireClient.login(server, 'guesser');
  await guess(clock, guesser, 'guess', 0);
  assert.deepEqual(await guess(clock, guesser, 'guess', 0), [LOCKED, WRONG]);
  assert.equal((await guesser.ask('/join #other secret'))[0], 'Joined room #other');
  const honest = await WireClient.login(server, 'honest');
  assert.equal((await guess(clock, honest, 'secret', 0))[0], 'Joined room #vault');
});

test('Coming back under another name does not help a guesser for long', async (t) => {
  const { clock, server } = await startVault(t, { passwordTriesPerAddress: 4 });
  for (let round = 0; round < 4; round++) {
    const guesser = await WireClient.login(server, `guesser${round}`);
    assert.deepEqual(await guess(clock, guesser, 'guess', 0), [WRONG]);
  }
  const last = await WireClient.login(server, 'last');
  assert.deepEqual(await guess(clock, last, 'secret', 0), [LOCKED, WRONG]);
  clock.advance(600_000);
  assert.equal((await guess(clock, last, 'secret', 0))[0], 'Joined room #vault');
});

test('Tries at the same time count, too', async (t) => {
  const { server } = await startVault(t, { passwordTriesPerAddress: 3 });
  const guessers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => WireClient.login(server, `guesser${index}`)),
  );
  for (const guesser of guessers) guesser.send('/join #vault guess');
  await Promise.all(guessers.map((guesser) => guesser.settle()));
  assert.deepEqual(server.stats().refused.passwordWrong, 3);
  assert.deepEqual(server.stats().refused.passwordTries, 3);
});

test('A guesser who goes while an answer waits leaves no timer', async (t) => {
  const { clock, server, owner } = await startVault(t);
  const guesser = await WireClient.login(server, 'guesser');
  await guess(clock, guesser, 'guess', 0);
  const pending = clock.pending;
  guesser.send('/join #vault guess');
  while (clock.pending === pending) await new Promise(setImmediate);
  guesser.tcp.resetAndDestroy();
  await owner.until('*** guesser left the chat ***');
  assert.equal(clock.pending, pending);
});
