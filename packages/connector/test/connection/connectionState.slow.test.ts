import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { ScriptedPeer } from '@quietroom/testing';
import { logIn, openSockets, skipPauses, until } from '../fixtures.js';
import { watched } from './reconnecting.js';

test('1,000 connections in a row leave no listener, timer or socket behind', async () => {
  const peer = await ScriptedPeer.start(async (connection) => {
    await logIn(connection);
    // As a server that is killed: no farewell.
    if (peer.connections.length <= 1000) connection.cut();
    else await connection.hear();
    connection.end();
  });
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const { connector, clock, drops } = watched(peer, { decoyTraffic: true, livenessInterval: 45 });
  skipPauses(connector, clock);
  const socketsBefore = openSockets();
  const stop = new AbortController();
  await connector.connect({ signal: stop.signal });
  await until(() => drops.length === 1000 && connector.isConnected);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
  assert.equal(clock.pending, 2, 'decoys and liveness of the one connection');
  peer.connections.splice(0, 1000);
  await connector.disconnect();
  await until(() => openSockets() <= socketsBefore);
  assert.equal(clock.pending, 0);
  assert.equal(connector.stats().connections, 1001);
  process.off('warning', note);
  assert.deepEqual(warnings, []);
  await peer.close();
});
