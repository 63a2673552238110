import { chat, holding, type ServerCase, type ServerGroup } from '../serverBench.js';
import { joined, left, notMember, ROOM_NAME_INVALID, roomJoined, roomLeft, USAGE } from '../serverTexts.js';

/** A name that can be a room's. */
function validName(id: string, title: string, make: (room: string) => string): ServerCase {
  return {
    id: `name-${id}`,
    title,
    async run(bench) {
      const [one, two] = await bench.logins();
      const room = make(bench.room());
      await bench.join(one, room);
      await bench.join(two, room);
      const word = bench.word();
      await one.say(bench.inRoom(room, word));
      await two.hears(bench.roomLine(room, one.userName, word));
      await one.say(`/leave ${room}`);
      await one.hears(`Left room ${room} - returned to lobby`);
    },
  };
}

/** What a user writes, and the one answer to it. */
function answered(id: string, title: string, text: string, answer: string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const user = await bench.login();
      await user.say(text);
      await user.hears(answer);
    },
  };
}

/** The text after `[#room] `, and the text that members get. */
function message(
  id: string,
  title: string,
  write: (word: string) => string,
  get: (word: string) => string,
): ServerCase {
  return {
    id: `message-${id}`,
    title,
    versions: ['1.2'],
    async run(bench) {
      const [one, two] = await bench.logins();
      const [room, word] = [bench.room(), bench.word()];
      await bench.join(one, room);
      await bench.join(two, room);
      await one.say(`[${room}] ${write(word)}`);
      await two.hears(bench.roomLine(room, one.userName, get(word)));
      await one.hears(bench.roomLine(room, one.userName, get(word)));
    },
  };
}

export const rooms: ServerGroup = {
  name: 'rooms',
  title: 'Rooms',
  cases: [
    {
      id: 'create',
      title: 'who joins a room that does not exist creates it',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await user.say(`/join ${room}`);
        await user.hears(`Created and joined room ${room}`);
        await user.hears(roomJoined(user.userName, room));
      },
    },
    {
      id: 'join',
      title: 'who joins a room that exists is told so, and its members, too',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await two.say(`/join ${room}`);
        await two.hears(`Joined room ${room}`);
        for (const user of [one, two]) await user.hears(roomJoined(two.userName, room));
      },
    },
    {
      id: 'join-again',
      title: 'a member who joins again gets both answers again',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await bench.join(two, room);
        await two.say(`/join ${room}`);
        await two.hears(`Joined room ${room}`);
        await two.hears(roomJoined(two.userName, room));
        await one.hears(roomJoined(two.userName, room));
        await one.hears(roomJoined(two.userName, room));
      },
    },
    {
      id: 'join-private',
      title: 'who is not in a room does not hear who joins it',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await one.say(`/leave ${room}`);
        await one.hears(`Left room ${room} - returned to lobby`);
        await bench.fence(one, two);
        two.neverHeard(holding(room));
      },
    },
    {
      id: 'leave',
      title: 'who leaves a room is told so, and its members, too',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await bench.join(two, room);
        await two.say(`/leave ${room}`);
        await two.hears(`Left room ${room} - returned to lobby`);
        await one.hears(roomLeft(two.userName, room));
      },
    },
    {
      id: 'leave-silence',
      title: 'who has left a room gets its messages no more',
      async run(bench) {
        const [one, two] = await bench.logins();
        const [room, word] = [bench.room(), bench.word()];
        await bench.join(one, room);
        await bench.join(two, room);
        await two.say(`/leave ${room}`);
        await two.hears(`Left room ${room} - returned to lobby`);
        await one.hears(roomLeft(two.userName, room));
        await one.say(bench.inRoom(room, word));
        await one.hears(bench.roomLine(room, one.userName, word));
        await bench.fence(one, two);
        two.neverHeard(holding(word));
      },
    },
    {
      id: 'message-private',
      title: 'who is not in a room does not get its messages',
      async run(bench) {
        const [one, two] = await bench.logins();
        const [room, word] = [bench.room(), bench.word()];
        await bench.join(one, room);
        await one.say(bench.inRoom(room, word));
        await one.hears(bench.roomLine(room, one.userName, word));
        await bench.fence(one, two);
        two.neverHeard(holding(word));
      },
    },
    {
      id: 'message-not-member',
      title: 'who is not in a room cannot write to it',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const [room, word] = [bench.room(), bench.word()];
        await bench.join(one, room);
        await two.say(`[${room}] ${word}`);
        await two.hears(notMember(room));
        await bench.fence(two, one);
        one.neverHeard(holding(word));
      },
    },
    {
      id: 'message-no-room',
      title: 'nobody can write to a room that does not exist',
      versions: ['1.2'],
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await user.say(`[${room}] hello`);
        await user.hears(notMember(room));
      },
    },
    {
      id: 'message-after-leave',
      title: 'who has left a room cannot write to it',
      versions: ['1.2'],
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room);
        await user.say(`/leave ${room}`);
        await user.hears(`Left room ${room} - returned to lobby`);
        await user.say(`[${room}] hello`);
        await user.hears(notMember(room));
      },
    },
    message(
      'plain',
      'a message for a room goes to its members, the sender too',
      (word) => word,
      (word) => word,
    ),
    message(
      'newline',
      'line breaks in a message for a room are kept',
      (word) => `${word}\n${word}`,
      (word) => `${word}\n${word}`,
    ),
    message(
      'leading-blank',
      'white space after the blank of the prefix is kept',
      (word) => `  ${word}`,
      (word) => `  ${word}`,
    ),
    message(
      'leading-newline',
      'a line break after the blank of the prefix is kept',
      (word) => `\n${word}`,
      (word) => `\n${word}`,
    ),
    message(
      'leading-nbsp',
      'a no-break space after the blank of the prefix is kept',
      (word) => `\u00a0${word}`,
      (word) => `\u00a0${word}`,
    ),
    message(
      'trailing-blank',
      'white space at the end is trimmed',
      (word) => `${word} \n `,
      (word) => word,
    ),
    message(
      'command',
      'a command behind a prefix is text',
      (word) => `/quit ${word}`,
      (word) => `/quit ${word}`,
    ),
    message(
      'second-prefix',
      'a second prefix is text',
      (word) => `[#x] ${word}`,
      (word) => `[#x] ${word}`,
    ),
    message(
      'bracket',
      'a bracket and a blank in the text are text',
      (word) => `a] ${word}`,
      (word) => `a] ${word}`,
    ),
    message(
      'imitation',
      'a text like a direct message stays behind its prefix',
      (word) => `[DM from x]: ${word}`,
      (word) => `[DM from x]: ${word}`,
    ),
    message(
      'long',
      'a message of 4000 bytes is relayed',
      (word) => word.padEnd(4000, 'x'),
      (word) => word.padEnd(4000, 'x'),
    ),
    {
      id: 'several',
      title: 'a user can be in several rooms',
      versions: ['1.2'],
      async run(bench) {
        const user = await bench.login();
        const names = [bench.room(), bench.room(), bench.room()];
        for (const room of names) await bench.join(user, room);
        for (const room of names) {
          const word = bench.word();
          await user.say(`[${room}] ${word}`);
          await user.hears(bench.roomLine(room, user.userName, word));
        }
      },
    },
    {
      id: 'quit-members',
      title: 'the lobby hears that a member of a room quits',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await bench.join(two, room);
        await two.say('/quit');
        await one.hears(left(two.userName));
      },
    },
    {
      id: 'quit-membership',
      title: 'who logs in again is in no room',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await bench.join(two, room);
        await two.say('/quit');
        await one.hears(left(two.userName));
        const again = await bench.login(two.userName);
        await again.say(`[${room}] hello`);
        await again.hears(notMember(room));
      },
    },
    {
      id: 'empty-room',
      title: 'a room that everybody has left still exists',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await one.say(`/leave ${room}`);
        await one.hears(`Left room ${room} - returned to lobby`);
        await two.say(`/join ${room}`);
        await two.hears(`Joined room ${room}`);
      },
    },
    {
      id: 'case-sensitive',
      title: 'names of rooms that differ in case are different rooms',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room);
        await user.say(`/join ${room.toUpperCase()}`);
        await user.hears(`Created and joined room ${room.toUpperCase()}`);
      },
    },
    {
      id: 'not-utf8',
      title: 'names of rooms that differ in bytes that are not UTF-8 are different rooms',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        const created: string[] = [];
        for (const byte of [0xfe, 0xff]) {
          await user.say(Buffer.concat([Buffer.from(`/join ${room}`), Buffer.of(byte)]));
          const shown = `an answer about ${room}`;
          created.push(await user.hears({ shown, test: (text) => text.includes(`oined room ${room}`) }));
        }
        const areNew = created.every((text) => text.startsWith('Created and joined'));
        bench.check('two rooms are created', areNew, created);
      },
    },
    validName('unicode', 'a name of a room may be in any script', (room) => `${room}日本語`),
    validName('emoji', 'a name of a room may hold emoji', (room) => `${room}🙂`),
    validName('bracket', 'a name of a room may hold a bracket', (room) => `${room}]b`),
    validName('open-bracket', 'a name of a room may hold an open bracket', (room) => `${room}[b`),
    validName('colon', 'a name of a room may hold a colon', (room) => `${room}:b`),
    validName('hash', 'a name of a room may hold a second #', (room) => `#${room}`),
    validName('slash', 'a name of a room may hold a slash', (room) => `${room}/../b`),
    validName('stars', 'a name of a room may hold stars', (room) => `${room}***`),
    validName('control', 'a name of a room may hold control characters', (room) => `${room}\u001b[31m`),
    validName('nul', 'a name of a room may hold a NUL character', (room) => `${room}\0`),
    validName('invisible', 'a name of a room may hold invisible characters', (room) => `${room}\u200b\ufeff`),
    validName('apostrophe', 'a name of a room may hold quotes', (room) => `${room}'"`),
    {
      id: 'first-word',
      title: 'a name of a room ends at white space',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await user.say(`/join\t${room}\n`);
        await user.hears(`Created and joined room ${room}`);
      },
    },
    {
      id: 'name-bracket-first',
      title: 'the name in a prefix runs to the first bracket and blank',
      versions: ['1.2'],
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await user.say(`[${room} x] y] hello`);
        await user.hears(notMember(`${room} x`));
      },
    },
    answered('no-hash', 'a name without # is refused', '/join general', ROOM_NAME_INVALID),
    answered(
      'blank-hash',
      'a name that begins with another character is refused',
      '/join @#general',
      ROOM_NAME_INVALID,
    ),
    answered('join-usage', '/join without a name is answered with its usage', '/join', USAGE.join),
    answered('join-usage-blank', '/join with blanks is answered with its usage', '/join   ', USAGE.join),
    answered('leave-usage', '/leave without a name is answered with its usage', '/leave', USAGE.leave),
    answered('leave-usage-blank', '/leave with blanks is answered with its usage', '/leave \t ', USAGE.leave),
    {
      id: 'leave-not-member',
      title: 'nobody can leave a room that they are not in',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await two.say(`/leave ${room}`);
        await two.hears(`You are not in room ${room}`);
      },
    },
    {
      id: 'leave-no-room',
      title: 'nobody can leave a room that does not exist',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await user.say(`/leave ${room}`);
        await user.hears(`You are not in room ${room}`);
      },
    },
    {
      id: 'leave-extra',
      title: 'further words after the name of a room to leave are ignored',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room);
        await user.say(`/leave ${room} please`);
        await user.hears(`Left room ${room} - returned to lobby`);
      },
    },
    {
      id: 'leave-twice',
      title: 'a room that was left cannot be left again',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room);
        await user.say(`/leave ${room}`);
        await user.say(`/leave ${room}`);
        await user.hears(`Left room ${room} - returned to lobby`);
        await user.hears(`You are not in room ${room}`);
      },
    },
    {
      id: 'current',
      title: 'on 1.1 chat goes to the room that was joined last',
      versions: ['1.1'],
      async run(bench) {
        const [one, two, three] = await bench.logins(3);
        const [first, last, word] = [bench.room(), bench.room(), bench.word()];
        await bench.join(one, first);
        await bench.join(one, last);
        await bench.join(two, last);
        await bench.join(three, first);
        await one.say(word);
        await two.hears(chat(one.userName, word));
        await bench.fence(one, three);
        three.neverHeard(holding(word));
      },
    },
    {
      id: 'current-delivers',
      title: 'on 1.1 rooms that were joined before still deliver',
      versions: ['1.1'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const [first, word] = [bench.room(), bench.word()];
        await bench.join(one, first);
        await bench.join(one, bench.room());
        await bench.join(two, first);
        await two.say(word);
        await one.hears(chat(two.userName, word));
      },
    },
    {
      id: 'current-leave',
      title: 'on 1.1 who leaves the current room is in the lobby again',
      versions: ['1.1'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const [room, word] = [bench.room(), bench.word()];
        await bench.join(one, room);
        await one.say(`/leave ${room}`);
        await one.hears(`Left room ${room} - returned to lobby`);
        await one.say(word);
        await two.hears(chat(one.userName, word));
      },
    },
    {
      id: 'current-leave-other',
      title: 'on 1.1 leaving another room does not change the current one',
      versions: ['1.1'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const [first, last, word] = [bench.room(), bench.room(), bench.word()];
        await bench.join(one, first);
        await bench.join(one, last);
        await bench.join(two, last);
        await one.say(`/leave ${first}`);
        await one.hears(`Left room ${first} - returned to lobby`);
        await one.say(word);
        await two.hears(chat(one.userName, word));
      },
    },
    {
      id: 'current-no-lobby',
      title: 'on 1.1 who has a current room does not hear the lobby',
      versions: ['1.1'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const word = bench.word();
        await bench.join(two, bench.room());
        await one.say(word);
        await bench.fence(one, two);
        two.neverHeard(holding(word));
      },
    },
    {
      id: 'current-no-joins',
      title: 'on 1.1 who has a current room does not hear who joins and leaves the chat',
      versions: ['1.1'],
      async run(bench) {
        const [one, two] = await bench.logins();
        await bench.join(two, bench.room());
        const guest = await bench.login();
        await one.hears(joined(guest.userName));
        await guest.say('/quit');
        await one.hears(left(guest.userName));
        await bench.fence(one, two);
        two.neverHeard(joined(guest.userName), left(guest.userName));
      },
    },
  ],
};
