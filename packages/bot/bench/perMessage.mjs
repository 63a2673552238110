// The CPU time that the framework adds to each direct message, beside a bare `onDm` callback. Both get the same events in
// turn, in pieces of ten as a busy socket brings them; the connector's own work, several times as much, is left out. It
// fails when the framework takes over 3 µs. --runs N; default 15.
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Bot, inDm } from '@quietroom/bot';
import { QuietRoomConnector } from 'quietroom-connector';

/** Microseconds. */
const LIMIT = 3;
const MESSAGES = 50_000;
const PIECE = 10;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = Number(values.runs);

/** The callbacks that were given to `onDm`: events go to them without a connection. */
const callbacks = [];
QuietRoomConnector.prototype.onDm = function onDm(callback) {
  callbacks.push(callback);
  return this;
};

let counted = 0;
const count = () => void counted++;

new QuietRoomConnector().onDm(count);
// All that is on by default is on; only the rate limit lets the flood pass.
const bot = new Bot({ rateLimit: { messages: 1e9, seconds: 60 }, session: { initial: () => ({}) } });
for (let index = 0; index < 10; index++) bot.command(`command${index}`, () => {});
bot.use((_, next) => next());
bot.hears(/^never$/, () => {});
bot.on(inDm, count);
const [bare, framework] = callbacks;

async function cpuPerMessage(callback) {
  counted = 0;
  const before = process.cpuUsage();
  for (let sent = 0; sent < MESSAGES; sent++) {
    const sender = `user${sent % 50}`;
    const text = `message ${sent}`;
    callback(sender, text, { type: 'dm', sender, text, raw: text, receivedAt: new Date(), own: false });
    if (sent % PIECE === 0) await turn();
  }
  await turn();
  const { user, system } = process.cpuUsage(before);
  if (counted !== MESSAGES) throw new Error(`${counted} of ${MESSAGES} messages were handled.`);
  return (user + system) / MESSAGES;
}

const times = { bare: [], framework: [] };
for (let run = -3; run < runs; run++) {
  for (const [name, callback] of Object.entries({ bare, framework })) {
    const time = await cpuPerMessage(callback);
    // The first three warm up.
    if (run >= 0) times[name].push(time);
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const added = median(times.framework.map((time, run) => time - times.bare[run]));
console.log(
  `CPU time per direct message, medians of ${runs} runs of ${MESSAGES}, Node ${process.versions.node}`,
);
console.log(`  bare onDm  ${median(times.bare).toFixed(2)} µs`);
console.log(`  framework  ${median(times.framework).toFixed(2)} µs`);
console.log(`  added      ${added.toFixed(2)} µs; limit ${LIMIT} µs`);
if (added > LIMIT) process.exitCode = 1;
