import test, { suite } from 'node:test';
import { BridgeScene } from './bridgeScene.js';
import { bothWays } from './bursts.js';
import { missing } from './ircServers.js';

// ngircd takes about three lines a second, and inspircd about one: several minutes.
const LINES = { ngircd: 1000, inspircd: 250 } as const;

suite('lines each way, within the flood limits of the server', { concurrency: true }, () => {
  for (const ircd of ['ngircd', 'inspircd'] as const) {
    const lines = LINES[ircd];
    test(`${lines} and ${ircd}`, { skip: missing(ircd) }, async () => {
      const irc = 'burst = 10\nlines_per_second = 4\n';
      await using scene = await BridgeScene.open(ircd, { irc, ircd: { limited: true } });
      await bothWays(scene, lines);
    });
  }
});
