import { Command } from 'commander';
import { addClientOptions, type ClientFlags } from '../settings/clientOptions.js';
import { examples } from './definition.js';

export function echoCommand(): Command {
  return addClientOptions(new Command('echo'), '"EchoBot"')
    .summary('run an echo bot')
    .description('Run a bot that answers each direct message with its text, and prints the messages.')
    .addHelpText(
      'after',
      examples([
        ['quietroom echo', 'on this machine, with chat_public.pem in this folder'],
        ['quietroom echo --host chat.example --cert ~/chat_public.pem --username Parrot', ''],
      ]),
    )
    .action(async (flags: ClientFlags) => {
      const { echo } = await import('../echo/echoCommand.js');
      await echo(flags);
    });
}
