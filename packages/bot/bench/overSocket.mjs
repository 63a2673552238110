// The CPU time of a process for each direct message that comes over TLS, with a bare `onDm` callback and with a bot, in
// turns. It fails when the bot takes over 3 µs more. --runs N; default 15.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Bot, inDm } from '@quietroom/bot';
import { QuietRoomConnector } from 'quietroom-connector';

/** Microseconds. */
const LIMIT = 3;
const MESSAGES = 10_000;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = Number(values.runs);

const peer = fork(fileURLToPath(new URL('./socketPeer.mjs', import.meta.url)));
const [connection] = await once(peer, 'message');
const config = { ...connection, decoyTraffic: false };

let counted = 0;
let whenAll = () => {};
const count = () => {
  if (++counted === MESSAGES) whenAll();
};

const bare = new QuietRoomConnector({ ...config, username: 'bare' }).onDm(count);
await bare.connect();
// All that is on by default is on; only rate limit and loop guard let the flood of one sender pass.
const bot = new Bot({
  ...config,
  username: 'bot',
  rateLimit: { messages: 1e9, seconds: 60 },
  loopGuard: { messages: 1e9, pause: 1 },
  session: { initial: () => ({}) },
});
for (let index = 0; index < 10; index++) bot.command(`command${index}`, () => {});
bot.use((_, next) => next());
bot.hears(/^never$/, () => {});
bot.on(inDm, count);
await bot.start();

async function cpuPerMessage(recipient) {
  counted = 0;
  const all = new Promise((resolve) => (whenAll = resolve));
  const sent = once(peer, 'message');
  const before = process.cpuUsage();
  peer.send({ recipient, count: MESSAGES });
  await Promise.all([all, sent]);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MESSAGES;
}

const times = { bare: [], bot: [] };
for (let run = -3; run < runs; run++) {
  for (const name of ['bare', 'bot']) {
    const time = await cpuPerMessage(name);
    // The first three warm up.
    if (run >= 0) times[name].push(time);
  }
}
await bare.disconnect();
await bot.stop();
peer.disconnect();

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const added = median(times.bot.map((time, run) => time - times.bare[run]));
console.log(
  `CPU time per direct message over TLS, medians of ${runs} runs of ${MESSAGES}, Node ${process.versions.node}`,
);
console.log(`  bare onDm  ${median(times.bare).toFixed(2)} µs`);
console.log(`  bot        ${median(times.bot).toFixed(2)} µs`);
console.log(`  added      ${added.toFixed(2)} µs; limit ${LIMIT} µs`);
if (added > LIMIT) process.exitCode = 1;
