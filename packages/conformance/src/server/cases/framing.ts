import { randomBytes } from 'node:crypto';
import { DECOY, HEADER_BYTES, MAX_DATA_BYTES, rawPacket, seal, TEXT } from '../../wire/packets.js';
import type { ServerBench, ServerCase, ServerGroup, User } from '../serverBench.js';
import { chat } from '../serverBench.js';
import { HINT, PROMPT, welcome } from '../serverTexts.js';

/** A client that sends this is understood when it goes on. */
function passesOver(
  id: string,
  title: string,
  send: (user: User, bench: ServerBench) => Promise<void>,
): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const user = await bench.login();
      await bench.works(user);
      await send(user, bench);
      await bench.works(user);
      await bench.works(user);
    },
  };
}

/** Each text is answered before the next is sent, so that every reader can tell the padding. */
function padding(size: number): ServerCase {
  return {
    id: `padding-${size}`,
    title: `packets with ${size} bytes of padding are read`,
    async run(bench) {
      const user = await bench.login();
      for (let i = 0; i < 3; i++) {
        const word = bench.word();
        await user.say(`/msg ${user.userName} ${word}`, size);
        await user.hears(`[DM from ${user.userName}]: ${word}`);
      }
    },
  };
}

/** The ways in which 1.x readers lose bytes; a server that does so is as good as existing ones. */
function knownLoss(
  id: string,
  title: string,
  why: string,
  send: (user: User, words: string[]) => Promise<void>,
): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const user = await bench.login();
      const words = [bench.word(), bench.word(), bench.word(), bench.word()];
      await send(user, words);
      try {
        for (const word of words) await user.hears(`[DM from ${user.userName}]: ${word}`);
        await bench.works(user);
      } catch {
        bench.loses(why);
      }
    },
  };
}

const toSelf = (user: User, word: string): string => `/msg ${user.userName} ${word}`;

/** Everything that the server sends in a usual session. */
async function conversation(bench: ServerBench): Promise<User> {
  const [user, other] = await bench.logins();
  const room = bench.room();
  await bench.join(user, room);
  await user.say('/help');
  await user.say('/users');
  await user.say('/rooms');
  for (const size of [1, 10, 100, 450, 460, 470, 480, 500, 1000, 3000]) {
    await other.say(`/msg ${user.userName} ${'x'.repeat(size)}`);
    await user.hears(`[DM from ${other.userName}]: ${'x'.repeat(size)}`);
  }
  await bench.works(user);
  return user;
}

function cutAt(id: string, title: string, cuts: (length: number) => readonly number[]): ServerCase {
  return passesOver(id, title, async (user, bench) => {
    const word = bench.word();
    const packet = user.packet(toSelf(user, word));
    let from = 0;
    for (const cut of [...cuts(packet.length), packet.length]) {
      await user.wire.write(packet.subarray(from, cut));
      from = cut;
    }
    await user.hears(`[DM from ${user.userName}]: ${word}`);
  });
}

function decoy(size: number): ServerCase {
  return passesOver(`decoy-${size}`, `a decoy of ${size} bytes is ignored`, async (user) => {
    await user.wire.write(rawPacket(DECOY, randomBytes(size)));
  });
}

/** A packet whose type is none of the three is text if it decrypts. */
function unknownType(type: number): ServerCase {
  return {
    id: `type-${type}`,
    title: `text in a packet of type ${type} is taken for text`,
    async run(bench) {
      const user = await bench.login();
      const word = bench.word();
      await user.send(type, word);
      await user.hears(chat(user.userName, word));
    },
  };
}

function closesOnFirst(id: string, title: string, packet: () => Buffer): ServerCase {
  return {
    id: `first-${id}`,
    title,
    async run(bench) {
      const peer = await bench.open();
      await peer.hears(PROMPT);
      await peer.wire.write(packet());
      await peer.closes();
    },
  };
}

export const framing: ServerGroup = {
  name: 'framing',
  title: 'Framing and padding',
  cases: [
    {
      id: 'starts-record',
      title: 'every packet of the server begins where a TLS record begins',
      async run(bench) {
        const { packets } = await conversation(bench);
        const stray = packets.filter(({ isAfterStray, isJoined }) => isAfterStray || isJoined).length;
        if (stray > 0)
          bench.loses(`${stray} of ${packets.length} packets follow spilled padding or share a record.`);
        bench.check(
          'no packet elsewhere',
          stray === 0,
          `${packets.length} packets, all where a record begins`,
        );
      },
    },
    {
      id: 'no-joined-packets',
      title: 'no two packets of the server share a TLS record',
      async run(bench) {
        const { packets } = await conversation(bench);
        const joined = packets.filter(({ isJoined }) => isJoined).length;
        bench.check('no joined packets', joined === 0, `${joined} of ${packets.length}`);
      },
    },
    {
      id: 'has-padding',
      title: 'every packet of the server has padding in the record of its last byte',
      async run(bench) {
        const { packets } = await conversation(bench);
        const bare = packets.filter(({ paddingBytes }) => paddingBytes === 0).length;
        if (bare > 0)
          bench.loses(`${bare} of ${packets.length} packets have none: what follows within 10 ms is lost.`);
        bench.check('padding everywhere', bare === 0, `${packets.length} packets, all with padding`);
      },
    },
    {
      id: 'padding-limit',
      title: 'no packet of the server has more than 1023 bytes of padding in its last record',
      async run(bench) {
        const { packets } = await conversation(bench);
        const most = Math.max(...packets.map(({ paddingBytes }) => paddingBytes));
        bench.check('at most 1023 bytes', most <= 1023, `${most} bytes`);
      },
    },
    {
      id: 'data-limit',
      title: 'no packet of the server has more than 4096 bytes of data in a usual session',
      async run(bench) {
        const { packets } = await conversation(bench);
        const most = Math.max(...packets.map(({ dataBytes }) => dataBytes));
        bench.check('at most 4096 bytes', most <= 4096, `${most} bytes`);
      },
    },
    {
      id: 'fresh-nonces',
      title: 'equal texts are sealed differently',
      async run(bench) {
        const user = await bench.login();
        const sizes: string[] = [];
        user.wire.socket.on('data', (record: Buffer) =>
          sizes.push(record.subarray(HEADER_BYTES, 15).toString('hex')),
        );
        for (let i = 0; i < 10; i++) await bench.settle(user);
        bench.check('nonces that differ', new Set(sizes).size === sizes.length, `${sizes.length} records`);
      },
    },
    ...[1, 2, 3, 15, 16, 100, 255, 256, 257, 481, 511, 512, 1000, 1023].map(padding),
    {
      id: 'padding-0-spaced',
      title: 'packets without padding are read when each is answered before the next',
      async run(bench) {
        const user = await bench.login();
        for (let i = 0; i < 3; i++) {
          const word = bench.word();
          await user.say(toSelf(user, word), 0);
          await user.hears(`[DM from ${user.userName}]: ${word}`);
        }
      },
    },
    knownLoss(
      'padding-0-burst',
      'packets without padding in a burst are read',
      'What follows a packet without padding within 10 ms is thrown away.',
      async (user, words) => {
        for (const word of words) await user.say(toSelf(user, word), 0);
      },
    ),
    knownLoss(
      'joined',
      'packets that share a TLS record are read',
      'All packets of a record but the first are lost.',
      async (user, words) => {
        await user.wire.write(Buffer.concat(words.map((word) => user.packet(toSelf(user, word)))));
      },
    ),
    knownLoss(
      'joined-long',
      'packets that share a long TLS record are read',
      'What is left of a record after 1024 bytes of padding is read as a packet.',
      async (user, words) => {
        const long = words.map(() => user.packet(`/msg ${user.userName} ${'x'.repeat(900)}`));
        await user.wire.write(Buffer.concat(long));
        for (const word of words) await user.say(toSelf(user, word));
      },
    ),
    knownLoss(
      'spilled-padding',
      'padding that is cut by the end of a TLS record is passed over',
      'The rest of the padding is read as a packet, and the stream is out of step for good.',
      async (user, words) => {
        for (const word of words) {
          await user.say(toSelf(user, word), 100);
          await user.wire.write(Buffer.alloc(50, 0x5a));
        }
      },
    ),
    cutAt('cut-header', 'a packet may be cut after its type', () => [1]),
    cutAt('cut-length', 'a packet may be cut in its length', () => [2]),
    cutAt('cut-after-header', 'a packet may be cut after its header', () => [3]),
    cutAt('cut-nonce', 'a packet may be cut in its nonce', () => [3, 9]),
    cutAt('cut-middle', 'a packet may be cut in its middle', (length) => [length >> 1]),
    cutAt('cut-tag', 'a packet may be cut before the last byte of its data', (length) => [length - 17]),
    cutAt('cut-bytes', 'a packet may come in records of one byte', (length) =>
      Array.from({ length: length - 17 }, (_, index) => index + 1),
    ),
    cutAt('cut-tens', 'a packet may come in records of ten bytes', (length) =>
      Array.from({ length: Math.floor((length - 17) / 10) }, (_, index) => 10 * (index + 1)),
    ),
    ...[0, 1, 27, 28, 100, 499, 4096, 16384, 32768].map(decoy),
    passesOver('decoys', 'many decoys are ignored', async (user) => {
      for (let i = 0; i < 50; i++) await user.wire.write(rawPacket(DECOY, randomBytes(100 + 8 * i)));
    }),
    passesOver('decoy-like-text', 'a decoy whose data is a sealed text is ignored', async (user, bench) => {
      const word = bench.word();
      await user.wire.write(rawPacket(DECOY, seal(user.key, Buffer.from(word))));
      await bench.works(user);
      user.neverHeard(chat(user.userName, word));
    }),
    ...[0, 1, 12, 27].map((size) =>
      passesOver(`short-${size}`, `a text packet with ${size} bytes of data is ignored`, async (user) => {
        await user.wire.write(rawPacket(TEXT, randomBytes(size)));
      }),
    ),
    ...[28, 100, 1000].map((size) =>
      passesOver(
        `undecryptable-${size}`,
        `a text packet with ${size} random bytes is ignored`,
        async (user) => {
          await user.wire.write(rawPacket(TEXT, randomBytes(size)));
        },
      ),
    ),
    ...['nonce', 'ciphertext', 'tag'].map((part, index) =>
      passesOver(
        `wrong-${part}`,
        `a text packet with one bit of its ${part} changed is ignored`,
        async (user, bench) => {
          const word = bench.word();
          const packet = user.packet(word);
          const at = [HEADER_BYTES, HEADER_BYTES + 12, packet.length - 17][index] ?? 0;
          packet.writeUInt8(packet.readUInt8(at) ^ 1, at);
          await user.wire.write(packet);
          await bench.settle(user);
          user.neverHeard(chat(user.userName, word));
        },
      ),
    ),
    passesOver('other-key', 'a text sealed with another key is ignored', async (user) => {
      await user.wire.write(rawPacket(TEXT, seal(randomBytes(32), Buffer.from('hello'))));
    }),
    passesOver('empty-text', 'a text packet with an empty text is ignored', (user) => user.say('')),
    passesOver('zeros', 'a text packet of zero bytes is ignored', async (user) => {
      await user.wire.write(rawPacket(TEXT, Buffer.alloc(64)));
    }),
    ...[32769, 40000, 65535].map((size) =>
      passesOver(
        `oversized-${size}`,
        `a packet with ${size} bytes of data is read to its end and dropped`,
        async (user) => {
          await user.wire.write(rawPacket(TEXT, Buffer.alloc(size), 100));
        },
      ),
    ),
    passesOver('largest', 'a packet with 32768 bytes of data harms nobody', async (user, bench) => {
      await user.say(`/${'x'.repeat(MAX_DATA_BYTES - 29)}`);
      await bench.settle(user);
    }),
    ...[0, 4, 5, 127, 128, 255].map(unknownType),
    ...[0, 4, 255].map((type) =>
      passesOver(
        `type-${type}-garbage`,
        `a packet of type ${type} that does not decrypt is ignored`,
        async (user) => {
          await user.wire.write(rawPacket(type, randomBytes(80)));
        },
      ),
    ),
    closesOnFirst('garbage', 'a first packet that does not decrypt closes the connection', () =>
      rawPacket(TEXT, randomBytes(60)),
    ),
    closesOnFirst('short', 'a first packet that is too short closes the connection', () =>
      rawPacket(TEXT, randomBytes(5)),
    ),
    closesOnFirst('oversized', 'a first packet that is too large closes the connection', () =>
      rawPacket(TEXT, Buffer.alloc(40000), 100),
    ),
    {
      id: 'first-unknown-type',
      title: 'a first packet of an unknown type is taken for the name if it decrypts',
      async run(bench) {
        const peer = await bench.open();
        const name = bench.name();
        await peer.hears(PROMPT);
        await peer.send(9, name);
        await peer.hears(welcome(name));
        await peer.hears(HINT);
      },
    },
  ],
};
