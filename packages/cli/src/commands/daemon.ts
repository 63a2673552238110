import { Command, Option } from 'commander';
import type { DaemonFlags } from '../daemon/daemonCommand.js';
import { addClientOptions, type ClientFlags } from '../settings/clientOptions.js';
import { examples, severalTexts, textOption } from './definition.js';

export function daemonCommand(): Command {
  const command = new Command('daemon')
    .summary('hold a connection for other commands and programs')
    .description(
      'Hold a connection under one name. While it runs, chat, send, listen, users, rooms and members use it instead of a connection of their own, and other programs can use it by JSON-RPC: docs/daemon.md. Reconnects when the connection is lost.',
    )
    .helpCommand(false)
    .addOption(new Option('--room <room>', 'join this room; repeatable').argParser(severalTexts))
    .addOption(textOption('--password-file <file>', 'file with the password of the rooms in its first line'))
    .action(async (flags: DaemonFlags) => {
      const { daemon } = await import('../daemon/daemonCommand.js');
      await daemon(flags);
    });
  return addClientOptions(command, 'your user name', { daemon: 'socket' })
    .addCommand(statusCommand())
    .addCommand(stopCommand())
    .addHelpText(
      'after',
      examples([
        ["quietroom daemon --profile home --room '#ops'", ''],
        ['quietroom daemon status', 'which server and name, and how many clients'],
        ['quietroom send --to alice "Done."', 'by the daemon'],
        ['quietroom send --no-daemon --to alice "Done."', 'by a connection of its own'],
      ]),
    );
}

function statusCommand(): Command {
  const command = new Command('status')
    .description('Print what a running daemon does. Exits with 3 when none runs.')
    .option('--json', 'print JSON on one line')
    .action(async (flags: ClientFlags & { readonly json?: true }) => {
      const { daemonStatus } = await import('../daemon/controlCommands.js');
      await daemonStatus(flags);
    });
  return addClientOptions(command, undefined, { daemon: 'socket' });
}

function stopCommand(): Command {
  const command = new Command('stop')
    .description('End a running daemon. Exits with 3 when none runs.')
    .action(async (flags: ClientFlags) => {
      const { daemonStop } = await import('../daemon/controlCommands.js');
      await daemonStop(flags);
    });
  return addClientOptions(command, undefined, { daemon: 'socket' });
}
