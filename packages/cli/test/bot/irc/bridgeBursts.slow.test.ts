import test, { suite } from 'node:test';
import { BridgeScene } from './bridgeScene.js';
import { bothWays, throughBridgeRestart, throughChatRestart, throughIrcRestart } from './bursts.js';
import { missing } from './ircServers.js';

const LINES = 1000;

for (const ircd of ['ngircd', 'inspircd'] as const) {
  suite(`1,000 lines and ${ircd}`, { skip: missing(ircd) }, () => {
    for (const tls of [false, true]) {
      test(`each way at once, ${tls ? 'with' : 'without'} TLS`, async () => {
        await using scene = await BridgeScene.open(ircd, { tls });
        await bothWays(scene, LINES);
      });
    }

    test('through a restart of the IRC server', async () => {
      await using scene = await BridgeScene.open(ircd, { tls: true });
      await throughIrcRestart(scene, LINES);
    });

    test('through a restart of the chat server', async () => {
      await using scene = await BridgeScene.open(ircd);
      await throughChatRestart(scene, LINES);
    });

    test('through a restart of the bridge', async () => {
      await using scene = await BridgeScene.open(ircd);
      await throughBridgeRestart(scene, LINES);
    });
  });
}
