import { Command, Option } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import type { SendFlags } from '../send/sendCommand.js';
import { MESSAGES, optionValue } from '../settings/valueKinds.js';
import { examples, textOption, VISITOR_NAME } from './definition.js';

export function sendCommand(): Command {
  const command = new Command('send')
    .summary('send a message or a file')
    .description(
      'Send a text, or standard input, or a file. Exits with 0 only when the server has accepted the text, or the recipient has received the file. In a direct message each line is a message of its own, because servers replace line breaks by blanks; rooms and the lobby keep the lines together.',
    )
    .argument('[text]', 'text to send, in quotes')
    .addOption(textOption('--to <name>', 'send a direct message').conflicts(['room', 'lobby']))
    .addOption(textOption('--room <room>', 'join this room and send to it').conflicts(['to', 'lobby']))
    .addOption(textOption('--password-file <file>', "file with the room's password in its first line"))
    .addOption(new Option('--lobby', 'send to everyone').conflicts(['to', 'room']))
    .addOption(textOption('--file <path>', 'send this file; needs --to'))
    .addOption(textOption('--name <name>', 'offer the file under this name'))
    .option('--join-lines', 'join the lines of a direct message with blanks')
    .option('--max-messages <count>', 'refuse a text that needs more messages', optionValue(MESSAGES), 100)
    .option('--json', 'print the result as one line of JSON, also on failure')
    .action(async (text: string | undefined, flags: SendFlags) => {
      const { send } = await import('../send/sendCommand.js');
      await send(text, flags);
    });
  return addClientOptions(command, VISITOR_NAME, { daemon: 'use' }).addHelpText(
    'after',
    examples([
      ['quietroom send --to alice "The backup is done."', ''],
      ['df -h | quietroom send --to alice', 'the output of a command'],
      ['quietroom send --room "#ops" --password-file ~/.ops "Deploying."', 'to a room with a password'],
      ['quietroom send --to alice --file report.pdf', 'wait until alice accepts it'],
      ['quietroom send --lobby --json "Back at nine."', 'in a script'],
    ]),
  );
}
