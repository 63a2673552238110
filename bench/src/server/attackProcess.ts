import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Client, connectTls } from './client.js';
import { serve } from './remote.js';
import type { Target } from './target.js';

/** The address of the attacks. */
const ATTACKER = '127.0.0.66';

/** How many connections are under way at once. */
const AT_ONCE = 50;

/** A process of attacks; each resolves when it is over. */
export class AttackProcess {
  /** TLS handshakes one after another, none of which is followed by a word. */
  async handshakeFlood(target: Target, times: number): Promise<void> {
    await repeat(times, async () => {
      const opened = connectTls(target, ATTACKER);
      const { tcp } = await Promise.race([opened, after(2000).then(() => Promise.reject(new Error()))]);
      tcp.destroy();
    });
  }

  /** Connections that say a byte now and then, held for so long. */
  async slowloris(target: Target, connections: number, seconds: number): Promise<void> {
    const sockets = Array.from({ length: connections }, () => open(target));
    for (let second = 0; second < seconds; second++) {
      for (const socket of sockets) if (!socket.destroyed) socket.write(Buffer.of(0x16));
      await after(1000);
    }
    for (const socket of sockets) socket.destroy();
  }

  /** Random bytes in place of TLS, and behind a login. */
  async garbage(target: Target, times: number): Promise<void> {
    await repeat(times, async (index) => {
      if (index % 20 === 0) {
        const client = await Client.login(target, `garbage${index}`, ATTACKER);
        const oversize = Buffer.concat([Buffer.from([1, 0xff, 0xff]), randomBytes(0xffff)]);
        for (let count = 0; count < 20; count++)
          client.socket.write(count % 2 ? oversize : randomBytes(16_000));
        await after(20);
        client.tcp.resetAndDestroy();
        return;
      }
      const socket = open(target);
      socket.end(randomBytes(1000));
      await closed(socket);
    });
  }

  async connectAndVanish(target: Target, times: number): Promise<void> {
    await repeat(times, async (index) => {
      const socket = open(target);
      await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed(socket)]);
      if (index % 2) socket.resetAndDestroy();
      else socket.destroy();
    });
  }
}

function open({ host, port }: Target): Socket {
  return connect({ host, port, localAddress: ATTACKER })
    .on('error', () => {})
    .resume();
}

function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function repeat(times: number, once: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < times) await once(next++).catch(() => {});
    }),
  );
}

serve(new AttackProcess());
