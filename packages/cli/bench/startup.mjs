// How long the command takes to start, beside bare `node -e 0`, in turn: medians of wall time, and ratios. It fails when
// these are over the limits. --runs N; default 25.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstIdentity } from '@quietroom/testing';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '25' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs must be a whole number of at least 1.');

/** How many times as long as bare Node it may take. */
const LIMITS = { 'quietroom --help': 2.5, 'quietroom send, to its first byte': 3.5 };
const MAIN = fileURLToPath(new URL('../bin/quietroom.js', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'quietroom-'));
const cert = join(folder, 'chat_public.pem');
await writeFile(cert, firstIdentity.certPem);

// Takes the first bytes that come, and answers nothing.
let firstBytes = () => {};
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => firstBytes());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();

/** Milliseconds until it ends, or until its first bytes come. */
async function time(args, untilBytes = false) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  if (untilBytes) {
    const early = ended.then(([code]) => {
      throw new Error(`It ended with ${code} before it sent anything.`);
    });
    await Promise.race([early, new Promise((resolve) => (firstBytes = resolve))]);
    early.catch(() => {});
  } else {
    await ended;
  }
  const wall = performance.now() - startedAt;
  child.kill('SIGKILL');
  await ended;
  return wall;
}

const send = ['send', '--host', '127.0.0.1', '--port', String(port), '--cert', cert, '--to', 'x', 'hi'];
const kinds = {
  'node -e 0': () => time(['-e', '0']),
  'quietroom --help': () => time([MAIN, '--help']),
  'quietroom send, to its first byte': () => time([MAIN, ...send], true),
};
const times = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
for (let run = -2; run < runs; run++) {
  for (const [name, measure] of Object.entries(kinds)) {
    const ms = await measure();
    // The first two fill caches.
    if (run >= 0) times[name].push(ms);
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const bare = median(times['node -e 0']);
console.log(`Start-up, medians of ${runs} runs in turn, Node ${process.versions.node}`);
for (const [name, all] of Object.entries(times)) {
  const ms = median(all);
  if (ms / bare > LIMITS[name]) process.exitCode = 1;
  console.log(`${name.padEnd(36)}${ms.toFixed(0).padStart(6)} ms${(ms / bare).toFixed(2).padStart(8)} times`);
}
server.close();
await rm(folder, { recursive: true });
