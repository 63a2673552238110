import type { Expected } from '../../wire/peer.js';
import { chat, type ServerBench, type ServerCase, type ServerGroup } from '../serverBench.js';
import { HINT, joined, left, NAME_TAKEN, PROMPT, welcome } from '../serverTexts.js';
import { codePoint, NO_WHITE_SPACE, WHITE_SPACE } from '../whiteSpace.js';

/** A name that is taken as it is. `make` gets a word that makes it unique. */
function valid(id: string, title: string, make: (word: string) => string): ServerCase {
  return {
    id: `valid-${id}`,
    title,
    async run(bench) {
      const name = make(bench.name());
      const user = await bench.login(name);
      await bench.settle(user);
    },
  };
}

/** A name that another user of the server under test may have. */
function reserved(id: string, name: string): ServerCase {
  return {
    id: `valid-${id}`,
    title: `the name ${JSON.stringify(name)} is valid`,
    async run(bench) {
      const peer = await bench.open();
      await peer.hears(PROMPT);
      await peer.say(name);
      if ((await peer.hears(welcome(name), NAME_TAKEN)) === NAME_TAKEN)
        bench.notApplicable('The name is in use.');
    },
  };
}

function trimmed(id: string, title: string, around: (name: string) => string): ServerCase {
  return {
    id: `trims-${id}`,
    title,
    async run(bench) {
      const name = bench.name();
      const peer = await bench.open();
      await peer.hears(PROMPT);
      await peer.say(around(name));
      await peer.hears(welcome(name));
    },
  };
}

/** A name that closes the connection without a word. */
function invalid(id: string, title: string, make: (name: string) => string | Buffer): ServerCase {
  return {
    id: `invalid-${id}`,
    title,
    async run(bench) {
      const peer = await bench.open();
      await peer.hears(PROMPT);
      await peer.say(make(bench.name()));
      await peer.closes();
      bench.check('no text but the question', peer.texts.length === 1, peer.texts);
    },
  };
}

async function tryName(
  bench: ServerBench,
  name: string,
  ...expected: [Expected, ...Expected[]]
): Promise<void> {
  const peer = await bench.open();
  await peer.hears(PROMPT);
  await peer.say(name);
  await peer.hears(...expected);
}

const PUNCTUATION = '!"#$%&\'()*+,/:;<=>?@[\\]^`{|}~'.split('');

export const login: ServerGroup = {
  name: 'login',
  title: 'Login and names',
  cases: [
    {
      id: 'order',
      title: 'the welcome comes after the name, and the hint after the welcome',
      async run(bench) {
        const user = await bench.login();
        const [first, second, third] = user.texts.filter(
          (text) => !text.startsWith('***') && !text.startsWith('['),
        );
        const seen = [first, second, third];
        const expected = [PROMPT, welcome(user.userName), HINT];
        bench.checkSame(expected, seen);
      },
    },
    {
      id: 'told-to-all',
      title: 'everyone in the lobby is told that a user joined',
      async run(bench) {
        const user = await bench.login();
        const other = await bench.login();
        await user.hears(joined(other.userName));
      },
    },
    {
      id: 'told-to-self',
      title: 'a user gets the notice of their own join',
      async run(bench) {
        const peer = await bench.login();
        await bench.settle(peer);
        const other = await bench.login();
        await peer.hears(joined(other.userName));
        bench.check(
          'one own notice',
          peer.countOf(joined(peer.userName)) === 1,
          peer.countOf(joined(peer.userName)),
        );
      },
    },
    {
      id: 'not-before-name',
      title: 'who has not given a name is not online',
      async run(bench) {
        const user = await bench.login();
        const peer = await bench.open();
        await peer.hears(PROMPT);
        const word = bench.word();
        await user.say(word);
        await user.hears(chat(user.userName, word));
        await bench.settle(user);
        bench.check('nothing but the question', peer.texts.length === 1, peer.texts);
      },
    },
    {
      id: 'texts-after-name',
      title: 'texts that follow the name at once are handled after the login',
      async run(bench) {
        const peer = await bench.open();
        const [name, word] = [bench.name(), bench.word()];
        await peer.say(name);
        await peer.say(`/${word}`);
        await peer.hears(welcome(name));
        await peer.hears(`Unknown command: /${word}. Type /help for available commands.`);
      },
    },
    {
      id: 'taken',
      title: 'a name in use is refused with a text, and the connection is closed',
      async run(bench) {
        const user = await bench.login();
        const peer = await bench.open();
        await peer.hears(PROMPT);
        await peer.say(user.userName);
        await peer.hears(NAME_TAKEN);
        await peer.closes();
        await bench.works(user);
      },
    },
    {
      id: 'taken-trimmed',
      title: 'a name in use is refused with white space around it, too',
      async run(bench) {
        const user = await bench.login();
        await tryName(bench, `  ${user.userName}\t`, NAME_TAKEN);
      },
    },
    {
      id: 'case-sensitive',
      title: 'names that differ in case are different names',
      async run(bench) {
        const name = bench.name();
        await bench.login(name);
        await bench.login(name.toUpperCase());
      },
    },
    ...(['quit', 'close', 'reset'] as const).map((way): ServerCase => ({
      id: `free-after-${way}`,
      title: `a name is free again after its user left by ${way}`,
      async run(bench) {
        const [watcher, user] = await bench.logins();
        if (way === 'quit') await user.say('/quit');
        else if (way === 'close') user.wire.end();
        else user.wire.reset();
        await watcher.hears(left(user.userName));
        await bench.login(user.userName);
      },
    })),
    valid('one-character', 'a name of one character is valid, if free', (word) => word),
    valid('letters', 'letters of both cases are valid', (word) => `aZ${word}`),
    valid('digits', 'a name may begin with digits', (word) => `0123456789${word}`),
    valid('space', 'a blank inside a name is valid', (word) => `a b ${word}`),
    valid('spaces', 'several blanks inside a name are kept', (word) => `a  b   ${word}`),
    valid('underscore', 'underscores are valid', (word) => `_${word}_`),
    valid('hyphen', 'hyphens are valid', (word) => `-${word}-`),
    valid('dot', 'dots are valid', (word) => `.${word}.`),
    valid('32-bytes', 'a name of 32 bytes is valid', (word) => word.padEnd(32, 'x')),
    valid('31-bytes', 'a name of 31 bytes is valid', (word) => word.padEnd(31, 'x')),
    reserved('lobby', 'lobby'),
    reserved('server', 'Server'),
    reserved('only-dot', '.'),
    reserved('only-hyphen', '-'),
    reserved('only-underscore', '_'),
    reserved('one-letter', 'q'),
    ...WHITE_SPACE.map((code) =>
      trimmed(codePoint(code), `${codePoint(code)} around a name is trimmed`, (name) => {
        const blank = String.fromCharCode(code);
        return `${blank}${name}${blank}${blank}`;
      }),
    ),
    trimmed('long', 'a name is measured after trimming', (name) => `${' '.repeat(100)}${name}\n`),
    invalid('empty', 'an empty name is refused', () => ''),
    invalid('blank', 'a name of blanks is refused', () => '   '),
    invalid('33-bytes', 'a name of 33 bytes is refused', (name) => name.padEnd(33, 'x')),
    invalid('1000-bytes', 'a name of 1000 bytes is refused', (name) => name.padEnd(1000, 'x')),
    invalid('16k', 'a name of 16 KiB is refused', (name) => name.padEnd(16384, 'x')),
    invalid('command', 'a command in place of a name is refused', () => '/quit'),
    invalid('newline', 'a line break inside a name is refused', (name) => `a\n${name}`),
    invalid('tab', 'a tab inside a name is refused', (name) => `a\t${name}`),
    invalid('escape', 'an escape character in a name is refused', (name) => `${name}\u001b[31m`),
    invalid('delete', 'a delete character in a name is refused', (name) => `${name}\u007f`),
    invalid('latin', 'a letter that is not ASCII is refused', (name) => `${name}é`),
    invalid('cyrillic', 'a letter that looks like ASCII is refused', (name) => `${name}а`),
    invalid('emoji', 'an emoji in a name is refused', (name) => `${name}🙂`),
    invalid('wide-digit', 'a digit that is not ASCII is refused', (name) => `${name}٣`),
    invalid('utf8', 'a name that is not UTF-8 is refused', (name) => Buffer.from(`${name}\xff`, 'latin1')),
    invalid('inner-nbsp', 'a no-break space inside a name is refused', (name) => `a\u00a0${name}`),
    ...NO_WHITE_SPACE.map((code) =>
      invalid(
        codePoint(code),
        `${codePoint(code)} around a name is not trimmed`,
        (name) => name + String.fromCharCode(code),
      ),
    ),
    ...PUNCTUATION.map((character) =>
      invalid(
        `ascii-${character.charCodeAt(0).toString(16)}`,
        `${JSON.stringify(character)} in a name is refused`,
        (name) => `${name}${character}a`,
      ),
    ),
  ],
};
