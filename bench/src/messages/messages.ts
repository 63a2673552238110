import type { PaddingShape } from '@quietroom/protocol';
import type { Figure } from '../measure/figure.js';
import type { BenchOptions, Section } from '../section.js';
import { targetOf, Worker, type Target } from '../measure/workerProcess.js';
import type { Job, Load } from './jobs.js';

const WARM_UP = 10_000;

/** Messages of the run in which allocations are sampled; sampling slows a process, so no CPU time is measured then. */
const SAMPLED_MESSAGES = 20_000;

/** What one message costs the connector, beside a TLS record of the same size with one AES-GCM operation each way. */
export const messages: Section = {
  name: 'messages',
  title: 'CPU time and memory per direct message that the connector receives or sends',
  async run(options, step) {
    const figures: Figure[] = [];
    for (const padding of ['uniform', 'random'] as const) {
      for (const kind of ['receive', 'send and echo'] as const) {
        const bench = new MessageBench(padding, options);
        const name = `${kind}, ${padding} padding`;
        step(name);
        figures.push(await cpuFigure(name, bench, kind, options));
        figures.push(await bytesFigure(name, bench, kind));
      }
    }
    return figures;
  },
};

type Kind = 'receive' | 'send and echo';

/** Ours and the floor in turn, so that a change of the machine's speed meets both. */
async function cpuFigure(
  name: string,
  bench: MessageBench,
  kind: Kind,
  { runs, messages: count }: BenchOptions,
): Promise<Figure> {
  const load = { warmUp: WARM_UP, messages: count };
  const values: number[] = [];
  const floors: number[] = [];
  for (let run = 0; run < runs; run++) {
    const ours = kind === 'receive' ? bench.receive(load) : bench.send(load);
    values.push((await ours) / count);
    const floor = kind === 'receive' ? bench.bareReceive(load) : bench.bareSend(load);
    floors.push((await floor) / count);
  }
  return { section: 'messages', name, unit: 'µs', better: 'lower', values, floors };
}

async function bytesFigure(name: string, bench: MessageBench, kind: Kind): Promise<Figure> {
  const load = { warmUp: WARM_UP, messages: SAMPLED_MESSAGES, sampleAllocations: true };
  const bytes = kind === 'receive' ? await bench.receive(load) : await bench.send(load);
  const values = [bytes / SAMPLED_MESSAGES];
  return { section: 'messages', name: `${name}: allocated`, unit: 'bytes', better: 'lower', values };
}

/** One kind of padding, against one server. Each measurement resolves with what the load's meter counted. */
class MessageBench {
  readonly #padding: PaddingShape;
  readonly #server: Target | undefined;

  constructor(padding: PaddingShape, { server }: BenchOptions) {
    this.#padding = padding;
    this.#server = server && { host: server.host, port: server.port, cert: server.certPem };
  }

  /** Receives from the named server; without one, from a server that does nothing but send. */
  async receive(load: Load): Promise<number> {
    const name = 'sink';
    if (this.#server === undefined) {
      using flood = worker({ role: 'flood', padding: this.#padding, ...load });
      using receiver = worker({ role: 'receive', target: await targetOf(flood), name, ...load });
      return await receiver.done;
    }
    using receiver = worker({ role: 'receive', target: this.#server, name, ...load });
    await receiver.ready;
    using source = worker({ role: 'source', target: this.#server, to: name, ...load });
    await source.ready;
    source.go();
    return await receiver.done;
  }

  async send(load: Load): Promise<number> {
    if (this.#server !== undefined) return this.#sendTo(this.#server, load);
    using server = worker({ role: 'server', padding: this.#padding });
    return await this.#sendTo(await targetOf(server), load);
  }

  async bareReceive(load: Load): Promise<number> {
    using server = worker({ role: 'bareServer', answers: false, padding: this.#padding, ...load });
    return await measured({ role: 'bareReceive', target: await targetOf(server), ...load });
  }

  async bareSend(load: Load): Promise<number> {
    using server = worker({ role: 'bareServer', answers: true, padding: this.#padding, ...load });
    return await measured({
      role: 'bareSend',
      target: await targetOf(server),
      padding: this.#padding,
      ...load,
    });
  }

  async #sendTo(target: Target, load: Load): Promise<number> {
    using sink = worker({ role: 'sink', target, name: 'sink' });
    await sink.ready;
    return await measured({ role: 'send', target, to: 'sink', padding: this.#padding, ...load });
  }
}

function worker(job: Job): Worker {
  return new Worker(new URL('worker.js', import.meta.url), job);
}

async function measured(job: Job): Promise<number> {
  using measuring = worker(job);
  await measuring.ready;
  measuring.go();
  return await measuring.done;
}
