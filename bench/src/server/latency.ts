import { quantile, type Figure } from '../measure/figure.js';
import type { Section } from '../section.js';
import { crowdProcess, names, OPEN_LIMITS, serverProcess } from './processes.js';

const CLIENTS = 100;

/** Milliseconds between the messages of the sender. */
const INTERVALS_MS = [100, 20, 10, 5];

const SECONDS_PER_RATE = 2;

/** The time from the sending of a message until a client has it, at several rates. */
export const latency: Section = {
  name: 'latency',
  title: `time from sending a message until each of ${CLIENTS} clients has it, at several rates`,
  async run(_, step) {
    using serving = serverProcess();
    using clients = crowdProcess();
    const target = await serving.call.start(OPEN_LIMITS);
    await clients.call.join(target, names('client', CLIENTS));
    await clients.call.latencies('client0', 50, 10);
    const figures: Figure[] = [];
    for (const everyMs of INTERVALS_MS) {
      const rate = 1000 / everyMs;
      step(`${rate} messages per second`);
      const times = await clients.call.latencies('client0', rate * SECONDS_PER_RATE, everyMs);
      for (const [label, part] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const) {
        figures.push({
          section: 'latency',
          name: `${label}, ${rate * CLIENTS} deliveries/s`,
          unit: 'ms',
          better: 'lower',
          values: [quantile(times, part)],
        });
      }
    }
    return figures;
  },
};
