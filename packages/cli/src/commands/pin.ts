import { Command } from 'commander';
import { addClientOptions, type ClientFlags } from '../settings/clientOptions.js';
import type { PinTarget } from '../pin/pinTarget.js';
import { examples, textOption } from './definition.js';

/** The options of all subcommands. */
interface PinFlags extends ClientFlags {
  readonly json?: true;
}

interface ShowFlags extends PinFlags {
  readonly live?: true;
}

interface CompareFlags extends PinFlags {
  readonly fingerprint?: string;
}

export function pinCommand(): Command {
  return new Command('pin')
    .description("Look after the server's certificate, by which clients know that they talk to it.")
    .helpCommand(false)
    .addCommand(showCommand())
    .addCommand(verifyCommand())
    .addCommand(addCommand())
    .addHelpText(
      'after',
      examples([
        ['quietroom pin show', 'what chat_public.pem in this folder holds'],
        ['quietroom pin verify --host chat.example', 'whether the server presents it'],
        ['quietroom pin add --host chat.example', 'pin what it presents, once you have compared it'],
      ]),
    );
}

function showCommand(): Command {
  return targetOptions(
    new Command('show').description(
      'Show certificates: fingerprint, pairs of words to compare by voice, whose they are and until when.',
    ),
  )
    .option('--live', 'show what the server presents, and whether the file holds it')
    .action(async (file: string | undefined, flags: ShowFlags) => {
      const { pinShow } = await import('../pin/pinShow.js');
      const live = flags.live === true;
      await pinShow({ ...(await target(file, flags)), live, isFileNamed: file !== undefined });
    });
}

function verifyCommand(): Command {
  return targetOptions(
    new Command('verify').description(
      'Compare what the server presents with the file: 0 when it is the same, 4 when it differs, 3 when there is no server.',
    ),
  )
    .addOption(textOption('--fingerprint <fingerprint>', 'compare with this, not with a file'))
    .action(async (file: string | undefined, flags: CompareFlags) => {
      const { pinVerify } = await import('../pin/pinVerify.js');
      await pinVerify({ ...(await target(file, flags)), fingerprint: flags.fingerprint });
    });
}

function addCommand(): Command {
  return targetOptions(
    new Command('add').description(
      'Add what the server presents to the file, which is made when missing. On a terminal you are asked to compare it first.',
    ),
  )
    .addOption(
      textOption('--fingerprint <fingerprint>', 'add it only if this is its fingerprint; do not ask'),
    )
    .action(async (file: string | undefined, flags: CompareFlags) => {
      const { pinAdd } = await import('../pin/pinAdd.js');
      await pinAdd({ ...(await target(file, flags)), fingerprint: flags.fingerprint });
    });
}

function targetOptions(command: Command): Command {
  return addClientOptions(
    command.argument('[file]', 'file of certificates, in place of --cert'),
    undefined,
  ).option('--json', 'write one JSON object');
}

/** A file given as the argument takes precedence. */
async function target(file: string | undefined, flags: PinFlags): Promise<PinTarget & { json: boolean }> {
  const { clientSettings } = await import('../settings/clientSettings.js');
  const { host, port, cert, connectTimeout } = await clientSettings(
    file === undefined ? flags : { ...flags, cert: file },
  );
  return { host, port, cert, connectTimeout, json: flags.json === true };
}
