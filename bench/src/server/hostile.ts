import { setTimeout as pause } from 'node:timers/promises';
import { quantile, type Figure } from '../measure/figure.js';
import type { Section } from '../section.js';
import type { AttackProcess } from './attackProcess.js';
import { crowdProcess, serverProcess } from './processes.js';
import { Remote } from './remote.js';
import type { Target } from './target.js';

/** How long a handshake may stay unfinished, and a little more. */
const HANDSHAKE_TIMEOUT_MS = 12_000;

/** The latency that an honest client sees during attacks; all limits are at their defaults. */
export const hostile: Section = {
  name: 'hostile',
  title: 'latency of an honest client during attacks, and the memory that they leave behind',
  isOnRequest: true,
  async run(_, step) {
    using serving = serverProcess();
    using honest = crowdProcess();
    using attacker = new Remote<AttackProcess>(new URL('attackProcess.js', import.meta.url));
    const target = await serving.call.start({});
    await honest.call.join(target, ['honest']);
    const figures: Figure[] = [];
    const attacks: readonly [string, (target: Target) => Promise<void>][] = [
      ['no attack', async () => pause(3000)],
      ['2,000 silent TLS connections', (to) => attacker.call.handshakeFlood(to, 2000)],
      ['1,000 connections that drip bytes', (to) => attacker.call.slowloris(to, 1000, 12)],
      ['2,000 times garbage', (to) => attacker.call.garbage(to, 2000)],
      ['10,000 connections that vanish', (to) => attacker.call.connectAndVanish(to, 10_000)],
    ];
    for (const [what, attack] of attacks) {
      step(what);
      const attackState = { isOver: false };
      const attacking = attack(target).then(() => (attackState.isOver = true));
      const times: number[] = [];
      while (!attackState.isOver) {
        times.push(...(await honest.call.latencies('honest', 10, 20)));
        await honest.call.comeAndGo(target, 1);
      }
      await attacking;
      figures.push({
        section: 'hostile',
        name: `p99, ${what}`,
        unit: 'ms',
        better: 'lower',
        values: [quantile(times, 0.99)],
      });
    }
    step('the end of unfinished handshakes');
    await pause(HANDSHAKE_TIMEOUT_MS);
    const { liveBytes } = await serving.call.usage();
    figures.push({
      section: 'hostile',
      name: 'memory in use afterwards',
      unit: 'MiB',
      better: 'lower',
      values: [liveBytes / 1_048_576],
    });
    return figures;
  },
};
