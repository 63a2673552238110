import { chat, holding, type ServerCase, type ServerGroup } from '../serverBench.js';
import { left, unknownCommand } from '../serverTexts.js';

/** A command that does not exist, and how the answer repeats it. */
function unknown(id: string, title: string, text: string, repeated: string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [user, other] = await bench.logins();
      await user.say(text);
      await user.hears(unknownCommand(repeated));
      await bench.works(user);
      await bench.fence(user, other);
      other.neverHeard(holding(unknownCommand(repeated)), chat(user.userName, text));
    },
  };
}

/** What ends the session. */
function quits(id: string, title: string, text: string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [user, other] = await bench.logins();
      await user.say(text);
      await user.closes();
      await other.hears(left(user.userName));
    },
  };
}

function help(id: string, title: string, text: string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const user = await bench.login();
      await user.say(text);
      const head = '\nAvailable Commands:';
      await user.hears({
        shown: `a text that begins ${JSON.stringify(head)}`,
        test: (heard) => heard.startsWith(head),
      });
    },
  };
}

export const commands: ServerGroup = {
  name: 'commands',
  title: 'Help, quit and unknown commands',
  cases: [
    help('help', '/help is answered with the commands', '/help'),
    help('help-case', '/HELP is /help', '/HELP'),
    help('help-extra', 'further words after /help are ignored', '/help me please'),
    help('help-trimmed', 'white space around a command is trimmed', ' \n/help\u00a0'),
    ...['/msg', '/join', '/leave', '/rooms', '/users', '/file', '/accept', '/decline', '/quit'].map(
      (command): ServerCase => ({
        id: `help-names-${command.slice(1)}`,
        title: `the help names ${command}`,
        async run(bench) {
          const user = await bench.login();
          await user.say('/help');
          const text = await user.hears(holding('Available Commands:'));
          bench.check(command, text.includes(command), text);
        },
      }),
    ),
    quits('quit', '/quit ends the session', '/quit'),
    quits('quit-trimmed', '/quit with white space around it ends the session', '  /quit\n'),
    quits('quit-next-line', '/quit between U+0085 ends the session', '\u0085/quit\u0085'),
    quits('quit-nbsp', '/quit between no-break spaces ends the session', '\u00a0/quit\u00a0'),
    {
      id: 'quit-silent',
      title: '/quit is not answered with a text',
      async run(bench) {
        const user = await bench.login();
        await bench.settle(user);
        const before = user.texts.length;
        await user.say('/quit');
        await user.closes();
        const own = user.texts.slice(before).filter((text) => !/^(\*\*\* .* (joined|left) |\[)/.test(text));
        bench.check('no text', own.length === 0, own);
      },
    },
    {
      id: 'quit-after-requests',
      title: 'what was sent before /quit is answered before the end',
      async run(bench) {
        const user = await bench.login();
        const word = bench.word();
        await user.say(`/msg ${user.userName} ${word}`);
        await user.say('/quit');
        await user.hears(`[DM to ${user.userName}]: ${word}`);
        await user.closes();
      },
    },
    unknown('quit-upper', '/QUIT is unknown', '/QUIT', '/quit'),
    unknown('quit-words', '/quit with a word is unknown', '/quit now', '/quit'),
    unknown('quit-feff', 'U+FEFF after /quit makes an unknown command', '/quit\ufeff', '/quit\ufeff'),
    unknown('word', 'a command that does not exist is told', '/nosuch', '/nosuch'),
    unknown('arguments', 'arguments of an unknown command are not repeated', '/nosuch one two', '/nosuch'),
    unknown('upper', 'an unknown command is repeated in lower case', '/NoSuch', '/nosuch'),
    unknown('slash', 'a slash alone is an unknown command', '/', '/'),
    unknown('slash-blank', 'a slash and a word behind a blank is an unknown command', '/ help', '/'),
    unknown('slashes', 'two slashes are an unknown command', '//', '//'),
    unknown('slashes-word', 'two slashes and a word are an unknown command', '//help', '//help'),
    unknown('prefix', 'the beginning of a command is unknown', '/hel', '/hel'),
    unknown('longer', 'a longer word than a command is unknown', '/helpme', '/helpme'),
    unknown('newline', 'a command ends at a line break', '/nosuch\nmore', '/nosuch'),
    unknown('nbsp', 'a command ends at a no-break space', '/nosuch\u00a0more', '/nosuch'),
    unknown('feff', 'a command does not end at U+FEFF', '/help\ufeff', '/help\ufeff'),
    unknown('zero-width', 'a command does not end at U+200B', '/help\u200b', '/help\u200b'),
    unknown('nul', 'a NUL character in a command is repeated', '/a\0b', '/a\0b'),
    unknown('escape', 'an escape character in a command is repeated', '/a\u001b[31m', '/a\u001b[31m'),
    unknown('markup', 'a command is repeated without changes', '/<b>%s{}', '/<b>%s{}'),
    unknown('accents', 'letters with accents become lower case', '/ÄÖÉ', '/äöé'),
    unknown('greek', 'a sigma at the end becomes the usual small one', '/ΑΣ', '/ας'.replace('ς', 'σ')),
    unknown('dotted', 'a dotted capital I becomes i', '/İX', '/ix'),
    unknown('kelvin', 'the Kelvin sign becomes k', '/\u212a1', '/k1'),
    unknown('cyrillic', 'Cyrillic letters become lower case', '/ПРИВЕТ', '/привет'),
    unknown('georgian', 'Georgian capitals become lower case', '/\u1c90\u1c91', '/\u10d0\u10d1'),
    unknown('deseret', 'capitals beyond 16 bits become lower case', '/\u{10400}', '/\u{10428}'),
    unknown('sharp-s', 'the sharp s stays', '/ẞß', '/ßß'),
    unknown('emoji', 'an emoji in a command is repeated', '/🙂', '/🙂'),
    {
      id: 'in-order',
      title: 'commands of one client are answered in their order',
      async run(bench) {
        const user = await bench.login();
        const words = Array.from({ length: 30 }, () => bench.word());
        for (const word of words) await user.say(`/${word}`);
        for (const word of words) await user.hears(unknownCommand(`/${word}`));
      },
    },
  ],
};
