import { Command } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import type { QueryFlags } from '../query/query.js';
import type { MembersFlags } from '../query/queryCommands.js';
import { examples, textOption, VISITOR_NAME } from './definition.js';

export function usersCommand(): Command {
  const command = new Command('users')
    .summary('list the users who are online')
    .description('Print the users who are online, one per line. A 1.1 server lists only the lobby.')
    .option('--json', 'print JSON on one line')
    .action(async (flags: QueryFlags) => {
      const { users } = await import('../query/queryCommands.js');
      await users(flags);
    });
  return addClientOptions(command, VISITOR_NAME, { daemon: 'use' }).addHelpText(
    'after',
    examples([
      ['quietroom users', ''],
      ['quietroom users | grep -qx alice', 'is alice online?'],
    ]),
  );
}

export function roomsCommand(): Command {
  const command = new Command('rooms')
    .summary('list the rooms')
    .description('Print the rooms, each with its number of users and whether it has a password.')
    .option('--json', 'print JSON on one line')
    .action(async (flags: QueryFlags) => {
      const { rooms } = await import('../query/queryCommands.js');
      await rooms(flags);
    });
  return addClientOptions(command, VISITOR_NAME, { daemon: 'use' }).addHelpText(
    'after',
    examples([
      ['quietroom rooms', ''],
      ['quietroom rooms --json --host chat.example', ''],
    ]),
  );
}

export function membersCommand(): Command {
  const command = new Command('members')
    .summary('list the members of a room or of the lobby')
    .description(
      'Print the members of a room, or of the lobby: the users in no room. Rooms with a password, and all rooms on a 1.1 server, must be joined first with --join; their members see it.',
    )
    .argument('[place]', 'room, or lobby', 'lobby')
    .option('--join', 'join the room')
    .addOption(
      textOption('--password-file <file>', 'join it with the password in the first line of this file'),
    )
    .option('--json', 'print JSON on one line')
    .action(async (place: string, flags: MembersFlags) => {
      const { members } = await import('../query/queryCommands.js');
      await members(place, flags);
    });
  return addClientOptions(command, VISITOR_NAME, { daemon: 'use' }).addHelpText(
    'after',
    examples([
      ['quietroom members', 'the lobby'],
      ['quietroom members "#ops" --password-file ~/.ops', 'a room with a password'],
    ]),
  );
}
