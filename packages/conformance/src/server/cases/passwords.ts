import type { ServerCase, ServerGroup } from '../serverBench.js';
import { passwordNeeded, passwordWrong, roomJoined } from '../serverTexts.js';

/** A room is made with one password, and joined with another way to write it. */
function opens(
  id: string,
  title: string,
  made: string,
  used = made,
  versions?: ServerCase['versions'],
): ServerCase {
  return {
    id,
    title,
    ...(versions && { versions }),
    async run(bench) {
      const [one, two] = await bench.logins();
      const room = bench.room();
      await one.say(`/join ${room} ${made}`);
      await one.hears(`Created and joined room ${room}`);
      await two.say(`/join ${room} ${used}`);
      await two.hears(`Joined room ${room}`);
      await one.hears(roomJoined(two.userName, room));
    },
  };
}

function refuses(id: string, title: string, made: string, used: string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [one, two] = await bench.logins();
      const room = bench.room();
      await one.say(`/join ${room} ${made}`);
      await one.hears(`Created and joined room ${room}`);
      await two.say(`/join ${room} ${used}`.trim());
      await two.hears(used === '' ? passwordNeeded(room) : passwordWrong(room));
      await bench.fence(two, two);
      one.neverHeard(roomJoined(two.userName, room));
    },
  };
}

/** Wrong passwords are few in all: servers count them. */
export const passwords: ServerGroup = {
  name: 'passwords',
  title: 'Passwords of rooms',
  cases: [
    opens('right', 'the right password opens a room', 'secret'),
    refuses('wrong', 'a wrong password is refused', 'secret', 'other'),
    refuses('missing', 'a protected room asks for the password', 'secret', ''),
    refuses('case', 'passwords are case-sensitive', 'secret', 'SECRET'),
    refuses('prefix', 'a part of the password is refused', 'secret', 'secre'),
    opens('words', 'a password may be several words', 'one two three'),
    opens(
      'blanks',
      'runs of white space between the words of a password count as one',
      'one  two',
      'one\t\n two',
    ),
    opens('unicode', 'a password may be in any script', 'пароль 密码 🔑'),
    opens('controls', 'a password may hold control characters', 'a\0b\u001bc'),
    opens('71-bytes', 'a password of 71 bytes opens a room', 'x'.repeat(71)),
    opens('72-bytes', 'a password of 72 bytes opens a room', 'x'.repeat(72)),
    {
      id: '73-bytes',
      title: 'a new password of 73 bytes is refused, or its last byte does not count',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await one.say(`/join ${room} ${'x'.repeat(73)}`);
        const created = `Created and joined room ${room}`;
        if ((await one.hears(created, 'Error creating room password.')) !== created) return;
        await two.say(`/join ${room} ${'x'.repeat(72)}y`);
        await two.hears(`Joined room ${room}`);
      },
    },
    {
      id: 'open-ignores',
      title: 'a password for an open room is ignored',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await two.say(`/join ${room} secret`);
        await two.hears(`Joined room ${room}`);
      },
    },
    {
      id: 'member-asked',
      title: 'a member who joins a protected room again is asked for the password, too',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room, 'secret');
        await user.say(`/join ${room}`);
        await user.hears(passwordNeeded(room));
      },
    },
    {
      id: 'member-again',
      title: 'a member joins again with the password',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room, 'secret');
        await user.say(`/join ${room} secret`);
        await user.hears(`Joined room ${room}`);
      },
    },
    {
      id: 'empty-room',
      title: 'an empty room keeps its password',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room, 'secret');
        await one.say(`/leave ${room}`);
        await one.hears(`Left room ${room} - returned to lobby`);
        await two.say(`/join ${room}`);
        await two.hears(passwordNeeded(room));
        await two.say(`/join ${room} secret`);
        await two.hears(`Joined room ${room}`);
      },
    },
    {
      id: 'in-order',
      title: 'what is sent behind a join with a password is handled after it',
      async run(bench) {
        const user = await bench.login();
        const [room, word] = [bench.room(), bench.word()];
        await user.say(`/join ${room} secret`);
        await user.say(bench.inRoom(room, word));
        await user.hears(`Created and joined room ${room}`);
        await user.hears(bench.roomLine(room, user.userName, word));
      },
    },
    {
      id: 'others-go-on',
      title: 'others are served while a password is checked',
      async run(bench) {
        const [one, two] = await bench.logins();
        await one.say(`/join ${bench.room()} secret`);
        await bench.works(two);
        await bench.settle(one);
      },
    },
  ],
};
