import { Command } from 'commander';
import type { admin, AdminFlags } from '../admin/adminCommand.js';
import { examples, textOption } from './definition.js';

interface PeriodFlags extends AdminFlags {
  readonly for?: string;
}

interface KickFlags extends AdminFlags {
  readonly reason?: string;
}

interface DrainFlags extends AdminFlags {
  readonly within?: string;
  readonly cancel?: true;
}

const PERIOD = 'such as 90s, 10m, 2h, 7d or 4w';

export function adminCommand(): Command {
  return new Command('admin')
    .summary('look at a running server and act on it')
    .description(
      'Look at a running server on this machine and act on it, through the socket in its folder. Only the user of the server can use it.',
    )
    .helpCommand(false)
    .addCommand(
      plain(
        'clients',
        'List the clients: name, address, since when, bytes queued, rate, and the limit that slows them.',
      ),
    )
    .addCommand(
      subcommand('kick', 'Disconnect a user, who may log in again.')
        .argument('<name>', 'username')
        .addOption(textOption('--reason <text>', 'shown to the user'))
        .action((name: string, flags: KickFlags) => act('kick', { name, reason: flags.reason }, flags)),
    )
    .addCommand(
      period(
        'ban',
        'Disconnect and refuse a username, an IP address or a network. Bans are kept over restarts.',
        'until it is lifted',
      )
        .argument('<target>', 'username, address, or network such as 192.0.2.0/24')
        .action(async (target: string, flags: PeriodFlags) =>
          act('ban', { target, seconds: await seconds('--for', flags.for) }, flags),
        ),
    )
    .addCommand(
      subcommand('unban', 'Lift a ban.')
        .argument('<target>', 'as the list of bans shows it')
        .action((target: string, flags: AdminFlags) => act('unban', { target }, flags)),
    )
    .addCommand(plain('bans', 'List the bans.'))
    .addCommand(
      period(
        'mute',
        'Refuse what a user sends to others. Commands still work.',
        'until unmuted or until the server ends',
      )
        .argument('<name>', 'username')
        .action(async (name: string, flags: PeriodFlags) =>
          act('mute', { name, seconds: await seconds('--for', flags.for) }, flags),
        ),
    )
    .addCommand(
      subcommand('unmute', 'Let a muted user send again.')
        .argument('<name>', 'username')
        .action((name: string, flags: AdminFlags) => act('unmute', { name }, flags)),
    )
    .addCommand(
      subcommand('announce', 'Send a text to all users.')
        .argument('<text...>', 'the text')
        .action((text: string[], flags: AdminFlags) => act('announce', { text: text.join(' ') }, flags)),
    )
    .addCommand(plain('rooms', 'List the rooms and their members.'))
    .addCommand(
      subcommand('close-room', 'Remove a room and its members.')
        .argument('<room>', 'such as "#tea", quoted for the shell')
        .action((name: string, flags: AdminFlags) => act('closeRoom', { name }, flags)),
    )
    .addCommand(
      subcommand('drain', 'Refuse new logins, tell the users, and end the server when the last one has left.')
        .addOption(
          textOption(
            '--within <time>',
            `end after this time at the latest, ${PERIOD}; at most 7d (default: no limit)`,
          ),
        )
        .option('--cancel', 'accept logins again')
        .action(async (flags: DrainFlags) =>
          flags.cancel === true
            ? act('cancelDrain', {}, flags)
            : act('drain', { seconds: await seconds('--within', flags.within) }, flags),
        ),
    )
    .addCommand(plain('reload', 'Read server_config.json again and reopen the log files, as SIGHUP does.'))
    .addHelpText(
      'after',
      examples([
        ['quietroom admin clients --dir ./chat', 'who is connected'],
        ['quietroom admin ban 192.0.2.0/24 --for 2h', 'ban a network for two hours'],
        ['quietroom admin announce "Backup at noon."', 'tell everyone'],
        ['quietroom admin drain --within 10m', 'end the server gently'],
      ]),
    );
}

function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(textOption('--dir <folder>', "the server's folder, as in serve").default('.'))
    .addOption(textOption('--socket <path>', 'the admin socket, instead of the one in the folder'))
    .option('--json', 'print JSON on one line');
}

function plain(name: 'clients' | 'bans' | 'rooms' | 'reload', description: string): Command {
  return subcommand(name, description).action((flags: AdminFlags) => act(name, {}, flags));
}

function period(name: string, description: string, otherwise: string): Command {
  return subcommand(name, description).addOption(
    textOption('--for <time>', `how long, ${PERIOD} (default: ${otherwise})`),
  );
}

async function act(...args: Parameters<typeof admin>): Promise<void> {
  const command = await import('../admin/adminCommand.js');
  await command.admin(...args);
}

async function seconds(option: string, text: string | undefined): Promise<number | undefined> {
  const { periodOption } = await import('../admin/adminCommand.js');
  return periodOption(option, text);
}
