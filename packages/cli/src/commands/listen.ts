import { Command, InvalidArgumentError, Option } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import { RECEIVED_TYPES, type ReceivedType } from '../listen/received.js';
import type { ListenFlags } from '../listen/listenCommand.js';
import { COUNT, FILE_BYTES, JOBS, optionValue, SECONDS, TEXT } from '../settings/valueKinds.js';
import { examples, textOption } from './definition.js';

export function listenCommand(): Command {
  const command = new Command('listen')
    .description(
      'Print what others write: direct messages, the lobby, and rooms that are joined; one line each. A connection that is lost is made again. What happens beside is told on standard error.',
    )
    .argument('[args...]', 'arguments of the command of --exec; behind -- when they begin with -')
    .addOption(
      new Option('--room <room>', 'join this room; may be given several times').argParser(severalTexts),
    )
    .addOption(
      textOption(
        '--password-file <file>',
        'file whose first line is the password of the rooms that are joined',
      ),
    )
    .addOption(
      textOption(
        '--accept-files <folder>',
        'take the files that are offered into this folder; without it they are declined',
      ),
    )
    .option('--max-file-bytes <bytes>', 'take no file that is larger', optionValue(FILE_BYTES), 1_073_741_824)
    .addOption(
      new Option(
        '--only <type>',
        'print only these; may be given several times (default: dm, room, lobby and file)',
      )
        .choices(RECEIVED_TYPES)
        .argParser(severalTypes),
    )
    .option('--count <count>', 'end after so many messages', optionValue(COUNT))
    .option('--json', 'print each message as one line of JSON')
    .addOption(
      textOption(
        '--exec <command>',
        'run this for each message, without a shell: the message is in the environment (QUIETROOM_SENDER, QUIETROOM_TEXT ...) and on standard input as JSON; its output goes to standard error',
      ),
    )
    .option('--jobs <count>', 'how many commands run at once', optionValue(JOBS), 1)
    .option(
      '--queue <count>',
      'how many messages wait for a command; it is not run for more',
      optionValue(COUNT),
      1000,
    )
    .option('--exec-timeout <seconds>', 'how long a command may run', optionValue(SECONDS), 60)
    .action(async (args: readonly string[], flags: ListenFlags) => {
      const { listen } = await import('../listen/listenCommand.js');
      await listen(args, flags);
    });
  return addClientOptions(
    command,
    'the user of the system; a name in use gets four random characters',
  ).addHelpText(
    'after',
    examples([
      ["quietroom listen --room '#ops' --room '#dev'", ''],
      ['quietroom listen --json | jq -r \'select(.type == "dm").text\'', 'for a script'],
      ['quietroom listen --only dm --count 1', 'wait for one direct message'],
      ['quietroom listen --exec ./answer.sh -- -v', 'run a command for each message'],
    ]),
  );
}

function severalTexts(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, optionValue(TEXT)(value)];
}

function severalTypes(value: string, previous: readonly ReceivedType[] = []): readonly ReceivedType[] {
  const type = RECEIVED_TYPES.find((one) => one === value);
  if (type === undefined) throw new InvalidArgumentError(`Allowed choices are ${RECEIVED_TYPES.join(', ')}.`);
  return [...previous, type];
}
