import test, { suite } from 'node:test';
import { BridgeScene } from './bridgeScene.js';
import { bothWays, throughBridgeRestart, throughChatRestart, throughIrcRestart } from './bursts.js';
import { missing } from './ircServers.js';

const LINES = 100;

suite(`${LINES} lines and ngircd`, { skip: missing('ngircd') }, () => {
  test('each way at once, with TLS', async () => {
    await using scene = await BridgeScene.open('ngircd', { tls: true });
    await bothWays(scene, LINES);
  });

  test('through a restart of the IRC server', async () => {
    await using scene = await BridgeScene.open('ngircd');
    await throughIrcRestart(scene, LINES);
  });

  test('through a restart of the bridge', async () => {
    await using scene = await BridgeScene.open('ngircd');
    await throughBridgeRestart(scene, LINES);
  });
});

suite(`${LINES} lines and inspircd`, { skip: missing('inspircd') }, () => {
  test('12 lines each way, within the flood limits of the server', async () => {
    await using scene = await BridgeScene.open('inspircd', { irc: '', ircd: { limited: true } });
    await bothWays(scene, 12);
  });

  test('through a restart of the IRC server, with TLS', async () => {
    await using scene = await BridgeScene.open('inspircd', { tls: true });
    await throughIrcRestart(scene, LINES);
  });

  test('through a restart of the chat server', async () => {
    await using scene = await BridgeScene.open('inspircd');
    await throughChatRestart(scene, LINES);
  });
});
