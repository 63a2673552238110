import { setImmediate as turn } from 'node:timers/promises';
import type { ConnectorConfig, Receipt } from 'quietroom-connector';
import { ScriptedPeer, type PeerConnection } from '@quietroom/testing';
import { answersTo, called, logIn, quietConnector } from '../fixtures.js';

/** A 1.x server drops what it sends a client for whom so many packets wait. */
const SERVER_QUEUE = 4096;

/** What the server writes before it reads again: less than it reads. */
const WRITES_PER_TURN = 64;

/**
 * After the login, answers as a busy 1.x server: it reads whatever has come, and drops the answers that its queue does
 * not hold. Returns how many it has dropped.
 */
async function answerBusily(connection: PeerConnection, name: string, capacity: number): Promise<number> {
  const queue: string[] = [];
  let dropped = 0;
  for (;;) {
    while (connection.waitingTexts > 0 || queue.length === 0) {
      const text = await connection.hear();
      if (text === '/quit') {
        connection.end();
        return dropped;
      }
      if (queue.length < capacity) queue.push(...answersTo(text, name));
      else dropped++;
    }
    for (const answer of queue.splice(0, WRITES_PER_TURN)) await connection.say(answer);
    await turn();
  }
}

/** Sends so many messages in a plain loop; returns how many receipts there are of each status. */
export async function burst(
  count: number,
  config: ConnectorConfig,
  capacity = SERVER_QUEUE,
): Promise<{ counts: Record<string, number>; dropped: number }> {
  const end = called<number>();
  await using peer = await ScriptedPeer.start(async (connection) => {
    end.call(await answerBusily(connection, await logIn(connection), capacity));
  });
  const connector = quietConnector({ ...peer.config, ...config });
  await connector.connect();
  const sent: Promise<Receipt>[] = [];
  for (let index = 0; index < count; index++) sent.push(connector.sendDm('bob', `${index}`));
  const counts: Record<string, number> = {};
  for (const { status } of await Promise.all(sent)) counts[status] = (counts[status] ?? 0) + 1;
  await connector.disconnect();
  return { counts, dropped: await end.promise };
}
