import { holding, type ServerBench, type ServerCase, type ServerGroup, type User } from '../serverBench.js';
import { NO_ROOMS, ROOM_NOT_FOUND, USAGE } from '../serverTexts.js';

const HEADS = {
  users: /^Online Users \((\d+)\):\n/,
  members: /^Members of (lobby|#\S+) \((\d+)\):\n/,
} as const;

/** The answer to a command that lists. */
async function ask(bench: ServerBench, user: User, command: string, head: string): Promise<string> {
  await user.say(command);
  const answer = await user.hears({
    shown: `an answer that begins ${JSON.stringify(head)}`,
    test: (text) => text.startsWith(head),
  });
  await bench.settle(user);
  return answer;
}

const lines = (answer: string): string[] => answer.split('\n').slice(1);

function usage(id: string, title: string, text: string): ServerCase {
  return {
    id,
    title,
    versions: ['1.2'],
    async run(bench) {
      const user = await bench.login();
      await user.say(text);
      await user.hears(USAGE.members);
    },
  };
}

function membersOf(id: string, title: string, write: (room: string) => string): ServerCase {
  return {
    id,
    title,
    versions: ['1.2'],
    async run(bench) {
      const [one, two] = await bench.logins();
      const room = bench.room();
      await bench.join(one, room);
      await bench.join(two, room);
      const answer = await ask(bench, one, write(room), `Members of ${room} (2):\n`);
      const names = lines(answer).sort();
      const expected = [`  ${one.userName}`, `  ${two.userName}`].sort();
      bench.checkSame(expected, names);
    },
  };
}

function lobby(id: string, title: string, word: string): ServerCase {
  return {
    id,
    title,
    versions: ['1.2'],
    async run(bench) {
      const [one, two] = await bench.logins();
      await bench.join(two, bench.room());
      const shown = 'the members of the lobby';
      await one.say(`/members ${word}`);
      const answer = await one.hears({ shown, test: (text) => /^Members of lobby \(\d+\):\n/i.test(text) });
      const names = lines(answer);
      const isRight = names.includes(`  ${one.userName}`) && !names.includes(`  ${two.userName}`);
      bench.check(`${one.userName}, not ${two.userName}`, isRight, names);
    },
  };
}

export const lists: ServerGroup = {
  name: 'lists',
  title: 'Users, rooms and members',
  cases: [
    {
      id: 'users',
      title: '/users lists everyone, with their number',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const answer = await ask(bench, one, '/users', 'Online Users (');
        const names = lines(answer);
        const isWhole = names.includes(`  ${one.userName}`) && names.includes(`  ${two.userName}`);
        bench.check('both users', isWhole, names);
        const count = Number(HEADS.users.exec(answer)?.[1]);
        bench.check(`${names.length} users`, count === names.length, count);
      },
    },
    {
      id: 'users-in-rooms',
      title: 'on 1.2 /users lists members of rooms, too',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        await bench.join(two, bench.room());
        const names = lines(await ask(bench, one, '/users', 'Online Users ('));
        bench.check(two.userName, names.includes(`  ${two.userName}`), names);
      },
    },
    {
      id: 'users-with-blank',
      title: '/users lists names with blanks as they are',
      async run(bench) {
        const user = await bench.login();
        const other = await bench.login(`${bench.name()}  x`);
        const names = lines(await ask(bench, user, '/users', 'Online Users ('));
        bench.check(other.userName, names.includes(`  ${other.userName}`), names);
      },
    },
    {
      id: 'users-extra',
      title: 'further words after /users are ignored',
      async run(bench) {
        const user = await bench.login();
        const names = lines(await ask(bench, user, '/users all of them', 'Online Users ('));
        bench.check(user.userName, names.includes(`  ${user.userName}`), names);
      },
    },
    {
      id: 'users-gone',
      title: '/users does not list who has left',
      async run(bench) {
        const [one, two] = await bench.logins();
        await two.say('/quit');
        await one.hears(`*** ${two.userName} left the chat ***`);
        const names = lines(await ask(bench, one, '/users', 'Online Users ('));
        bench.check(`no ${two.userName}`, !names.includes(`  ${two.userName}`), names);
      },
    },
    {
      id: 'users-lobby-1.1',
      title: 'on 1.1 /users in the lobby lists who has no current room',
      versions: ['1.1'],
      async run(bench) {
        const [one, two, three] = await bench.logins(3);
        await bench.join(two, bench.room());
        const answer = await ask(bench, one, '/users', 'Online Users (Lobby):\n');
        const names = lines(answer);
        const isRight = [one, three].every((user) => names.includes(`  ${user.userName}`));
        bench.check('the two in the lobby', isRight && !names.includes(`  ${two.userName}`), names);
        bench.check('a line break at the end', answer.endsWith('\n'), answer.slice(-5));
      },
    },
    {
      id: 'users-room-1.1',
      title: 'on 1.1 /users in a room lists its members',
      versions: ['1.1'],
      async run(bench) {
        const [one, two, three] = await bench.logins(3);
        const room = bench.room();
        await bench.join(one, room);
        await bench.join(two, room);
        const names = lines(await ask(bench, one, '/users', `Users in ${room}:\n`));
        const isRight = [one, two].every((user) => names.includes(`  ${user.userName}`));
        bench.check('the two in the room', isRight && !names.includes(`  ${three.userName}`), names);
      },
    },
    {
      id: 'rooms',
      title: '/rooms lists a room with the number of its members',
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        await bench.join(two, room);
        const rows = lines(await ask(bench, one, '/rooms', 'Active Rooms:\n'));
        bench.check(
          `  ${room} (2 users)`,
          rows.includes(`  ${room} (2 users)`),
          rows.filter((row) => row.includes(room)),
        );
      },
    },
    {
      id: 'rooms-one',
      title: '/rooms writes "users" for one member, too',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room);
        const rows = lines(await ask(bench, user, '/rooms', 'Active Rooms:\n'));
        bench.check(
          `  ${room} (1 users)`,
          rows.includes(`  ${room} (1 users)`),
          rows.filter((row) => row.includes(room)),
        );
      },
    },
    {
      id: 'rooms-empty',
      title: '/rooms lists an empty room',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room);
        await user.say(`/leave ${room}`);
        const rows = lines(await ask(bench, user, '/rooms', 'Active Rooms:\n'));
        bench.check(
          `  ${room} (0 users)`,
          rows.includes(`  ${room} (0 users)`),
          rows.filter((row) => row.includes(room)),
        );
      },
    },
    {
      id: 'rooms-lock',
      title: '/rooms marks a protected room with a lock',
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room, 'secret');
        const rows = lines(await ask(bench, user, '/rooms', 'Active Rooms:\n'));
        bench.check(
          `  ${room} 🔒 (1 users)`,
          rows.includes(`  ${room} 🔒 (1 users)`),
          rows.filter((row) => row.includes(room)),
        );
      },
    },
    {
      id: 'rooms-none',
      title: '/rooms says so when there are none',
      async run(bench) {
        const user = await bench.login();
        await user.say('/rooms');
        const answer = await user.hears(NO_ROOMS, holding('Active Rooms:\n'));
        if (answer !== NO_ROOMS) bench.notApplicable('There are rooms on this server.');
      },
    },
    membersOf('members', '/members lists the members of a room', (room) => `/members ${room}`),
    membersOf(
      'members-extra',
      'further words after the room are ignored',
      (room) => `/members ${room} please`,
    ),
    membersOf('members-case', '/MEMBERS is /members', (room) => `/MEMBERS ${room}`),
    {
      id: 'members-foreign',
      title: '/members of an open room is answered for anyone',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room);
        const names = lines(await ask(bench, two, `/members ${room}`, `Members of ${room} (1):\n`));
        bench.checkSame([`  ${one.userName}`], names);
      },
    },
    {
      id: 'members-protected',
      title: '/members of a protected room is refused for who is not in it',
      versions: ['1.2'],
      async run(bench) {
        const [one, two] = await bench.logins();
        const room = bench.room();
        await bench.join(one, room, 'secret');
        await two.say(`/members ${room}`);
        await two.hears(ROOM_NOT_FOUND);
      },
    },
    {
      id: 'members-protected-own',
      title: '/members of a protected room is answered for its members',
      versions: ['1.2'],
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room, 'secret');
        await user.say(`/members ${room}`);
        await user.hears(`Members of ${room} (1):\n  ${user.userName}`);
      },
    },
    {
      id: 'members-unknown',
      title: '/members of a room that does not exist is refused',
      versions: ['1.2'],
      async run(bench) {
        const user = await bench.login();
        await user.say(`/members ${bench.room()}`);
        await user.hears(ROOM_NOT_FOUND);
      },
    },
    {
      id: 'members-empty',
      title: '/members of an empty room has a head and two blanks',
      versions: ['1.2'],
      async run(bench) {
        const user = await bench.login();
        const room = bench.room();
        await bench.join(user, room);
        await user.say(`/leave ${room}`);
        await user.say(`/members ${room}`);
        await user.hears(`Members of ${room} (0):\n  `);
      },
    },
    lobby('members-lobby', '/members lobby lists who is in no room', 'lobby'),
    lobby('members-lobby-upper', '/members LOBBY is /members lobby', 'LOBBY'),
    lobby('members-lobby-mixed', '/members Lobby is /members lobby', 'Lobby'),
    usage('members-bare', '/members alone is answered with its usage', '/members'),
    usage('members-blank', '/members with blanks is answered with its usage', '/members  \t'),
    usage('members-no-hash', '/members of something else is answered with its usage', '/members general'),
    {
      id: 'members-1.1',
      title: 'on 1.1 there is no /members',
      versions: ['1.1'],
      async run(bench) {
        const user = await bench.login();
        await user.say('/members');
        await user.hears('Unknown command: /members. Type /help for available commands.');
      },
    },
  ],
};
