import type { Figure } from '../measure/figure.js';
import type { Section } from '../section.js';
import { cpuOf, crowdProcess, names, OPEN_LIMITS, serverProcess } from './processes.js';

/** Clients in the lobby. */
const CROWDS = [10, 50, 200];

const DELIVERIES_PER_RUN = 50_000;

/** Messages with a write of its own for each delivery. */
const SINGLE_MESSAGES = 100;

/** The server's CPU time for passing a message to one client, by the number of clients. */
export const deliveries: Section = {
  name: 'deliveries',
  title: "the server's CPU time per delivery to clients in the lobby, beside bare TLS and AES-GCM",
  async run({ runs }, step) {
    const figures: Figure[] = [];
    for (const clients of CROWDS) {
      const burst: number[] = [];
      const single: number[] = [];
      const floors: number[] = [];
      for (let run = 1; run <= runs; run++) {
        step(`${clients} clients, run ${run} of ${runs}`);
        const messages = DELIVERIES_PER_RUN / clients;
        const measured = await measureServer(clients, messages);
        burst.push(measured.burst);
        single.push(measured.single);
        floors.push(await measureFloor(clients, messages));
      }
      const of = (name: string, values: number[], bare?: number[]): Figure => ({
        section: 'deliveries',
        name: `${name}, ${clients} clients`,
        unit: 'µs',
        better: 'lower',
        values,
        ...(bare && { floors: bare }),
      });
      figures.push(of('delivery in a burst', burst, floors));
      figures.push(of('delivery of a single message', single));
    }
    return figures;
  },
};

async function measureServer(clients: number, messages: number): Promise<{ burst: number; single: number }> {
  using serving = serverProcess();
  using listening = crowdProcess();
  const target = await serving.call.start(OPEN_LIMITS);
  await listening.call.join(target, names('client', clients));
  const sendAll = async (): Promise<void> => {
    const received = listening.call.hearAll(messages);
    await listening.call.burst('client0', messages);
    const wrong = await received;
    if (wrong > 0) throw new Error(`${wrong} messages came out of order or not at all.`);
  };
  await sendAll();
  const burst = await cpuOf(serving, sendAll);
  const single = await cpuOf(serving, () => listening.call.sayOneByOne(target, SINGLE_MESSAGES));
  return { burst: burst / (clients * messages), single: single / ((clients + 1) * SINGLE_MESSAGES) };
}

async function measureFloor(clients: number, messages: number): Promise<number> {
  using bare = serverProcess();
  using listening = crowdProcess();
  await listening.call.joinBare(await bare.call.startBare(), clients);
  await bare.call.floodBare(messages);
  return await bare.call.floodBare(messages);
}
