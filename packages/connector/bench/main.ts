import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { PaddingShape } from '@quietroom/protocol';
import { benchFiles } from './files.js';
import type { Load, Target } from './jobs.js';
import { targetOf, Worker } from './processes.js';

const HELP = `CPU time per message of the connector, beside bare TLS and AES-GCM in the same run.

  npm run bench                                        against a server of this repository
  npm run bench -- --host HOST --port PORT --cert PEM  against any other

  npm run bench -- files                               a file through a server of this repository

  --mebibytes N  size of the file; default 100
  --messages N   messages measured in each run; default 50000
  --runs N       runs of each kind, in turn; medians are printed, but of files each; default 5
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', default: 'localhost' },
    port: { type: 'string', default: '37842' },
    cert: { type: 'string' },
    messages: { type: 'string', default: '50000' },
    mebibytes: { type: 'string', default: '100' },
    runs: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});

const load: Load = { warmUp: 10_000, messages: Number(values.messages) };
const runs = Number(values.runs);

/** A server of our own with this padding, or the one that was named. */
async function withServer<T>(padding: PaddingShape, use: (target: Target) => Promise<T>): Promise<T> {
  if (values.cert !== undefined) {
    const cert = readFileSync(values.cert, 'utf8');
    return use({ host: values.host, port: Number(values.port), cert });
  }
  using server = new Worker({ role: 'server', padding });
  return await use(await targetOf(server));
}

/** From the server that was named; without one, from a server that does nothing but send. */
async function receive(padding: PaddingShape): Promise<number> {
  if (values.cert === undefined) {
    using server = new Worker({ role: 'flood', padding, ...load });
    using receiver = new Worker({ role: 'receive', target: await targetOf(server), name: 'sink', ...load });
    return await receiver.done;
  }
  return withServer(padding, async (target) => {
    using receiver = new Worker({ role: 'receive', target, name: 'sink', ...load });
    await receiver.ready;
    using source = new Worker({ role: 'source', target, to: 'sink', ...load });
    await source.ready;
    source.go();
    return await receiver.done;
  });
}

async function send(padding: PaddingShape): Promise<number> {
  return withServer(padding, async (target) => {
    using sink = new Worker({ role: 'sink', target, name: 'sink' });
    await sink.ready;
    using sender = new Worker({ role: 'send', target, to: 'sink', padding, ...load });
    await sender.ready;
    sender.go();
    return await sender.done;
  });
}

async function bareReceive(padding: PaddingShape): Promise<number> {
  using server = new Worker({ role: 'bareServer', answers: false, padding, ...load });
  using receiver = new Worker({ role: 'bareReceive', target: await targetOf(server), ...load });
  await receiver.ready;
  receiver.go();
  return await receiver.done;
}

async function bareSend(padding: PaddingShape): Promise<number> {
  using server = new Worker({ role: 'bareServer', answers: true, padding, ...load });
  using sender = new Worker({ role: 'bareSend', target: await targetOf(server), padding, ...load });
  await sender.ready;
  sender.go();
  return await sender.done;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs both kinds in turn, so that a change of the machine's speed meets both. */
async function compare(
  name: string,
  ours: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<void> {
  const pairs: { ours: number; floor: number }[] = [];
  for (let run = 0; run < runs; run++) pairs.push({ ours: await ours(), floor: await floor() });
  const perMessage = (kind: 'ours' | 'floor'): string =>
    (median(pairs.map((pair) => pair[kind])) / load.messages).toFixed(2).padStart(9);
  const ratio = median(pairs.map((pair) => pair.ours / pair.floor)).toFixed(2);
  console.log(`${name.padEnd(38)}${perMessage('ours')}${perMessage('floor')}${ratio.padStart(8)}`);
}

if (values.help) {
  console.log(HELP);
} else if (positionals[0] === 'files') {
  await benchFiles(Number(values.mebibytes), runs);
} else {
  console.log(`CPU microseconds per message, medians of ${runs} runs of ${load.messages} direct messages`);
  console.log(`${''.padEnd(38)}${'connector'.padStart(9)}${'floor'.padStart(9)}${'ratio'.padStart(8)}`);
  for (const padding of ['uniform', 'random'] as const) {
    await compare(
      `receive, ${padding} padding`,
      () => receive(padding),
      () => bareReceive(padding),
    );
    await compare(
      `send and take the echo, ${padding} padding`,
      () => send(padding),
      () => bareSend(padding),
    );
  }
}
