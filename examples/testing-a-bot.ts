// Tests a bot against a server in the same process.
//   node --test examples/dist/testing-a-bot.js
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import { QuietRoomConnector } from 'quietroom-connector';

test('The bot answers, and knows when its connection is cut', async (t) => {
  const server = await QuietRoomServer.start({ port: 0 });
  t.after(() => server.close());
  const config = { serverHost: server.host, serverPort: server.port, cert: server.certPem };
  const bot = new QuietRoomConnector({ ...config, username: 'bot' });
  const alice = new QuietRoomConnector({ ...config, username: 'alice' });
  bot.onDm((sender, message) => bot.sendDm(sender, `Echo: ${message}`));
  const isCut = new Promise((resolve) => bot.onDisconnect(resolve));
  const answer = new Promise((resolve) => alice.onDm((_, message) => resolve(message)));
  await Promise.all([bot.connect(), alice.connect()]);
  await alice.sendDm('bot', 'hello');
  assert.equal(await answer, 'Echo: hello');
  server.faults.cut('bot');
  assert.ok((await isCut) instanceof Error);
  await alice.disconnect();
});
