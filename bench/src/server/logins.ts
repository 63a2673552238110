import type { Section } from '../section.js';
import { cpuOf, crowdProcess, OPEN_LIMITS, serverProcess } from './processes.js';

const LOGINS_PER_RUN = 200;
const WARM_UP = 20;

/** The server's CPU time for a client that connects, logs in and leaves. */
export const logins: Section = {
  name: 'logins',
  title: "the server's CPU time per connection, beside its two RSA-4096 signatures",
  async run({ runs }, step) {
    const values: number[] = [];
    const floors: number[] = [];
    for (let run = 1; run <= runs; run++) {
      step(`${LOGINS_PER_RUN} logins, run ${run} of ${runs}`);
      using serving = serverProcess();
      using guests = crowdProcess();
      const target = await serving.call.start(OPEN_LIMITS);
      await guests.call.comeAndGo(target, WARM_UP);
      const cpu = await cpuOf(serving, () => guests.call.comeAndGo(target, LOGINS_PER_RUN));
      values.push(cpu / LOGINS_PER_RUN / 1000);
      floors.push((await serving.call.signatures(100)) / 1000);
    }
    return [
      { section: 'logins', name: 'connection, login and end', unit: 'ms', better: 'lower', values, floors },
    ];
  },
};
