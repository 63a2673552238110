import { randomBytes } from 'node:crypto';
import { DECOY, HEADER_BYTES, rawPacket, seal, TEXT } from '../../wire/packets.js';
import type { ClientBench, ClientCase, ClientGroup, Guest } from '../clientBench.js';

type Send = (guest: Guest, packet: Buffer) => Promise<void>;

/** A direct message that is laid out so is answered, and so are the ones after it. */
function reads(id: string, title: string, send: Send): ClientCase {
  return {
    id,
    title,
    async run(bench) {
      const guest = await bench.login();
      await bench.echoes(guest, (packet) => send(guest, packet));
      await bench.echoes(guest);
      await bench.echoes(guest);
    },
  };
}

/** The same, where existing clients lose messages. */
function mayLose(
  id: string,
  title: string,
  why: string,
  act: (bench: ClientBench, guest: Guest) => Promise<void>,
): ClientCase {
  return {
    id,
    title,
    async run(bench) {
      const guest = await bench.login();
      await bench.echoes(guest);
      try {
        await act(bench, guest);
        await bench.echoes(guest);
      } catch {
        bench.loses(why);
      }
    },
  };
}

/** Bytes between two direct messages that the client must skip. */
const passesOver = (id: string, title: string, bytes: (guest: Guest) => Uint8Array): ClientCase =>
  reads(id, title, async (guest, packet) => {
    await guest.wire.write(bytes(guest));
    await guest.wire.write(packet);
  });

const cut = (id: string, title: string, cuts: (length: number) => readonly number[]): ClientCase =>
  reads(`cut-${id}`, title, async (guest, packet) => {
    let from = 0;
    for (const at of [...cuts(packet.length), packet.length]) {
      await guest.wire.write(packet.subarray(from, at));
      from = at;
    }
  });

/** Several direct messages in a row, and all of their answers in order. */
async function burst(
  bench: ClientBench,
  guest: Guest,
  count: number,
  send: (packets: Buffer[]) => Promise<void>,
  size = 10,
): Promise<void> {
  const words = Array.from({ length: count }, () => bench.word().padEnd(size, 'x'));
  await send(words.map((word) => guest.packet(`[DM from probe]: ${word}`)));
  for (const word of words) await guest.hears(`/msg probe ${word}`);
}

const rightPadding = (packet: Buffer, size: number): Buffer =>
  Buffer.concat([packet.subarray(0, packet.length - 16), Buffer.alloc(size, 0x5a)]);

export const clientReading: ClientGroup = {
  name: 'reading',
  title: 'Framing and padding of what the client reads',
  cases: [
    ...[1, 2, 15, 16, 255, 256, 511, 1000, 1023].map((size) =>
      reads(`padding-${size}`, `a packet with ${size} bytes of padding is read`, (guest, packet) =>
        guest.wire.write(rightPadding(packet, size)),
      ),
    ),
    reads('padding-0', 'a packet without padding is read', (guest, packet) =>
      guest.wire.write(rightPadding(packet, 0)),
    ),
    reads('random-padding', 'a packet with random padding is read', (guest, packet) =>
      guest.wire.write(Buffer.concat([packet.subarray(0, -16), randomBytes(200)])),
    ),
    mayLose(
      'padding-0-burst',
      'packets without padding in a burst are read',
      'What follows within 10 ms is thrown away.',
      (bench, guest) =>
        burst(bench, guest, 20, async (packets) => {
          for (const packet of packets) void guest.wire.write(rightPadding(packet, 0));
        }),
    ),
    mayLose(
      'joined',
      'packets that share a TLS record are read',
      'All packets of a record but the first are lost.',
      (bench, guest) => burst(bench, guest, 5, (packets) => guest.wire.write(Buffer.concat(packets))),
    ),
    mayLose('joined-many', 'a long record of packets is read', 'The stream is out of step.', (bench, guest) =>
      burst(bench, guest, 60, (packets) => guest.wire.write(Buffer.concat(packets))),
    ),
    mayLose(
      'spilled-padding',
      'padding that is cut by the end of a record is passed over',
      'The stream is out of step.',
      (bench, guest) =>
        burst(bench, guest, 5, async (packets) => {
          for (const packet of packets) {
            await guest.wire.write(packet);
            await guest.wire.write(Buffer.alloc(60, 0x5a));
          }
        }),
    ),
    mayLose(
      'spilled-like-header',
      'padding that looks like a header is passed over',
      'The stream is out of step.',
      (bench, guest) =>
        burst(bench, guest, 5, async (packets) => {
          for (const packet of packets) {
            await guest.wire.write(packet);
            await guest.wire.write(Buffer.alloc(60, Buffer.of(1, 0, 200)));
          }
        }),
    ),
    cut('type', 'a packet may be cut after its type', () => [1]),
    cut('length', 'a packet may be cut in its length', () => [2]),
    cut('header', 'a packet may be cut after its header', () => [3]),
    cut('nonce', 'a packet may be cut in its nonce', () => [8]),
    cut('tag', 'a packet may be cut before the last byte of its data', (length) => [length - 17]),
    cut('bytes', 'a packet may come in records of one byte', (length) =>
      Array.from({ length: length - 17 }, (_, index) => index + 1),
    ),
    ...[0, 1, 100, 499, 4096].map((size) =>
      passesOver(`decoy-${size}`, `a decoy of ${size} bytes is passed over`, () =>
        rawPacket(DECOY, randomBytes(size)),
      ),
    ),
    passesOver('decoy-like-text', 'a decoy whose data is a sealed text is passed over', (guest) =>
      rawPacket(DECOY, seal(guest.key, Buffer.from('[DM from probe]: hidden'))),
    ),
    ...[28, 100, 1000].map((size) =>
      passesOver(`undecryptable-${size}`, `a text packet of ${size} random bytes is passed over`, () =>
        rawPacket(TEXT, randomBytes(size)),
      ),
    ),
    passesOver('wrong-tag', 'a text packet with a wrong tag is passed over', (guest) => {
      const packet = guest.packet('[DM from probe]: forged');
      packet.writeUInt8(packet.readUInt8(HEADER_BYTES) ^ 1, HEADER_BYTES);
      return packet;
    }),
    passesOver('empty-text', 'an empty text is passed over', (guest) => guest.packet('')),
    mayLose(
      'over-32768',
      'a packet with more than 32768 bytes of data is passed over',
      'The client ends at such a packet.',
      async (bench, guest) => {
        await guest.wire.write(rawPacket(TEXT, Buffer.alloc(40000), 100));
        await bench.echoes(guest);
      },
    ),
    ...[4097, 8192, 32768].map((size) =>
      mayLose(
        `data-${size}`,
        `a packet with ${size} bytes of data is read`,
        'The client ends at packets over 4096 bytes.',
        async (bench, guest) => {
          await guest.say('x'.repeat(size - 28));
          await bench.echoes(guest);
        },
      ),
    ),
    {
      id: 'data-4096',
      title: 'a packet with 4096 bytes of data is read',
      async run(bench) {
        const guest = await bench.login();
        const head = '[12:34:56] x: ';
        await guest.say(head.padEnd(4096 - 28, 'x'));
        await bench.echoes(guest);
      },
    },
    ...[20, 100, 300].map((count): ClientCase => ({
      id: `burst-${count}`,
      title: `${count} direct messages in a row are answered in order`,
      async run(bench) {
        const guest = await bench.login();
        await burst(bench, guest, count, async (packets) => {
          for (const packet of packets) void guest.wire.write(packet);
        });
      },
    })),
    {
      id: 'burst-with-decoys',
      title: 'direct messages between decoys are answered in order',
      async run(bench) {
        const guest = await bench.login();
        await burst(bench, guest, 30, async (packets) => {
          for (const packet of packets) {
            void guest.wire.write(rawPacket(DECOY, randomBytes(200)));
            void guest.wire.write(packet);
          }
        });
      },
    },
  ],
};
