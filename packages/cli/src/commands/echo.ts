import { Command } from 'commander';
import type { EchoOptions } from '../echo/echoCommand.js';
import { connectPort, seconds } from '../optionValues.js';
import { examples, textOption } from './definition.js';

export function echoCommand(): Command {
  return new Command('echo')
    .description('Run a bot that answers each direct message with its text, and prints who wrote what.')
    .addOption(textOption('--host <host>', 'name or address of the server').default('localhost'))
    .option('--port <port>', 'port of the server', connectPort, 37842)
    .addOption(textOption('--cert <file>', "the server's certificate, to pin").default('chat_public.pem'))
    .addOption(textOption('--username <name>', 'name to log in by').default('EchoBot'))
    .option('--connect-timeout <seconds>', 'how long connecting may take', seconds, 30)
    .addHelpText(
      'after',
      examples([
        ['quietroom echo', 'on a server on this machine, with chat_public.pem in this folder'],
        ['quietroom echo --host chat.example --cert ~/chat_public.pem --username Parrot', ''],
      ]),
    )
    .action(async (options: EchoOptions) => {
      const { echo } = await import('../echo/echoCommand.js');
      await echo(options);
    });
}
