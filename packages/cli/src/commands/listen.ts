import { Command, InvalidArgumentError, Option } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import { RECEIVED_TYPES, type ReceivedType } from '../listen/received.js';
import type { ListenFlags } from '../listen/listenCommand.js';
import { COUNT, FILE_BYTES, JOBS, optionValue, SECONDS } from '../settings/valueKinds.js';
import { examples, severalTexts, textOption } from './definition.js';

export function listenCommand(): Command {
  const command = new Command('listen')
    .summary('print messages, or run a command for each')
    .description(
      'Print messages: direct messages, the lobby, joined rooms and files; one line each. Reconnects when the connection is lost. Status goes to standard error.',
    )
    .argument('[args...]', 'arguments for the command of --exec; after -- if they start with -')
    .addOption(new Option('--room <room>', 'join this room; repeatable').argParser(severalTexts))
    .addOption(textOption('--password-file <file>', 'file with the password of the rooms in its first line'))
    .addOption(
      textOption(
        '--accept-files <folder>',
        'save offered files in this folder, which is made if it ends with / and is missing; without it they are declined',
      ),
    )
    .option('--max-file-bytes <bytes>', 'decline larger files', optionValue(FILE_BYTES), 1_073_741_824)
    .addOption(
      new Option('--only <type>', 'print only this type; repeatable (default: dm, room, lobby and file)')
        .choices(RECEIVED_TYPES)
        .argParser(severalTypes),
    )
    .option('--count <count>', 'exit after this many messages', optionValue(COUNT))
    .option('--json', 'print each message as one line of JSON')
    .addOption(
      textOption(
        '--exec <command>',
        'run this command for each message, without a shell: the message is in environment variables (QUIETROOM_SENDER, QUIETROOM_TEXT ...) and on standard input as JSON; output goes to standard error',
      ),
    )
    .option('--jobs <count>', 'commands to run at once', optionValue(JOBS), 1)
    .option(
      '--queue <count>',
      'messages that may wait for a command; further ones are skipped',
      optionValue(COUNT),
      1000,
    )
    .option('--exec-timeout <seconds>', 'time limit of a command', optionValue(SECONDS), 60)
    .action(async (args: readonly string[], flags: ListenFlags) => {
      const { listen } = await import('../listen/listenCommand.js');
      await listen(args, flags);
    });
  return addClientOptions(command, 'your user name, with a random suffix if it is in use', {
    daemon: 'use',
  }).addHelpText(
    'after',
    examples([
      ['quietroom listen --room "#ops" --room "#dev"', ''],
      ['quietroom listen --json | jq -r \'select(.type == "dm").text\'', 'in a script'],
      ['quietroom listen --only dm --count 1', 'wait for one direct message'],
      ['quietroom listen --exec ./answer.sh -- -v', 'run a command for each message'],
    ]),
  );
}

function severalTypes(value: string, previous: readonly ReceivedType[] = []): readonly ReceivedType[] {
  const type = RECEIVED_TYPES.find((one) => one === value);
  if (type === undefined) throw new InvalidArgumentError(`Allowed choices are ${RECEIVED_TYPES.join(', ')}.`);
  return [...previous, type];
}
