import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { PaddingShape } from '@quietroom/protocol';
import { firstIdentity } from '@quietroom/testing';
import { WireClient } from '../wireClient.js';
import { ImpatientClient, isPythonThere } from './impatientClient.js';

const skip = (await isPythonThere()) ? false : 'needs python3';

for (const padding of ['uniform', 'random'] as const) {
  for (const [bursts, messages] of [
    [20, 20_000],
    [5, 40_000],
  ] as const) {
    const name = `${bursts} bursts of ${messages} messages, ${padding} padding: no write waits for 10 ms, nothing is lost`;
    test(name, { skip }, async (t) => {
      const server = await startServerProcess(t);
      for (let count = 0; count < bursts; count++) await burst(server, padding, messages);
    });
  }
}

interface ServerInProcess {
  readonly port: number;
  readonly pid: number;
}

async function startServerProcess(t: TestContext): Promise<ServerInProcess> {
  const child = fork(new URL('serverProcess.js', import.meta.url));
  t.after(() => child.kill('SIGKILL'));
  const [port] = (await once(child, 'message')) as [number];
  return { port, pid: child.pid ?? 0 };
}

/** DMs at once from one client to another, which both must see in their order. */
async function burst({ port, pid }: ServerInProcess, padding: PaddingShape, messages: number): Promise<void> {
  const bob = await WireClient.login({ port, certPem: firstIdentity.certPem }, 'bob');
  const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;
  const alice = new ImpatientClient({ port, serverPid: pid, pinnedKey, padding });
  const timeout = alice.ended.then((end) => Promise.reject(new Error(`The connection ended: ${end}.`)));
  await Promise.race([alice.login('alice'), timeout]);
  const texts = Array.from({ length: messages }, (_, index) => `message ${index}`);
  const echoes: string[] = [];
  const echoed = new Promise<void>((resolve) => {
    alice.onText((text) => {
      if (text.includes('message ')) echoes.push(text);
      if (echoes.length === messages) resolve();
    });
  });
  alice.send(texts.map((text) => `/msg bob ${text}`));
  const heard: string[] = [];
  const all = async (): Promise<void> => {
    await echoed;
    while (heard.length < messages) {
      const text = await bob.next();
      if (text.includes('message ')) heard.push(text);
    }
  };
  await Promise.race([all(), timeout]);
  assert.deepEqual(withoutPrefixes(echoes), texts);
  assert.deepEqual(withoutPrefixes(heard), texts);
  timeout.catch(() => {});
  await alice.quit();
  await bob.until('*** alice left the chat ***');
  bob.send('/quit');
  await bob.closed;
}

function withoutPrefixes(lines: readonly string[]): string[] {
  return lines.map((line) => line.slice(line.indexOf('message ')));
}
