import { randomBytes } from 'node:crypto';
import { rawPacket, seal, TEXT } from '../../wire/packets.js';
import { makeDhKeys, withLength } from '../../wire/keyExchange.js';
import { PROMPT } from '../serverTexts.js';
import type { ServerBench, ServerCase, ServerGroup, User } from '../serverBench.js';

/** One client misbehaves; another one, who was there before, and a new one are served. */
function harmless(
  id: string,
  title: string,
  act: (bench: ServerBench, victim: User) => Promise<unknown>,
): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const victim = await bench.login();
      await act(bench, victim);
      await bench.works(victim);
      await bench.isAlive();
    },
  };
}

/** What a logged-in user sends as raw bytes. */
function bytes(id: string, title: string, make: (user: User) => Uint8Array): ServerCase {
  return harmless(id, title, async (bench) => {
    const user = await bench.login();
    await user.wire.write(make(user));
  });
}

export const hostile: ServerGroup = {
  name: 'hostile',
  title: 'Hostile input',
  cases: [
    bytes('zeros', '64 KiB of zero bytes harm nobody', () => Buffer.alloc(65536)),
    bytes('ones', '64 KiB of 0xff harm nobody', () => Buffer.alloc(65536, 0xff)),
    bytes('random', '64 KiB of random bytes harm nobody', () => randomBytes(65536)),
    bytes('headers', 'headers of text packets in a row harm nobody', () =>
      Buffer.alloc(65536, Buffer.of(1, 0, 28)),
    ),
    bytes('long-headers', 'headers of long packets in a row harm nobody', () =>
      Buffer.alloc(65536, Buffer.of(1, 0x7f, 0xff)),
    ),
    bytes('file-headers', 'headers of file packets in a row harm nobody', () =>
      Buffer.alloc(65536, Buffer.of(3, 0, 29)),
    ),
    bytes('sparse-headers', 'a header every 17 bytes harms nobody', () =>
      Buffer.alloc(65536, Buffer.concat([Buffer.of(1, 0, 28), Buffer.alloc(14)])),
    ),
    bytes('half-packet', 'half a packet harms nobody', (user) => user.packet('hello').subarray(0, 20)),
    bytes('header-only', 'a header without data harms nobody', () => Buffer.of(1, 1, 0)),
    bytes('one-byte', 'a single byte harms nobody', () => Buffer.of(1)),
    bytes('http', 'an HTTP request inside TLS harms nobody', () =>
      Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(100)),
    ),
    bytes('nested', 'a packet inside a packet harms nobody', (user) => user.packet(user.packet('hello'))),
    bytes('own-key-zeros', 'a text of zero bytes harms nobody', (user) =>
      rawPacket(TEXT, seal(user.key, Buffer.alloc(1000))),
    ),
    bytes('own-key-random', 'a text of random bytes harms nobody', (user) =>
      rawPacket(TEXT, seal(user.key, randomBytes(1000))),
    ),
    harmless('half-open', 'a client that stops after the name prompt harms nobody', async (bench) => {
      await (await bench.open()).hears(PROMPT);
    }),
    harmless('key-twice', 'a client that sends its key twice harms nobody', async (bench) => {
      const peer = await bench.open();
      await peer.wire.write(withLength(makeDhKeys().publicKey));
    }),
    harmless('reset-after-name', 'a client that resets right after its name harms nobody', async (bench) => {
      const peer = await bench.open();
      await peer.say(bench.name());
      peer.wire.reset();
    }),
    harmless('reset-in-packet', 'a client that resets inside a packet harms nobody', async (bench) => {
      const user = await bench.login();
      await user.wire.write(user.packet('hello').subarray(0, 10));
      user.wire.reset();
    }),
    harmless('reset-in-burst', 'a client that resets in a burst harms nobody', async (bench, victim) => {
      const user = await bench.login();
      for (let i = 0; i < 50; i++) void user.say(`/msg ${victim.userName} ${i}`);
      user.wire.reset();
    }),
    harmless('connect-and-vanish', 'twenty clients that connect and vanish harm nobody', async (bench) => {
      for (let i = 0; i < 20; i++) (await bench.tcp()).resetAndDestroy();
    }),
    harmless('names-in-a-row', 'ten refused names harm nobody', async (bench) => {
      for (let i = 0; i < 10; i++) {
        const peer = await bench.open();
        await peer.say('not valid!');
        await peer.closes();
      }
    }),
    harmless(
      'same-name-at-once',
      'of two clients that send one name at once, one is logged in',
      async (bench) => {
        const name = bench.name();
        const peers = [await bench.open(), await bench.open()];
        await Promise.all(peers.map((peer) => peer.say(name)));
        const answers = await Promise.all(
          peers.map((peer) =>
            peer.hears(
              `Welcome to the chat, ${name}!`,
              '*** Username already taken. Please reconnect with a different name. ***',
            ),
          ),
        );
        const welcomes = answers.filter((answer) => answer.startsWith('Welcome')).length;
        bench.check('one welcome', welcomes === 1, `${welcomes} welcomes`);
      },
    ),
    harmless('no-reader', 'a client that does not read harms nobody', async (bench, victim) => {
      const user = await bench.login();
      user.wire.socket.pause();
      for (let i = 0; i < 200; i++) await victim.say(`/msg ${user.userName} ${'x'.repeat(1000)}`);
      await bench.settle(victim);
    }),
    harmless('imitation', 'nobody can imitate a notice of the server', async (bench, victim) => {
      const user = await bench.login();
      await user.say('*** Server is shutting down. Goodbye! ***');
      await bench.fence(user, victim);
      victim.neverHeard('*** Server is shutting down. Goodbye! ***');
    }),
    harmless('prototype', 'names of properties of objects are names like others', async (bench) => {
      const user = await bench.login();
      for (const word of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        await user.say(`/msg ${word} x`);
        await user.hears(`User '${word}' is not online.`);
        await user.say(`/${word}`);
        await user.hears(`Unknown command: /${word.toLowerCase()}. Type /help for available commands.`);
      }
    }),
  ],
};
