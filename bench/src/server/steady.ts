import { setTimeout as pause } from 'node:timers/promises';
import type { Section } from '../section.js';
import { cpuOf, crowdProcess, names, OPEN_LIMITS, serverProcess } from './processes.js';

const CLIENTS = 1000;
const WATCHED_SECONDS = 5;

/** The most that a cell may cost, in times of bare TLS doing the same in the same run. */
const MAX_RATIO = 1.6;

/** The cost of clients that are sent a cell per second, beside bare TLS doing the same. */
export const steady: Section = {
  name: 'steady',
  title: `the server's CPU time for ${CLIENTS} clients in steady mode, a cell per second each`,
  isOnRequest: true,
  async run({ runs }, step) {
    using serving = serverProcess();
    using bare = serverProcess();
    using crowd = crowdProcess();
    using bareCrowd = crowdProcess();
    step(`${CLIENTS} logins`);
    const target = await serving.call.start({ ...OPEN_LIMITS, cover: 'steady' });
    await crowd.call.join(target, names('steady', CLIENTS));
    const bareTarget = await bare.call.startBare();
    await bareCrowd.call.joinBare(bareTarget, CLIENTS);
    const values: number[] = [];
    const floors: number[] = [];
    for (let run = 0; run < runs; run++) {
      step(`run ${run + 1}`);
      const cpu = await cpuOf(serving, () => pause(WATCHED_SECONDS * 1000));
      values.push(cpu / (CLIENTS * WATCHED_SECONDS));
      floors.push(await bare.call.trickleBare(WATCHED_SECONDS));
    }
    return [
      {
        section: 'steady',
        name: `a cell, ${CLIENTS} clients`,
        unit: 'µs',
        better: 'lower',
        values,
        floors,
        maxRatio: MAX_RATIO,
      },
    ];
  },
};
