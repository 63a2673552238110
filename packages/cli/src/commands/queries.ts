import { Command } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import type { QueryFlags } from '../query/query.js';
import type { MembersFlags } from '../query/queryCommands.js';
import { examples, textOption, VISITOR_NAME } from './definition.js';

export function usersCommand(): Command {
  const command = new Command('users')
    .description('Print who is online, one name a line. On a 1.1 server these are the users in the lobby.')
    .option('--json', 'print one line of JSON')
    .action(async (flags: QueryFlags) => {
      const { users } = await import('../query/queryCommands.js');
      await users(flags);
    });
  return addClientOptions(command, VISITOR_NAME).addHelpText(
    'after',
    examples([
      ['quietroom users', ''],
      ['quietroom users | grep -qx alice', 'whether somebody is online'],
    ]),
  );
}

export function roomsCommand(): Command {
  const command = new Command('rooms')
    .description('Print which rooms there are, with how many are in each and whether it has a password.')
    .option('--json', 'print one line of JSON')
    .action(async (flags: QueryFlags) => {
      const { rooms } = await import('../query/queryCommands.js');
      await rooms(flags);
    });
  return addClientOptions(command, VISITOR_NAME).addHelpText(
    'after',
    examples([
      ['quietroom rooms', ''],
      ['quietroom rooms --json --host chat.example', ''],
    ]),
  );
}

export function membersCommand(): Command {
  const command = new Command('members')
    .description(
      'Print who is in a room, or in the lobby: that is, in no room. A room with a password, and any room of a 1.1 server, must be joined for that, which its members see.',
    )
    .argument('[place]', 'a room, or lobby', 'lobby')
    .option('--join', 'join the room')
    .addOption(
      textOption('--password-file <file>', "join it; the first line of the file is the room's password"),
    )
    .option('--json', 'print one line of JSON')
    .action(async (place: string, flags: MembersFlags) => {
      const { members } = await import('../query/queryCommands.js');
      await members(place, flags);
    });
  return addClientOptions(command, VISITOR_NAME).addHelpText(
    'after',
    examples([
      ['quietroom members', 'of the lobby'],
      ["quietroom members '#ops' --password-file ~/.ops", 'of a room with a password'],
    ]),
  );
}
