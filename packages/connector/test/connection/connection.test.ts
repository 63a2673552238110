import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Channel, Session, type Transport } from '@quietroom/protocol';
import { FakeClock, firstIdentity } from '@quietroom/testing';
import { Connection } from '#src/connection/connection.js';
import { StatsRecorder } from '#src/observe/stats.js';
import { resolveConfig } from '#src/options/config.js';

/** A connection whose transport records when it is told to read or not. */
function openConnection() {
  const reading: string[] = [];
  const transport: Transport = {
    start: () => {},
    write: () => {},
    pause: () => void reading.push('pause'),
    resume: () => void reading.push('resume'),
    end: () => {},
    destroy: () => {},
  };
  const clock = new FakeClock();
  const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;
  const channel = new Channel(new Session({ role: 'client', pinnedKey }), transport);
  const config = resolveConfig({ clock, decoyTraffic: false });
  return { reading, connection: new Connection(channel, config, new StatsRecorder(clock), 'tester', []) };
}

const KIB = 1024;

test('after 64 KiB in one turn of the event loop nothing more is read until the next', async () => {
  const { reading, connection } = openConnection();
  for (let count = 0; count < 3; count++) connection.received(16 * KIB);
  assert.deepEqual(reading, []);
  for (let count = 0; count < 5; count++) connection.received(16 * KIB);
  assert.deepEqual(reading, ['pause']);
  await turn();
  assert.deepEqual(reading, ['pause', 'resume']);
  connection.received(63 * KIB);
  assert.deepEqual(reading, ['pause', 'resume']);
});

test('a pause that the owner asked for is not ended by the next turn', async () => {
  const { reading, connection } = openConnection();
  connection.received(64 * KIB);
  connection.pauseReading();
  await turn();
  assert.deepEqual(reading, ['pause', 'pause']);
  connection.resumeReading();
  assert.deepEqual(reading.at(-1), 'resume');
});
