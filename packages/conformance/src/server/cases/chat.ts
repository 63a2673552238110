import { chat as chatLine, holding, type ServerCase, type ServerGroup } from '../serverBench.js';
import { notMember } from '../serverTexts.js';

/** A text that looks like something else, and is chat for all. */
function isChat(
  id: string,
  title: string,
  make: (word: string) => string,
  versions?: ServerCase['versions'],
): ServerCase {
  return {
    id,
    title,
    ...(versions && { versions }),
    async run(bench) {
      const [user, other] = await bench.logins();
      const text = make(bench.word());
      await user.say(text);
      await user.hears(chatLine(user.userName, text));
      await other.hears(chatLine(user.userName, text));
    },
  };
}

/**
 * A text that lacks what a message for a room needs: existing servers send it to everyone. A server may refuse it,
 * as long as nobody but the sender gets anything.
 */
function brokenRoomPrefix(
  id: string,
  title: string,
  make: (room: string, word: string) => string,
): ServerCase {
  return {
    id,
    title,
    versions: ['1.2'],
    async run(bench) {
      const [user, other] = await bench.logins();
      const [room, word] = [bench.room(), bench.word()];
      const text = make(room, word);
      await user.say(text);
      const trimmed = text.trim();
      const refused = notMember(room);
      const seen = await user.hears(chatLine(user.userName, trimmed), refused);
      if (seen === refused) {
        await bench.fence(user, other);
        other.neverHeard(holding(room));
      } else {
        await other.hears(chatLine(user.userName, trimmed));
      }
    },
  };
}

export const chat: ServerGroup = {
  name: 'chat',
  title: 'Chat in the lobby',
  cases: [
    {
      id: 'to-all',
      title: 'chat goes to everyone in the lobby',
      async run(bench) {
        const [one, two, three] = await bench.logins(3);
        const word = bench.word();
        await one.say(word);
        for (const user of [two, three]) await user.hears(chatLine(one.userName, word));
      },
    },
    {
      id: 'echo',
      title: 'the sender of chat gets it, too',
      async run(bench) {
        const user = await bench.login();
        const word = bench.word();
        await user.say(word);
        await user.hears(chatLine(user.userName, word));
      },
    },
    {
      id: 'once',
      title: 'everyone gets a text once',
      async run(bench) {
        const [one, two] = await bench.logins();
        const word = bench.word();
        await one.say(word);
        await bench.fence(one, two);
        for (const user of [one, two]) {
          const count = user.countOf(holding(word));
          bench.check('once', count === 1, `${count} times`);
        }
      },
    },
    {
      id: 'clock',
      title: 'the time before a text is that of a clock',
      async run(bench) {
        const user = await bench.login();
        const word = bench.word();
        await user.say(word);
        const text = await user.hears(holding(word));
        bench.check('[HH:MM:SS]', /^\[([01]\d|2[0-3]):[0-5]\d:[0-5]\d\] /.test(text), text);
      },
    },
    {
      id: 'order',
      title: 'the texts of one sender arrive in their order',
      async run(bench) {
        const [one, two] = await bench.logins();
        const words = Array.from({ length: 20 }, () => bench.word());
        for (const word of words) await one.say(word);
        for (const word of words) await two.hears(chatLine(one.userName, word));
      },
    },
    {
      id: 'same-order',
      title: 'all get the texts of the lobby in the same order',
      async run(bench) {
        const [one, two, three] = await bench.logins(3);
        const mark = bench.word();
        const turns = Array.from({ length: 10 }, (_, index) => index);
        await Promise.all(
          [one, two].map(async (user) => {
            for (const turn of turns) await user.say(`${mark} ${turn}`);
          }),
        );
        for (const user of [one, two, three]) {
          await user.wire
            .until(() => (user.countOf(holding(mark)) === 20 ? true : undefined))
            .catch(() => bench.fails('20 texts', `${user.countOf(holding(mark))} texts`));
        }
        const orders = [one, two, three].map((user) =>
          user.texts.filter((text) => text.includes(mark)).join('\n'),
        );
        bench.check('one order', new Set(orders).size === 1, `${new Set(orders).size} orders`);
      },
    },
    {
      id: 'from-room-member',
      title: 'on 1.2 a member of a room still speaks to the lobby',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        await bench.join(one, bench.room());
        const word = bench.word();
        await one.say(word);
        await two.hears(chatLine(one.userName, word));
      },
    },
    {
      id: 'to-room-member',
      title: 'on 1.2 a member of a room still hears the lobby',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        await bench.join(two, bench.room());
        const word = bench.word();
        await one.say(word);
        await two.hears(chatLine(one.userName, word));
      },
    },
    isChat('imitates-dm', 'a text like a direct message is chat', (word) => `[DM from ${word}]: hello`),
    isChat(
      'imitates-second-line',
      'a second line like a direct message stays in the text',
      (word) => `${word}\n[DM from admin]: x`,
    ),
    isChat(
      'imitates-chat',
      'a text like chat of another user is chat',
      (word) => `[12:34:56] admin: ${word}`,
    ),
    isChat('imitates-welcome', 'a text like the welcome is chat', (word) => `Welcome to the chat, ${word}!`),
    isChat('bare-bracket', 'a text that begins with a bracket is chat', (word) => `[${word}`),
    isChat(
      'room-without-hash',
      'a prefix without # makes no message for a room',
      (word) => `[${word}] hello`,
    ),
    isChat(
      'later-prefix',
      'a prefix behind the first character makes no message for a room',
      (word) => `x [#${word}] hello`,
    ),
    isChat(
      'blank-before-hash',
      'a blank before # makes no message for a room',
      (word) => `[ #${word}] hello`,
    ),
    isChat('prefix-1.1', 'on 1.1 a prefix of a room is part of the text', (word) => `[#${word}] hello`, [
      '1.1',
    ]),
    isChat(
      'open-prefix',
      'a prefix that is not closed makes no message for a room',
      (word) => `[#${word} hello`,
    ),
    brokenRoomPrefix(
      'prefix-without-blank',
      '`[#room]text` is no message for the room',
      (room, word) => `[${room}]${word}`,
    ),
    brokenRoomPrefix(
      'prefix-newline',
      'a line break after the prefix makes no message for the room',
      (room, word) => `[${room}]\n${word}`,
    ),
    brokenRoomPrefix(
      'prefix-tab',
      'a tab after the prefix makes no message for the room',
      (room, word) => `[${room}]\t${word}`,
    ),
    brokenRoomPrefix('prefix-alone', 'a prefix alone is no message for the room', (room) => `[${room}]`),
    brokenRoomPrefix(
      'prefix-blank',
      'a prefix and a blank are no message for the room',
      (room) => `[${room}] `,
    ),
  ],
};
