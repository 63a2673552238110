import { setTimeout as pause } from 'node:timers/promises';
import type { Section } from '../section.js';
import { cpuOf, crowdProcess, names, OPEN_LIMITS, serverProcess } from './processes.js';

const CLIENTS = 500;

/** Logged in before the memory is measured, so that what the server allocates once does not count. */
const FIRST_CLIENTS = 100;

const WATCHED_SECONDS = 5;

/** The cost of clients that only receive decoys. */
export const idle: Section = {
  name: 'idle',
  title: `the server's memory and CPU time for ${CLIENTS} idle clients, with decoys every 30 s`,
  async run(_, step) {
    using serving = serverProcess();
    using first = crowdProcess();
    using others = crowdProcess();
    step(`${CLIENTS} logins`);
    const target = await serving.call.start({ ...OPEN_LIMITS, decoyTraffic: true });
    await first.call.join(target, names('first', FIRST_CLIENTS));
    const before = await serving.call.usage();
    await others.call.join(target, names('idle', CLIENTS));
    const after = await serving.call.usage();
    step(`${WATCHED_SECONDS} s of idling`);
    const cpu = await cpuOf(serving, () => pause(WATCHED_SECONDS * 1000));
    return [
      {
        section: 'idle',
        name: 'memory per idle client',
        unit: 'KiB',
        better: 'lower',
        values: [(after.rssBytes - before.rssBytes) / CLIENTS / 1024],
      },
      {
        section: 'idle',
        name: `CPU time per second, ${CLIENTS + FIRST_CLIENTS} idle clients`,
        unit: 'ms',
        better: 'lower',
        values: [cpu / 1000 / WATCHED_SECONDS],
      },
    ];
  },
};
