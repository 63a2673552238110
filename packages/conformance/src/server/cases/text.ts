import { chat, type ServerCase, type ServerGroup } from '../serverBench.js';
import { dmFrom } from '../serverTexts.js';
import { codePoint, NO_WHITE_SPACE, WHITE_SPACE } from '../whiteSpace.js';

/** A text for the lobby, and the text that everyone gets. */
function said(
  id: string,
  title: string,
  say: (word: string) => string,
  get: (word: string) => string,
): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [user, other] = await bench.logins();
      const word = bench.word();
      await user.say(say(word));
      await other.hears(chat(user.userName, get(word)));
    },
  };
}

const kept = (id: string, title: string, text: (word: string) => string): ServerCase =>
  said(id, title, text, text);

const IGNORED = WHITE_SPACE.map((code) => [codePoint(code), String.fromCharCode(code)] as const);

/** Bytes that are not UTF-8: relayed as they are, or with U+FFFD in their place. */
function notUtf8(id: string, hex: string): ServerCase {
  return {
    id: `not-utf8-${id}`,
    title: `the bytes ${hex} in a text arrive, or U+FFFD in their place`,
    async run(bench) {
      const [user, other] = await bench.logins();
      const [head, tail] = [bench.word(), bench.word()];
      await user.say(Buffer.concat([Buffer.from(head), Buffer.from(hex, 'hex'), Buffer.from(tail)]));
      const shown = `${head}, then ${hex} or U+FFFD, then ${tail}`;
      const text = await other.hears({
        shown,
        test: (heard) => heard.slice(11).startsWith(`${user.userName}: ${head}`) && heard.endsWith(tail),
      });
      const bytes = other.textBytes[other.texts.indexOf(text)] ?? Buffer.alloc(0);
      const middle = bytes.subarray(bytes.indexOf(head) + head.length, bytes.indexOf(tail));
      const isKept = middle.equals(Buffer.from(hex, 'hex')) || /^\uFFFD+$/.test(middle.toString());
      bench.check(shown, isKept, middle.toString('hex'));
    },
  };
}

export const text: ServerGroup = {
  name: 'text',
  title: 'Text and white space',
  cases: [
    ...WHITE_SPACE.map((code) =>
      said(
        `trims-${codePoint(code)}`,
        `${codePoint(code)} around a text is trimmed`,
        (word) => `${String.fromCharCode(code)}${word}${String.fromCharCode(code)}`,
        (word) => word,
      ),
    ),
    ...NO_WHITE_SPACE.map((code) =>
      kept(`keeps-${codePoint(code)}`, `${codePoint(code)} around a text is kept`, (word) => {
        const character = String.fromCharCode(code);
        return `${character}${word}${character}`;
      }),
    ),
    ...IGNORED.map(([id, blank]): ServerCase => ({
      id: `ignores-${id}`,
      title: `a text of nothing but ${id} is ignored`,
      async run(bench) {
        const user = await bench.login();
        await user.say(blank);
        const word = bench.word();
        await user.say(word);
        await user.hears(chat(user.userName, word));
        user.neverHeard(chat(user.userName, ''), chat(user.userName, blank));
      },
    })),
    ...WHITE_SPACE.map((code): ServerCase => ({
      id: `splits-${codePoint(code)}`,
      title: `${codePoint(code)} splits the arguments of a command`,
      async run(bench) {
        const user = await bench.login();
        const [one, two] = [bench.word(), bench.word()];
        const blank = String.fromCharCode(code);
        await user.say(`/msg${blank}${user.userName}${blank}${one}${blank}${blank}${two}`);
        await user.hears(dmFrom(user.userName, `${one} ${two}`));
      },
    })),
    ...NO_WHITE_SPACE.map((code): ServerCase => ({
      id: `does-not-split-${codePoint(code)}`,
      title: `${codePoint(code)} does not split the arguments of a command`,
      async run(bench) {
        const user = await bench.login();
        const [one, two] = [bench.word(), bench.word()];
        const joined = `${one}${String.fromCharCode(code)}${two}`;
        await user.say(`/msg ${user.userName} ${joined}`);
        await user.hears(dmFrom(user.userName, joined));
      },
    })),
    kept('newline', 'a line break inside a text is kept', (word) => `${word}\n${word}`),
    kept('newlines', 'several line breaks inside a text are kept', (word) => `${word}\n\n\n${word}`),
    kept('crlf', 'a carriage return inside a text is kept', (word) => `${word}\r\n${word}`),
    kept('tab', 'a tab inside a text is kept', (word) => `${word}\t${word}`),
    kept('blanks', 'runs of blanks inside a text are kept', (word) => `${word}    ${word}`),
    kept('inner-nbsp', 'a no-break space inside a text is kept', (word) => `${word}\u00a0${word}`),
    kept('nul', 'a NUL character is relayed', (word) => `${word}\0${word}`),
    kept('escape', 'an escape character is relayed', (word) => `${word}\u001b[31mred\u001b[0m${word}`),
    kept('bell', 'a bell character is relayed', (word) => `${word}\u0007${word}`),
    kept('latin', 'letters that are not ASCII are relayed', (word) => `${word} äöüß éèê ñ`),
    kept(
      'cjk',
      'Chinese, Japanese and Korean text is relayed',
      (word) => `${word} 你好 こんにちは 안녕하세요`,
    ),
    kept('rtl', 'text from right to left is relayed', (word) => `${word} שלום مرحبا`),
    kept('emoji', 'emoji are relayed', (word) => `${word} 🙂 👩‍👩‍👧‍👦 🏳️‍🌈`),
    kept('combining', 'combining characters are not normalised', (word) => `${word} e\u0301 é A\u030a Å`),
    kept(
      'bidi',
      'characters that change the direction of text are relayed',
      (word) => `${word}\u202e${word}\u202c.`,
    ),
    kept('noncharacter', 'noncharacters are relayed', (word) => `${word}\uffff\u{10ffff}${word}`),
    kept('replacement', 'the replacement character is relayed', (word) => `${word}\ufffd${word}`),
    kept('quotes', 'quotes and backslashes are relayed', (word) => `${word} " ' \\ \\n %s %d {} <b>&amp;`),
    kept('brackets', 'a text in brackets is chat', (word) => `[${word}] hello`),
    kept('hash', 'a text that begins with # is chat', (word) => `#${word} hello`),
    kept('later-slash', 'a slash behind the first character makes no command', (word) => `${word} /quit`),
    kept('quit-word', 'the word quit is chat', (word) => `quit ${word}`),
    kept('marker', 'a text like a marker of files is chat', (word) => `FILE_START|${word}|5`),
    kept('notice', 'a text like a notice of the server is chat', (word) => `*** ${word} left the chat ***`),
    ...[1000, 2000, 4000].map((size) =>
      kept(`size-${size}`, `a text of ${size} bytes is relayed`, (word) => word.padEnd(size, 'x')),
    ),
    kept(
      'wide-4000',
      'a text of 1000 characters of four bytes is relayed',
      (word) => `${word}${'🙂'.repeat(980)}`,
    ),
    notUtf8('ff', 'ff'),
    notUtf8('truncated', 'e282'),
    notUtf8('continuation', '80'),
    notUtf8('overlong', 'c0af'),
    notUtf8('surrogate', 'eda080'),
    notUtf8('beyond', 'f4908080'),
  ],
};
