import { createPrivateKey, X509Certificate } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Channel, FRAGMENT_BYTES, makeSignedOffer, Session, type Transport } from '@quietroom/protocol';
import { CELL_DATA_BYTES, SteadyCover, TickWheel } from '@quietroom/protocol/internals';
import { firstIdentity, MemoryTransport, type FakeClock } from '@quietroom/testing';

export const INTERVAL_MS = 1000;

/** A steady client and what a server gets from it. */
export async function openSteady(clock: FakeClock, wrap: (inner: Transport) => Transport = (inner) => inner) {
  const [clientEnd, serverEnd] = MemoryTransport.pair(FRAGMENT_BYTES.uniform);
  const offer = await makeSignedOffer(createPrivateKey(firstIdentity.keyPem));
  const server = new Channel(new Session({ role: 'server', offer }), serverEnd);
  const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;
  const channel = new Channel(
    new Session({ role: 'client', pinnedKey, joinsPackets: false }),
    wrap(clientEnd),
  );
  const texts: string[] = [];
  const state = { isOpen: false, isClosed: false };
  server.start({
    event: (event) => void (event.type === 'text' && texts.push(event.text)),
    closed: () => {
      state.isClosed = true;
    },
  });
  channel.start({
    event: (event) => {
      state.isOpen ||= event.type === 'open';
    },
    closed: () => {},
  });
  while (!state.isOpen) await turn();
  await turn();
  clientEnd.sent.length = 0;
  const cover = new SteadyCover(new TickWheel(clock, INTERVAL_MS), channel, () =>
    channel.sendDecoy(CELL_DATA_BYTES),
  );
  cover.start();
  return { channel, cover, texts, state, records: clientEnd.sent };
}
