import { kilobytes, latency, line, median, megabytes } from './figures.js';
import type { FileProcess } from './fileProcess.js';
import { Remote } from './remote.js';
import type { ServerProcess } from './serverProcess.js';
import type { Target } from './target.js';

const FILE_BYTES = 100 * 1024 * 1024;

interface Figure {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly growthBytes: number;
}

const serverProcess = (): Remote<ServerProcess> => new Remote('serverProcess.js');
const fileProcess = (): Remote<FileProcess> => new Remote('fileProcess.js');

/** What a relay of 100 MiB costs, and what others notice of it. */
export async function files(runs: number): Promise<void> {
  console.log('\nFiles: 100 MiB from one client to another, each in a process of its own');
  const relayed: Figure[] = [];
  const bare: Figure[] = [];
  const bareCells: Figure[] = [];
  for (let run = 0; run < runs; run++) {
    relayed.push(await relay());
    bare.push(await bareRelay(16_384));
    bareCells.push(await bareRelay(512));
  }
  const rate = (figures: readonly Figure[]): number =>
    median(figures.map(({ seconds }) => FILE_BYTES / 1e6 / seconds));
  const cpu = (figures: readonly Figure[]): number => median(figures.map(({ cpuSeconds }) => cpuSeconds));
  const show = (figures: readonly Figure[]): string =>
    `${rate(figures).toFixed(0)} MB/s, ${(cpu(figures) * 1000).toFixed(0)} ms of the server's CPU`;
  line('our server', show(relayed));
  line('bare TLS copy in Node, records of 16 KiB, in the same run', show(bare));
  line('the same with records of 512 bytes, as 1.x readers need', show(bareCells));
  line(
    'CPU, ratios to these two',
    `${(cpu(relayed) / cpu(bare)).toFixed(2)}, ${(cpu(relayed) / cpu(bareCells)).toFixed(2)}`,
  );
  const growth = Math.max(...relayed.map(({ growthBytes }) => growthBytes));
  line('most that the memory of the server grew meanwhile', megabytes(growth));
  await delays();
}

async function relay(): Promise<Figure> {
  using serving = serverProcess();
  using sender = fileProcess();
  using recipient = fileProcess();
  const target = await serving.call.start({ decoyTraffic: false });
  await sender.call.login(target, 'sender');
  await recipient.call.login(target, 'recipient');
  // A first one for the compiler and the allocator.
  const first = recipient.call.receive();
  await sender.call.send('recipient', FILE_BYTES);
  await first;
  return await measured(serving, async () => {
    const received = recipient.call.receive();
    const seconds = await sender.call.send('recipient', FILE_BYTES);
    if ((await received) !== FILE_BYTES) throw new Error('The file did not arrive whole.');
    return seconds;
  });
}

async function bareRelay(recordBytes: number): Promise<Figure> {
  using serving = serverProcess();
  using sender = fileProcess();
  using recipient = fileProcess();
  const target = await serving.call.startRelay(recordBytes);
  await recipient.call.connectBare(target, 2 * FILE_BYTES);
  await sender.call.sendBare(target, FILE_BYTES, recordBytes);
  return await measured(serving, async () => {
    const start = performance.now();
    await sender.call.sendBare(target, FILE_BYTES, recordBytes);
    await recipient.call.receiveBare();
    return (performance.now() - start) / 1000;
  });
}

async function measured(serving: Remote<ServerProcess>, work: () => Promise<number>): Promise<Figure> {
  const before = await serving.call.usage();
  await serving.call.watchMemory();
  const seconds = await work();
  const growthBytes = (await serving.call.highestRssBytes()) - before.rssBytes;
  const after = await serving.call.usage();
  return { seconds, cpuSeconds: (after.cpuMicroseconds - before.cpuMicroseconds) / 1e6, growthBytes };
}

async function heard(by: Remote<FileProcess>): Promise<string> {
  return latency(await by.call.delays());
}

/** How late direct messages come while files move. */
async function delays(): Promise<void> {
  using serving = serverProcess();
  using sender = fileProcess();
  using recipient = fileProcess();
  using talker = fileProcess();
  using listener = fileProcess();
  const target: Target = await serving.call.start({ decoyTraffic: false });
  await sender.call.login(target, 'sender');
  await recipient.call.login(target, 'recipient');
  await talker.call.login(target, 'talker');
  await listener.call.login(target, 'listener');
  await listener.call.listen();

  await talker.call.talk('listener', 100, 10);
  line('a direct message to another client, without files', await heard(listener));

  const received = recipient.call.receive();
  const sent = sender.call.send('recipient', 4 * FILE_BYTES);
  await talker.call.talk('listener', 50, 10);
  line('beside a file on its way', await heard(listener));
  await recipient.call.delays();
  await talker.call.talk('recipient', 50, 10);
  line('the same to the recipient of that file', await heard(recipient));
  await Promise.all([received, sent]);

  void recipient.call.receive().catch(() => {});
  void sender.call.send('recipient', FILE_BYTES).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
  await recipient.call.freeze();
  await talker.call.talk('listener', 100, 10);
  line('beside one whose recipient does not read', await heard(listener));
  const stats = await serving.call.stats();
  line('what waits for that recipient in the server', kilobytes(stats?.queue.largestBytes ?? Number.NaN));
}
