import { chat, holding, type ServerCase, type ServerGroup } from '../serverBench.js';
import { dmFrom, dmTo, offline, USAGE } from '../serverTexts.js';

/** The text after `/msg USER `, and the text that arrives. */
function arrives(
  id: string,
  title: string,
  write: (word: string) => string,
  get: (word: string) => string,
): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [one, two] = await bench.logins();
      const word = bench.word();
      await one.say(`/msg ${two.userName} ${write(word)}`);
      await two.hears(dmFrom(one.userName, get(word)));
      await one.hears(dmTo(two.userName, get(word)));
    },
  };
}

function usage(id: string, title: string, text: string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const user = await bench.login();
      await user.say(text);
      await user.hears(USAGE.msg);
    },
  };
}

function unknownRecipient(id: string, title: string, make: (name: string) => string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [one, two] = await bench.logins();
      const name = make(two.userName);
      await one.say(`/msg ${name} hello`);
      await one.hears(offline(name));
    },
  };
}

export const dms: ServerGroup = {
  name: 'dms',
  title: 'Direct messages',
  cases: [
    arrives(
      'arrives',
      'a direct message arrives, and its sender gets the echo',
      (word) => word,
      (word) => word,
    ),
    {
      id: 'private',
      title: 'nobody but the two gets a direct message',
      async run(bench) {
        const [one, two, three] = await bench.logins(3);
        const word = bench.word();
        await one.say(`/msg ${two.userName} ${word}`);
        await two.hears(dmFrom(one.userName, word));
        await bench.fence(one, three);
        three.neverHeard(holding(word));
      },
    },
    {
      id: 'self',
      title: 'a direct message to oneself arrives with its echo',
      async run(bench) {
        const user = await bench.login();
        const word = bench.word();
        await user.say(`/msg ${user.userName} ${word}`);
        await bench.settle(user);
        const counts = [user.countOf(dmFrom(user.userName, word)), user.countOf(dmTo(user.userName, word))];
        bench.checkSame([1, 1], counts);
      },
    },
    {
      id: 'order',
      title: 'direct messages arrive in their order',
      async run(bench) {
        const [one, two] = await bench.logins();
        const words = Array.from({ length: 20 }, () => bench.word());
        for (const word of words) await one.say(`/msg ${two.userName} ${word}`);
        for (const word of words) await two.hears(dmFrom(one.userName, word));
      },
    },
    {
      id: 'name-with-blank',
      title: 'a name is the first word: the rest is the text',
      async run(bench) {
        const first = bench.name();
        const [user, short] = [await bench.login(), await bench.login(first)];
        await bench.login(`${first} x`);
        await user.say(`/msg ${first} x hi`);
        await short.hears(dmFrom(user.userName, 'x hi'));
      },
    },
    {
      id: 'from-name-with-blank',
      title: 'a user with a blank in the name can send direct messages',
      async run(bench) {
        const [one, two] = [await bench.login(`${bench.name()} x`), await bench.login()];
        const word = bench.word();
        await one.say(`/msg ${two.userName} ${word}`);
        await two.hears(dmFrom(one.userName, word));
      },
    },
    {
      id: 'command-case',
      title: '/MSG is /msg',
      async run(bench) {
        const user = await bench.login();
        const word = bench.word();
        await user.say(`/MSG ${user.userName} ${word}`);
        await user.hears(dmFrom(user.userName, word));
      },
    },
    {
      id: 'in-room',
      title: 'members of rooms get direct messages',
      async run(bench) {
        const [one, two] = await bench.logins();
        await bench.join(two, bench.room());
        const word = bench.word();
        await one.say(`/msg ${two.userName} ${word}`);
        await two.hears(dmFrom(one.userName, word));
        await one.hears(dmTo(two.userName, word));
      },
    },
    {
      id: 'gone',
      title: 'a user who has left is not online',
      async run(bench) {
        const [one, two] = await bench.logins();
        await two.say('/quit');
        await one.hears(`*** ${two.userName} left the chat ***`);
        await one.say(`/msg ${two.userName} hello`);
        await one.hears(offline(two.userName));
      },
    },
    unknownRecipient('offline', 'a name that is not online is told', (name) => `no${name}`),
    unknownRecipient('case', 'names of recipients are case-sensitive', (name) => name.toUpperCase()),
    unknownRecipient('room', 'a room is no recipient', () => '#general'),
    unknownRecipient('comma', 'a list of names is no recipient', (name) => `${name},${name}`),
    unknownRecipient('unicode', 'a recipient that is not ASCII is repeated as it is', (name) => `${name}é`),
    unknownRecipient('quote', 'a recipient with a quote is repeated as it is', (name) => `${name}'`),
    unknownRecipient('invisible', 'an invisible character makes another name', (name) => `${name}\u200b`),
    usage('usage', '/msg without arguments is answered with its usage', '/msg'),
    usage('usage-blank', '/msg with a blank is answered with its usage', '/msg  '),
    usage('usage-name', '/msg with a name and no text is answered with its usage', '/msg somebody'),
    usage('usage-name-blank', '/msg with a name and blanks is answered with its usage', '/msg somebody   \t'),
    arrives(
      'blanks',
      'runs of blanks become one',
      (word) => `${word}    ${word}`,
      (word) => `${word} ${word}`,
    ),
    arrives(
      'newline',
      'a line break becomes a blank',
      (word) => `${word}\n${word}`,
      (word) => `${word} ${word}`,
    ),
    arrives(
      'mixed',
      'runs of any white space become one blank',
      (word) => `${word} \t\r\n\u2003 ${word}`,
      (word) => `${word} ${word}`,
    ),
    arrives(
      'leading',
      'white space before the text is dropped',
      (word) => `  \n ${word}`,
      (word) => word,
    ),
    arrives(
      'trailing',
      'white space after the text is dropped',
      (word) => `${word} \n `,
      (word) => word,
    ),
    arrives(
      'command',
      'a command in a direct message is text',
      (word) => `/quit ${word}`,
      (word) => `/quit ${word}`,
    ),
    arrives(
      'room-prefix',
      'a prefix of a room in a direct message is text',
      (word) => `[#x] ${word}`,
      (word) => `[#x] ${word}`,
    ),
    arrives(
      'imitation',
      'a text like another message stays behind its prefix',
      (word) => `[DM from x]: ${word}`,
      (word) => `[DM from x]: ${word}`,
    ),
    arrives(
      'nul',
      'a NUL character is relayed',
      (word) => `${word}\0`,
      (word) => `${word}\0`,
    ),
    arrives(
      'emoji',
      'emoji are relayed',
      (word) => `${word} 👩‍👩‍👧`,
      (word) => `${word} 👩‍👩‍👧`,
    ),
    arrives(
      'long',
      'a direct message of 4000 bytes is relayed',
      (word) => word.padEnd(4000, 'x'),
      (word) => word.padEnd(4000, 'x'),
    ),
    {
      id: 'no-chat',
      title: 'a direct message is not in the lobby',
      async run(bench) {
        const [one, two] = await bench.logins();
        const word = bench.word();
        await one.say(`/msg ${two.userName} ${word}`);
        await bench.fence(one, two);
        two.neverHeard(chat(one.userName, word), chat(one.userName, `/msg ${two.userName} ${word}`));
      },
    },
  ],
};
