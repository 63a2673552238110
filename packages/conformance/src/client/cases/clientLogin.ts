import { randomBytes } from 'node:crypto';
import { DECOY, rawPacket } from '../../wire/packets.js';
import type { Peer } from '../../wire/peer.js';
import { PROMPT, type ClientBench, type ClientCase, type ClientGroup } from '../clientBench.js';

const HINT = 'Type /help for available commands. Type /quit to exit.\n';
const welcome = (name: string): string => `Welcome to the chat, ${name}!`;
const joined = (name: string): string => `*** ${name} joined the chat ***`;

/** The texts after the name come in this order, and the client is logged in. */
function order(id: string, title: string, texts: (name: string) => readonly string[]): ClientCase {
  return {
    id: `order-${id}`,
    title,
    async run(bench) {
      const [peer, name] = await bench.asked();
      const guest = bench.guest(peer, name);
      for (const text of texts(name)) await guest.say(text);
      await bench.echoes(guest);
    },
  };
}

/** The client gives up: it closes, and sends nothing more. */
function givesUp(
  id: string,
  title: string,
  act: (peer: Peer, name: string, bench: ClientBench) => Promise<void>,
): ClientCase {
  return {
    id: `gives-up-${id}`,
    title,
    async run(bench) {
      const [peer, name] = await bench.asked();
      const before = peer.packets.length;
      await act(peer, name, bench);
      await peer.closes();
      const after = peer.packets.length - before;
      bench.check('no further packets', after === 0, `${after} packets`);
    },
  };
}

export const clientLogin: ClientGroup = {
  name: 'login',
  title: 'Login',
  cases: [
    {
      id: 'name',
      title: 'the client answers the prompt with a valid name',
      async run(bench) {
        const [, name] = await bench.asked();
        bench.check('1 to 32 allowed characters', /^[A-Za-z0-9 _.-]{1,32}$/.test(name), name);
      },
    },
    {
      id: 'name-first',
      title: 'the name is the first packet, and no decoy comes before it',
      async run(bench) {
        const [peer, name] = await bench.asked();
        const [first] = peer.packets;
        bench.check('a text first', first?.plaintext.toString() === name, `type ${first?.type}`);
      },
    },
    {
      id: 'echo',
      title: 'after the login the client answers a direct message with its text',
      run: async (bench) => bench.echoes(await bench.login()),
    },
    {
      id: 'late-prompt',
      title: 'decoys before the prompt are passed over',
      async run(bench) {
        const peer = await bench.open();
        for (const size of [100, 400]) await peer.wire.write(rawPacket(DECOY, randomBytes(size)));
        await peer.say(PROMPT);
        const name = await peer.hears({ shown: 'a name', test: (text) => text.length > 0 });
        await bench.welcome(peer, name);
        await bench.echoes(bench.guest(peer, name));
      },
    },
    order('usual', 'welcome, hint and the own join', (name) => [welcome(name), HINT, joined(name)]),
    order('join-first', 'the own join may come before the welcome', (name) => [
      joined(name),
      welcome(name),
      HINT,
    ]),
    order('join-between', 'the own join may come between welcome and hint', (name) => [
      welcome(name),
      joined(name),
      HINT,
    ]),
    order('others-first', 'joins of others may come before the welcome', (name) => [
      joined('x'),
      '*** y left the chat ***',
      welcome(name),
      HINT,
    ]),
    order('chat-first', 'chat may come before the welcome', (name) => [
      '[12:34:56] x: hello',
      welcome(name),
      HINT,
    ]),
    order('chat-between', 'chat may come between welcome and hint', (name) => [
      welcome(name),
      '[12:34:56] x: hello',
      HINT,
    ]),
    order('like-welcome', 'chat that holds a welcome is none', (name) => [
      `[12:34:56] x: ${welcome(name)}`,
      welcome(name),
      HINT,
    ]),
    order('many-first', 'a hundred texts may come before the welcome', (name) => [
      ...Array.from({ length: 100 }, (_, index) => `[12:34:56] x: ${index}`),
      welcome(name),
      HINT,
    ]),
    {
      id: 'dm-first',
      title: 'a direct message before the welcome is answered after the login',
      async run(bench) {
        const [peer, name] = await bench.asked();
        const guest = bench.guest(peer, name);
        const word = bench.word();
        await guest.say(`[DM from probe]: ${word}`);
        await bench.welcome(guest, name);
        await guest.hears(`/msg probe ${word}`);
      },
    },
    {
      id: 'dm-between',
      title: 'a direct message between welcome and hint is answered',
      async run(bench) {
        const [peer, name] = await bench.asked();
        const guest = bench.guest(peer, name);
        const word = bench.word();
        await guest.say(welcome(name));
        await guest.say(`[DM from probe]: ${word}`);
        await guest.say(HINT);
        await guest.hears(`/msg probe ${word}`);
      },
    },
    givesUp('taken', 'a client whose name is taken gives up', async (peer) => {
      await peer.say('*** Username already taken. Please reconnect with a different name. ***');
      peer.wire.socket.end();
    }),
    givesUp(
      'invalid',
      'a client whose name is refused by closing gives up',
      async (peer) => void peer.wire.socket.end(),
    ),
    givesUp('reset', 'a client whose connection is reset gives up', async (peer) => peer.wire.reset()),
  ],
};
