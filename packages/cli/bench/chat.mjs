// Prints the memory of `quietroom chat` after 100,000 messages, and how long a typed character takes to the screen
// while 15,000 lines arrive. Run: npm run bench:chat -w packages/cli. Needs `script` of util-linux.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { QuietRoomConnector } from 'quietroom-connector';

const BURST = 15_000;
const MESSAGES = 100_000;
const KEY_INTERVAL_MS = 40;
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'quietroom-bench-'));
const server = await QuietRoomServer.start({
  port: 0,
  identity: firstIdentity,
  messagesPerSecond: 1_000_000,
  messageBurst: 1_000_000,
});
const cert = join(folder, 'chat_public.pem');
writeFileSync(cert, server.certPem);
const bob = new QuietRoomConnector({
  serverHost: server.host,
  serverPort: server.port,
  certFile: cert,
  username: 'bob',
  decoyTraffic: false,
});
await bob.connect();

const command = `stty rows 24 columns 100; exec ${process.execPath} ${MAIN} chat --host ${server.host} --port ${server.port} --cert ${cert} --username alice`;
const chat = spawn('script', ['-qfec', command, '/dev/null'], {
  env: { ...process.env, TERM: 'xterm-256color', COLORFGBG: '15;0', XDG_CONFIG_HOME: folder },
  cwd: folder,
  stdio: ['pipe', 'pipe', 'inherit'],
});
let screen = '';
const waiting = [];
chat.stdout.setEncoding('utf8').on('data', (text) => {
  screen = (screen + text).slice(-200_000);
  for (const one of waiting.splice(0)) if (!one()) waiting.push(one);
});
await shown(() => screen.includes('connected'));

const echoes = await typeWhile(send(BURST));
await clearInput();
await send(MESSAGES - BURST);
await pause(1000);
console.log(`memory after ${MESSAGES.toLocaleString('en')} messages: ${memoryMb()} MB`);
console.log(
  `key to screen while ${BURST.toLocaleString('en')} lines arrive: median ${percentile(echoes, 0.5)} ms, 95 % ${percentile(echoes, 0.95)} ms (${echoes.length} keys)`,
);

chat.stdin.write('/quit\r');
await Promise.race([new Promise((resolve) => chat.once('exit', resolve)), pause(5000)]);
await bob.disconnect();
await server.close();
rmSync(folder, { recursive: true });
chat.stdin.destroy();
chat.kill();

async function send(count) {
  const sent = [];
  for (let number = 0; number < count; number++) {
    sent.push(bob.sendLobbyMessage(`line ${number} of a long conversation about this and that`));
    if (sent.length === 500) await Promise.all(sent.splice(0));
  }
  await Promise.all(sent);
}

/** Types a character from time to time until the work is done. */
async function typeWhile(work) {
  const done = new AbortController();
  void work.then(() => done.abort());
  const times = [];
  let typed = '';
  while (!done.signal.aborted) {
    const character = 'abcdefghijklmnopqrstuvwxyz'[times.length % 26];
    if (times.length % 26 === 0) {
      chat.stdin.write('\x15');
      typed = '';
    }
    typed += character;
    const wanted = typed;
    screen = '';
    const start = performance.now();
    chat.stdin.write(character);
    await shown(() => screen.includes(wanted));
    times.push(performance.now() - start);
    await pause(KEY_INTERVAL_MS);
  }
  return times;
}

async function clearInput() {
  chat.stdin.write('\x15');
  await pause(200);
}

function shown(isShown) {
  return new Promise((resolve) => {
    const look = () => {
      if (!isShown()) return false;
      resolve();
      return true;
    };
    if (!look()) waiting.push(look);
  });
}

/** The resident memory of the chat, the child of `script`'s shell. */
function memoryMb() {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!line.startsWith(process.execPath) || !line.includes(cert)) continue;
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Math.round(Number(kilobytes) / 1000);
    } catch {
      // It has just ended.
    }
  }
  return NaN;
}

function percentile(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(1);
}
