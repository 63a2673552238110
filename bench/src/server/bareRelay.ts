import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { firstIdentity } from '@quietroom/testing';
import type { Target } from './target.js';

/** The floor of a relay: TLS in Node from one client to another, and nothing else. */
export async function bareRelay(recordBytes: number): Promise<Target> {
  const { certPem, keyPem } = firstIdentity;
  let recipient: TLSSocket | undefined;
  const server = createServer({ cert: certPem, key: keyPem, minVersion: 'TLSv1.3' }, (socket) => {
    socket.on('error', () => {});
    socket.setNoDelay(true);
    if (recipient === undefined) {
      socket.setMaxSendFragment(recordBytes);
      recipient = socket;
      return;
    }
    socket.pipe(recipient);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, certPem };
}
