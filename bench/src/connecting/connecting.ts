import { targetOf, Worker } from '../measure/workerProcess.js';
import type { Section } from '../section.js';
import type { ConnectJob } from './connectWorker.js';

const CONNECTIONS_PER_RUN = 100;

/** The CPU time of connecting, logging in and leaving. */
export const connecting: Section = {
  name: 'connecting',
  title: 'CPU time of connect() and disconnect(), beside TLS 1.3, one key exchange and one signature check',
  async run({ runs, server: named }, step) {
    using own = named ? undefined : worker({ role: 'server' });
    const target = named
      ? { host: named.host, port: named.port, cert: named.certPem }
      : own && (await targetOf(own));
    if (!target) throw new Error('There is no server.');
    const values: number[] = [];
    const floors: number[] = [];
    const times = CONNECTIONS_PER_RUN;
    for (let run = 1; run <= runs; run++) {
      step(`${times} connections, run ${run} of ${runs}`);
      values.push((await measured({ role: 'connect', target, times })) / times / 1000);
      floors.push((await measured({ role: 'bareConnect', target, times })) / times / 1000);
    }
    return [
      { section: 'connecting', name: 'connect and disconnect', unit: 'ms', better: 'lower', values, floors },
    ];
  },
};

function worker(job: ConnectJob): Worker {
  return new Worker(new URL('connectWorker.js', import.meta.url), job);
}

async function measured(job: ConnectJob): Promise<number> {
  using measuring = worker(job);
  await measuring.ready;
  measuring.go();
  return await measuring.done;
}
