import { Command, Option } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import type { SendFlags } from '../send/sendCommand.js';
import { MESSAGES, optionValue } from '../settings/valueKinds.js';
import { examples, textOption, VISITOR_NAME } from './definition.js';

export function sendCommand(): Command {
  const command = new Command('send')
    .description(
      'Send one text, and end with 0 only when the server has accepted it; or a file, and end with 0 only when it was accepted and all of it is through. Without a text, standard input is sent. Each line of a direct message is sent as a message of its own, since servers join lines by blanks; in a room or the lobby lines stay together.',
    )
    .argument('[text]', 'what to send, in quotes')
    .addOption(textOption('--to <name>', 'send a direct message').conflicts(['room', 'lobby']))
    .addOption(textOption('--room <room>', 'join this room, and send there').conflicts(['to', 'lobby']))
    .addOption(textOption('--password-file <file>', "file whose first line is the room's password"))
    .addOption(new Option('--lobby', 'send to everyone').conflicts(['to', 'room']))
    .addOption(textOption('--file <path>', 'send this file, with --to; a bar shows how far it is'))
    .addOption(textOption('--name <name>', 'send the file by another name than its own'))
    .option('--join-lines', 'send the lines of a direct message as one, joined by blanks')
    .option(
      '--max-messages <count>',
      'refuse a text that would take more messages than this',
      optionValue(MESSAGES),
      100,
    )
    .option('--json', 'print the result as one line of JSON, failures too')
    .action(async (text: string | undefined, flags: SendFlags) => {
      const { send } = await import('../send/sendCommand.js');
      await send(text, flags);
    });
  return addClientOptions(command, VISITOR_NAME).addHelpText(
    'after',
    examples([
      ['quietroom send --to alice "The backup is done."', ''],
      ['df -h | quietroom send --to alice', 'what a command prints'],
      ["quietroom send --room '#ops' --password-file ~/.ops 'Deploying.'", 'to a room with a password'],
      ['quietroom send --to alice --file report.pdf', 'waits until alice accepts it'],
      ['quietroom send --lobby --json "Back at nine."', 'for a script'],
    ]),
  );
}
