import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { Chat } from '#src/chat/chat.js';
import { Counters } from '#src/observe/counters.js';
import { CurrentOptions } from '#src/options/currentOptions.js';
import { resolveOptions } from '#src/options/options.js';
import { Rejections } from '#src/observe/rejections.js';
import { ServerEvents } from '#src/observe/events.js';
import { Moderation } from '#src/admin/moderation.js';
import type { User } from '#src/users/user.js';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

test('A message for many is put into bytes once', () => {
  const chat = new Chat({
    protocolVersion: '1.2',
    clock: new FakeClock(),
    date: () => new Date(),
    options: new CurrentOptions(resolveOptions({})),
    log: () => {},
    counters: new Counters(),
    rejections: new Rejections(() => {}),
    events: new ServerEvents(() => {}),
    moderation: new Moderation(new FakeClock(), () => new Date()),
  });
  const sent: Uint8Array[] = [];
  const users = Array.from({ length: 50 }, (_, index): User => {
    return {
      name: `user${index}`,
      address: '127.0.0.1',
      isOnline: true,
      send: (bytes) => sent.push(bytes),
      sendFile: () => {},
      fileBytesWaiting: 0,
      holdReading: () => {},
      releaseReading: () => {},
      beSteady: () => undefined,
      fileBegins: () => {},
      fileIsOver: () => {},
      pause: () => Promise.resolve(),
      quit: () => {},
    };
  });
  for (const user of users) chat.enter(user);
  sent.length = 0;
  const [first] = users;
  assert.ok(first);
  void chat.handle(first, 'hello');
  assert.equal(sent.length, 50);
  assert.equal(new Set(sent).size, 1);
});

test('Of 300 messages at once to 40 clients in the lobby none is lost, and the order is one for all', async (t) => {
  const server = await startServer(t, { messageBurst: 10_000, date: () => new Date(2026, 0, 1) });
  const clients = await Promise.all(
    Array.from({ length: 40 }, (_, index) => WireClient.login(server, `client${index}`)),
  );
  await Promise.all(clients.map((client) => client.settle()));
  for (const client of clients) client.forget();
  const [first, second] = clients;
  for (let index = 0; index < 150; index++) {
    first?.send(`a${index}`);
    second?.send(`b${index}`);
  }
  await Promise.all(clients.map((client) => client.count(300)));
  const heard = first?.received ?? [];
  for (const name of ['client0: a', 'client1: b']) {
    assert.deepEqual(
      heard.filter((text) => text.includes(name)),
      Array.from({ length: 150 }, (_, index) => `[00:00:00] ${name}${index}`),
    );
  }
  for (const client of clients) assert.deepEqual(client.received, heard);
});
