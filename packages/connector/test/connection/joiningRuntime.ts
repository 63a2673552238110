import { TLSSocket } from 'node:tls';
import { mock } from 'node:test';
import { openPacket, readLike1x, type PeerConnection } from '@quietroom/testing';
import { answersTo } from '../fixtures.js';

/** From now on, TLS cuts nothing: as a runtime that takes `setMaxSendFragment` and ignores it. */
export function ignoreFragmentSize(): { restore(): void } {
  return mock.method(TLSSocket.prototype, 'setMaxSendFragment', () => true).mock;
}

/**
 * After the login, reads the records of the client as a 1.x server does: only the first packet of each record. Answers
 * each text, until `/quit`. Right for packets that fit into one record. Returns the sizes of the records.
 */
export async function answerLike1x(connection: PeerConnection, name: string): Promise<number[]> {
  const key = Buffer.from(connection.sessionKeyHex, 'hex');
  const sizes: number[] = [];
  let next = connection.records.length;
  for (;;) {
    await connection.hear();
    for (; next < connection.records.length; next++) {
      const record = connection.records[next] ?? Buffer.alloc(0);
      sizes.push(record.length);
      const [packet] = readLike1x([record]);
      const text = packet && openPacket(key, packet.data)?.toString();
      if (text === '/quit') {
        connection.end();
        return sizes;
      }
      for (const answer of answersTo(text ?? '', name)) await connection.say(answer);
    }
  }
}
