import { parseArgs } from 'node:util';
import type { ServerOptions } from '@quietroom/server';
import type { AttackProcess } from './attackProcess.js';
import type { CrowdProcess } from './crowdProcess.js';
import { kilobytes, latency, line, median, megabytes } from './figures.js';
import { files } from './files.js';
import { Remote } from './remote.js';
import type { ServerProcess } from './serverProcess.js';
import type { Target } from './target.js';

const HELP = `What the server costs and stands. Everything runs on this machine, each side in processes of its own.

  npm run bench -w packages/server                 all of it, in a few minutes
  npm run bench -w packages/server -- deliveries   one part: deliveries, connections, idle, hostile, files

  --runs N   runs of what is measured in CPU time, of which medians are printed; default 3
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, help: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);

/** Limits that a benchmark from one address needs. */
const OPEN: ServerOptions = {
  maxConnectionsPerAddress: 10_000,
  maxHandshakes: 10_000,
  messagesPerSecond: 1_000_000,
  messageBurst: 1_000_000,
  maxQueuedBytes: 64 * 1_048_576,
};

const server = (): Remote<ServerProcess> => new Remote('serverProcess.js');
const crowd = (): Remote<CrowdProcess> => new Remote('crowdProcess.js');
const attackers = (): Remote<AttackProcess> => new Remote('attackProcess.js');

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

async function cpuOf(serving: Remote<ServerProcess>, work: () => Promise<unknown>): Promise<number> {
  const before = await serving.call.usage();
  await work();
  return (await serving.call.usage()).cpuMicroseconds - before.cpuMicroseconds;
}

async function deliveries(): Promise<void> {
  const clients = 200;
  const messages = 1000;
  console.log(`\nDeliveries: ${clients} clients in the lobby, ${messages} messages to all of them`);
  const figures: Record<'burst' | 'single' | 'floor', number[]> = { burst: [], single: [], floor: [] };
  let lost = 0;
  for (let run = 0; run < runs; run++) {
    using serving = server();
    using hearing = crowd();
    const target = await serving.call.start({ ...OPEN, decoyTraffic: false });
    await hearing.call.join(target, names('client', clients));
    const sayAll = async (): Promise<void> => {
      const heard = hearing.call.hearAll(messages);
      await hearing.call.burst('client0', messages);
      lost += await heard;
    };
    await sayAll();
    const burst = await cpuOf(serving, sayAll);
    figures.burst.push(burst / (clients * messages));
    const single = await cpuOf(serving, () => hearing.call.sayOneByOne(target, 200));
    figures.single.push(single / ((clients + 1) * 200));

    using bare = server();
    using bareHearing = crowd();
    await bareHearing.call.joinBare(await bare.call.startBare(), clients);
    await bare.call.floodBare(messages);
    figures.floor.push(await bare.call.floodBare(messages));
  }
  line('lost or out of order', `${lost}`);
  line('CPU per delivery, messages in a burst', `${median(figures.burst).toFixed(2)} µs`);
  line('floor: bare TLS and AES-GCM in Node, in the same run', `${median(figures.floor).toFixed(2)} µs`);
  line('ratio', (median(figures.burst) / median(figures.floor)).toFixed(2));
  line('CPU per delivery, each message alone: one write for each', `${median(figures.single).toFixed(2)} µs`);
}

async function connections(): Promise<void> {
  const times = 300;
  console.log(`\nConnections: ${times} clients come, log in and go`);
  const figures: { connection: number; signatures: number }[] = [];
  for (let run = 0; run < runs; run++) {
    using serving = server();
    using guests = crowd();
    const target = await serving.call.start({ ...OPEN, decoyTraffic: false });
    await guests.call.comeAndGo(target, 20);
    const cpu = await cpuOf(serving, () => guests.call.comeAndGo(target, times));
    figures.push({ connection: cpu / times, signatures: await serving.call.signatures(100) });
  }
  const connection = median(figures.map((figure) => figure.connection));
  const signatures = median(figures.map((figure) => figure.signatures));
  line('CPU per connection, login and leaving included', `${(connection / 1000).toFixed(2)} ms`);
  line('of which two RSA-4096 signatures, measured bare', `${(signatures / 1000).toFixed(2)} ms`);
  line('ratio', (connection / signatures).toFixed(2));
}

async function idle(): Promise<void> {
  const clients = 2000;
  const slow = 200;
  const listeners = 100;
  console.log(`\nIdle clients: ${clients} with decoys every 30 s, ${slow} of which stop reading later`);
  using serving = server();
  using many = crowd();
  using few = crowd();
  const target = await serving.call.start({ ...OPEN, maxMessageBytes: 32_740 });
  await few.call.join(target, names('listener', listeners));
  const before = await serving.call.usage();
  await many.call.join(target, names('idle', clients - listeners));
  const after = await serving.call.usage();
  line('memory per idle client', kilobytes((after.rssBytes - before.rssBytes) / (clients - listeners)));
  const seconds = 10;
  const cpu = await cpuOf(serving, () => pause(seconds));
  line('CPU of the process while they are idle', `${((cpu / 1e6 / seconds) * 100).toFixed(1)} % of one core`);

  // The same messages twice, so that only what is not read makes the difference.
  const room = names('idle', slow);
  for (const name of room) await many.call.say(name, '/join #room');
  await few.call.say('listener1', '/join #room');
  await pause(3);
  const listen = async (steps: number): Promise<string> => {
    void few.call.floodRoom('listener1', '#room', Math.ceil((steps * 250) / 160));
    return latency(await few.call.latencies('listener0', steps, 250));
  };
  line('a message to all, beside 200 KB/s for the 200 in a room', await listen(40));
  await many.call.freeze(room);
  line('the same while nobody in the room reads', await listen(110));
  const stats = await serving.call.stats();
  line('largest queue of a client then', kilobytes(stats?.queue.largestBytes ?? Number.NaN));
  await serving.call.reload({ maxQueuedBytes: 1_048_576 });
  await listen(30);
  const { closed } = (await serving.call.stats())?.connections ?? {};
  line('slow readers told and closed, at a limit of 1 MiB', `${closed?.queueFull} of ${slow}`);
}

async function hostile(): Promise<void> {
  console.log('\nHostile peers: an honest client talks to itself meanwhile; all limits at their defaults');
  using serving = server();
  using honest = crowd();
  using attacker = attackers();
  const target = await serving.call.start({});
  await honest.call.join(target, ['honest']);
  const before = await serving.call.usage();
  const attacks: readonly [string, (target: Target) => Promise<void>][] = [
    ['no attack', () => pause(3)],
    ['2,000 TLS handshakes and not a word more', (to) => attacker.call.handshakeFlood(to, 2000)],
    ['1,000 connections that drip bytes', (to) => attacker.call.slowloris(to, 1000, 12)],
    ['2,000 times garbage, before TLS or after a login', (to) => attacker.call.garbage(to, 2000)],
    ['10,000 that connect and vanish', (to) => attacker.call.connectAndVanish(to, 10_000)],
  ];
  for (const [what, run] of attacks) {
    const attack = { isOver: false };
    const attacking = run(target).then(() => (attack.isOver = true));
    const times: number[] = [];
    let logins = 0;
    while (!attack.isOver) {
      times.push(...(await honest.call.latencies('honest', 10, 20)));
      await honest.call.comeAndGo(target, 1);
      logins++;
    }
    await attacking;
    line(what, `${latency(times.sort((a, b) => a - b))}; ${logins} logins`);
  }
  // Handshakes that were left unfinished run into their time limit.
  await pause(12);
  const after = await serving.call.usage();
  for (const flood of [
    attacker.call.handshakeFlood(target, 1000),
    attacker.call.connectAndVanish(target, 10_000),
  ]) {
    await flood;
  }
  await pause(12);
  const again = await serving.call.usage();
  const stats = await serving.call.stats();
  const usages = [before, after, again];
  line(
    'live memory before, after, and after floods once more',
    usages.map(({ liveBytes }) => megabytes(liveBytes)).join(', '),
  );
  line(
    'resident memory, which the allocator keeps',
    usages.map(({ rssBytes }) => megabytes(rssBytes)).join(', '),
  );
  line('connections open, accepted', `${stats?.connections.open}, ${stats?.connections.accepted}`);
  const refused = Object.entries(stats?.refused ?? {}).filter(([, times]) => times > 0);
  line('refused', refused.map(([reason, times]) => `${reason} ${times}`).join(', '));
}

const PARTS = { deliveries, connections, idle, hostile, files: () => files(runs) };

if (values.help) {
  console.log(HELP);
} else {
  for (const [name, part] of Object.entries(PARTS)) {
    if (positionals.length === 0 || positionals.includes(name)) await part();
  }
}
