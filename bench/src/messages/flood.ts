import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import {
  Channel,
  formatServerMessage,
  FRAGMENT_BYTES,
  makeSignedOffer,
  Session,
  SocketTransport,
  type PaddingShape,
} from '@quietroom/protocol';
import { firstIdentity } from '@quietroom/testing';
import type { Target } from '../measure/workerProcess.js';
import { messageText, type Load } from './jobs.js';

/**
 * The quickest QuietRoom server there can be: it sends as fast as bare TLS does, so that what is received
 * from both comes in equally full reads.
 */
export async function serveFlood(padding: PaddingShape, load: Load): Promise<Target> {
  const { certPem: cert, keyPem: key } = firstIdentity;
  const server = createServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
    void flood(socket, padding, load);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, cert };
}

async function flood(socket: TLSSocket, padding: PaddingShape, load: Load): Promise<void> {
  const transport = new SocketTransport(socket, FRAGMENT_BYTES[padding]);
  const offer = await makeSignedOffer(createPrivateKey(firstIdentity.keyPem));
  const channel = new Channel(new Session({ role: 'server', offer, padding }), transport);
  channel.start({
    event(event) {
      if (event.type === 'open') channel.sendText(formatServerMessage({ type: 'usernamePrompt' }));
      if (event.type !== 'text' || event.text === '/quit') return;
      channel.sendText(formatServerMessage({ type: 'welcome', name: event.text }));
      for (let index = 0; index < load.warmUp + load.messages; index++) {
        channel.sendText(formatServerMessage({ type: 'dm', name: 'source', text: messageText(index) }));
      }
    },
    closed() {},
  });
}
