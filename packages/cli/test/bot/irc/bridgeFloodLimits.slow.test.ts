import test, { suite } from 'node:test';
import { BridgeScene } from './bridgeScene.js';
import { bothWays } from './bursts.js';
import { missing } from './ircServers.js';

// A server takes two to three lines a second: several minutes.
suite('1,000 lines each way, within the flood limits of the server', { concurrency: true }, () => {
  for (const ircd of ['ngircd', 'inspircd'] as const) {
    test(ircd, { skip: missing(ircd) }, async () => {
      const irc = 'burst = 10\nlines_per_second = 4\n';
      await using scene = await BridgeScene.open(ircd, { irc, ircd: { limited: true } });
      await bothWays(scene, 1000);
    });
  }
});
