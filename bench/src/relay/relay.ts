import { quantile, type Figure } from '../measure/figure.js';
import type { Section } from '../section.js';
import { cpuOf, serverProcess } from '../server/processes.js';
import { Remote } from '../server/remote.js';
import type { FileProcess } from './fileProcess.js';

const FILE_BYTES = 100 * 1024 * 1024;

/** Records of a TLS copy, and records that 1.x clients can read. */
const RECORD_BYTES = [16_384, 512];

function fileProcess(): Remote<FileProcess> {
  return new Remote(new URL('fileProcess.js', import.meta.url));
}

/** The cost of relaying a file, and the delay of direct messages meanwhile. */
export const relay: Section = {
  name: 'relay',
  title: "the server's CPU time for relaying 100 MiB, beside a bare TLS copy, and messages meanwhile",
  isOnRequest: true,
  async run({ runs }, step) {
    const values: number[] = [];
    const floors: number[][] = RECORD_BYTES.map(() => []);
    for (let run = 1; run <= runs; run++) {
      step(`run ${run} of ${runs}`);
      values.push((await relayFile()) / 1000);
      for (const [index, bytes] of RECORD_BYTES.entries()) {
        floors[index]?.push((await bareRelay(bytes)) / 1000);
      }
    }
    return [
      ...floors.map((bare, index): Figure => ({
        section: 'relay',
        name: `100 MiB; floor: TLS records of ${RECORD_BYTES[index]} bytes`,
        unit: 'ms',
        better: 'lower',
        values,
        floors: bare,
      })),
      ...(await delays(step)),
    ];
  },
};

/** CPU microseconds of the server. */
async function relayFile(): Promise<number> {
  using serving = serverProcess();
  using sender = fileProcess();
  using recipient = fileProcess();
  const target = await serving.call.start({ decoyTraffic: false });
  await sender.call.login(target, 'sender');
  await recipient.call.login(target, 'recipient');
  const send = async (): Promise<void> => {
    const received = recipient.call.receive();
    await sender.call.send('recipient', FILE_BYTES);
    if ((await received) !== FILE_BYTES) throw new Error('The file did not arrive whole.');
  };
  // The first one is for the compiler and the allocator.
  await send();
  return await cpuOf(serving, send);
}

async function bareRelay(recordBytes: number): Promise<number> {
  using serving = serverProcess();
  using sender = fileProcess();
  using recipient = fileProcess();
  const target = await serving.call.startRelay(recordBytes);
  await recipient.call.connectBare(target, 2 * FILE_BYTES);
  await sender.call.sendBare(target, FILE_BYTES, recordBytes);
  return await cpuOf(serving, async () => {
    await sender.call.sendBare(target, FILE_BYTES, recordBytes);
    await recipient.call.receiveBare();
  });
}

async function delays(step: (what: string) => void): Promise<Figure[]> {
  using serving = serverProcess();
  using sender = fileProcess();
  using recipient = fileProcess();
  using talker = fileProcess();
  using listener = fileProcess();
  const target = await serving.call.start({ decoyTraffic: false });
  await sender.call.login(target, 'sender');
  await recipient.call.login(target, 'recipient');
  await talker.call.login(target, 'talker');
  await listener.call.login(target, 'listener');
  await listener.call.listen();
  const figures: Figure[] = [];
  const measure = async (what: string, messages: number): Promise<void> => {
    step(what);
    await talker.call.talk('listener', messages, 10);
    figures.push({
      section: 'relay',
      name: `p99 of a direct message, ${what}`,
      unit: 'ms',
      better: 'lower',
      values: [quantile(await listener.call.delays(), 0.99)],
    });
  };
  await measure('without files', 100);
  const received = recipient.call.receive();
  const sent = sender.call.send('recipient', 4 * FILE_BYTES);
  await measure('beside a file', 50);
  await Promise.all([received, sent]);
  void recipient.call.receive().catch(() => {});
  void sender.call.send('recipient', FILE_BYTES).catch(() => {});
  await recipient.call.freeze();
  await measure('beside a recipient that does not read', 100);
  return figures;
}
