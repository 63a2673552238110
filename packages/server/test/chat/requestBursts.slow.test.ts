import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

for (const padding of ['uniform', 'random'] as const) {
  test(`Of 20,000 direct messages in a burst none is lost, with padding ${padding}`, async (t) => {
    const server = await startServer(t, { padding, messageBurst: 100_000 });
    const sender = await WireClient.login(server, 'sender');
    const recipient = await WireClient.login(server, 'recipient');
    for (const client of [sender, recipient]) client.forget();
    const messages = Array.from({ length: 20_000 }, (_, index) => `message ${index}`);
    for (const message of messages) sender.send(`/msg recipient ${message}`);
    // The notice that the recipient came may still be on its way to the sender.
    await Promise.all([sender.settle(), recipient.count(messages.length)]);
    assert.deepEqual(
      recipient.received,
      messages.map((message) => `[DM from sender]: ${message}`),
    );
    assert.deepEqual(
      sender.received.filter((text) => text.startsWith('[DM')),
      messages.map((message) => `[DM to recipient]: ${message}`),
    );
  });
}
