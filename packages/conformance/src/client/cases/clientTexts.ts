import type { Guest, ClientBench, ClientCase, ClientGroup } from '../clientBench.js';

/** A text of a server after which the client goes on as before. */
function survives(id: string, title: string, ...texts: readonly (string | Buffer)[]): ClientCase {
  return survivesAct(id, title, async (guest) => {
    for (const text of texts) await guest.say(text);
  });
}

function survivesAct(
  id: string,
  title: string,
  act: (guest: Guest, bench: ClientBench) => Promise<void>,
): ClientCase {
  return {
    id,
    title,
    async run(bench) {
      const guest = await bench.login();
      await act(guest, bench);
      await bench.echoes(guest);
      bench.check('no file packets', guest.files.length === 0, `${guest.files.length} file packets`);
    },
  };
}

/** The text of a direct message comes back as it is. */
function echoes(id: string, title: string, make: (word: string) => string): ClientCase {
  return {
    id: `echoes-${id}`,
    title,
    run: async (bench) => bench.echoes(await bench.login(), undefined, make(bench.word())),
  };
}

/** A text that imitates a direct message gets no answer. */
function noAnswer(id: string, title: string, text: string): ClientCase {
  return {
    id: `no-answer-${id}`,
    title,
    async run(bench) {
      const guest = await bench.login();
      await guest.say(text);
      await bench.echoes(guest);
      guest.neverHeard({ shown: 'an answer to victim', test: (heard) => heard.startsWith('/msg victim') });
    },
  };
}

const HASH = 'a'.repeat(64);

export const clientTexts: ClientGroup = {
  name: 'texts',
  title: 'Texts',
  cases: [
    echoes('word', 'a word is answered', (word) => word),
    echoes('blank', 'blanks are kept', (word) => `${word} ${word}`),
    echoes('command', 'a command in a direct message is text', (word) => `/quit ${word}`),
    echoes('emoji', 'emoji are kept', (word) => `${word} 👩‍👩‍👧 🏳️‍🌈`),
    echoes('script', 'other scripts are kept', (word) => `${word} שלום 你好`),
    echoes('combining', 'combining characters are not normalised', (word) => `${word} e\u0301 é`),
    echoes('nul', 'a NUL character is kept', (word) => `${word}\0${word}`),
    echoes('escape', 'an escape character is kept', (word) => `${word}\u001b[31m${word}`),
    echoes('brackets', 'brackets are kept', (word) => `[#x] [DM from y]: ${word}`),
    echoes('long', '3000 bytes are answered', (word) => word.padEnd(3000, 'x')),
    noAnswer(
      'second-line',
      'a second line like a direct message is none',
      '[12:34:56] x: hello\n[DM from victim]: hi',
    ),
    noAnswer('chat', 'chat like a direct message is none', '[12:34:56] x: [DM from victim]: hi'),
    noAnswer(
      'room',
      'a message of a room like a direct message is none',
      '[12:34:56] [#a] x: [DM from victim]: hi',
    ),
    noAnswer('blank-first', 'a direct message behind a blank is none', ' [DM from victim]: hi'),
    noAnswer('lower-case', 'a direct message in other letters is none', '[dm from victim]: hi'),
    noAnswer('echo', 'an echo of a direct message is none', '[DM to victim]: hi'),
    noAnswer('bad-name', 'a direct message of an impossible name is none', '[DM from victim\nx]: hi'),
    survives('not-utf8', 'bytes that are not UTF-8 harm nothing', Buffer.from('fffe80c0af', 'hex')),
    survives('notice', 'an unknown notice harms nothing', '*** Something new happened ***'),
    survives('empty-lines', 'line breaks alone harm nothing', '\n\n\n'),
    survives('second-prompt', 'a second prompt harms nothing', 'Enter your username: '),
    survives('second-welcome', 'a second welcome harms nothing', 'Welcome to the chat, somebody!'),
    survives(
      'joined-room',
      'a room that was not asked for harms nothing',
      'Joined room #x',
      '*** me joined #x ***',
    ),
    survives(
      'left-room',
      'leaving a room that was not asked for harms nothing',
      'Left room #x - returned to lobby',
    ),
    survives(
      'refusals',
      'refusals of what was not asked harm nothing',
      "User 'x' is not online.",
      'Incorrect password for room #x',
      '*** You are not a member of #x ***',
    ),
    survives(
      'lists',
      'lists that were not asked for harm nothing',
      'Online Users (1):\n  x',
      'Active Rooms:\n  #a (1 users)\n',
      'Members of lobby (0):\n  ',
    ),
    survives(
      'broken-lists',
      'broken lists harm nothing',
      'Online Users (99999999999999999999):\n',
      'Online Users (-1):',
      'Members of #x (',
      'Active Rooms:\n  #a',
    ),
    survives(
      'control-room',
      'control characters in the name of a room harm nothing',
      '*** x joined #\u001b[2J\0 ***',
    ),
    survives(
      'begin-send',
      'BEGIN_SEND for a file that was not offered is ignored',
      `BEGIN_SEND|/etc/passwd|${HASH}`,
    ),
    survives(
      'begin-send-twice',
      'BEGIN_SEND that comes twice is ignored',
      `BEGIN_SEND|a|${HASH}`,
      `BEGIN_SEND|a|${HASH}`,
    ),
    survives(
      'begin-send-broken',
      'a broken BEGIN_SEND is ignored',
      'BEGIN_SEND|',
      'BEGIN_SEND|a',
      'BEGIN_SEND|||',
    ),
    survives(
      'transfer-notices',
      'notices about transfers that do not exist are ignored',
      '*** File transfer stream completed. Check hash! ***',
      '*** File transfer cancelled: sender disconnected ***',
      '*** x accepted your file transfer (ID: a_b_1). ***',
    ),
    survives(
      'offer',
      'an offer of a file harms nothing',
      `*** FILE TRANSFER REQUEST ***\nSender: x\nFile: ../../a\nSHA-256: ${HASH}\nTransfer ID: x_y_1\n\nTo accept, type: /accept x_y_1\nTo decline, type: /decline x_y_1`,
    ),
    survives(
      'offer-broken',
      'a broken offer harms nothing',
      '*** FILE TRANSFER REQUEST ***\nSender: x\nFile: ',
    ),
    survivesAct('file-packets', 'file packets of no transfer are ignored', async (guest) => {
      await guest.sayFile(`FILE_START|../../x|5|${HASH}`);
      await guest.sayFile('hello');
      await guest.sayFile('FILE_END');
    }),
    survivesAct('file-start-broken', 'broken markers of files are ignored', async (guest) => {
      for (const text of ['FILE_START|', 'FILE_START|||', 'FILE_START|x|-1|y', 'FILE_END', ''])
        await guest.sayFile(text);
    }),
    survivesAct('crowd', '500 joins and leaves harm nothing', async (guest) => {
      for (let i = 0; i < 250; i++) {
        void guest.say(`*** user${i} joined the chat ***`);
        void guest.say(`*** user${i} left the chat ***`);
      }
    }),
    survivesAct('many-rooms', '500 messages of rooms harm nothing', async (guest) => {
      for (let i = 0; i < 500; i++) void guest.say(`[12:34:56] [#r${i}] x: hello`);
    }),
  ],
};
