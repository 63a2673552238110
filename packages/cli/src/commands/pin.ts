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
    .summary("show, verify or add the server's pinned certificate")
    .description('Manage the pinned certificate, by which clients recognise the server.')
    .helpCommand(false)
    .addCommand(showCommand())
    .addCommand(verifyCommand())
    .addCommand(addCommand())
    .addHelpText(
      'after',
      examples([
        ['quietroom pin show', 'show chat_public.pem in this folder'],
        ['quietroom pin verify --host chat.example', 'compare it with the server'],
        ['quietroom pin add --host chat.example', 'pin the server after a comparison'],
      ]),
    );
}

function showCommand(): Command {
  return targetOptions(
    new Command('show').description(
      'Show certificates: fingerprint, words to compare by voice, subject and validity.',
    ),
  )
    .option('--live', 'show the certificate of the server, and whether it is pinned')
    .action(async (file: string | undefined, flags: ShowFlags) => {
      const { pinShow } = await import('../pin/pinShow.js');
      const live = flags.live === true;
      await pinShow({ ...(await target(file, flags)), live, isFileNamed: file !== undefined });
    });
}

function verifyCommand(): Command {
  return targetOptions(
    new Command('verify').description(
      'Compare the certificate of the server with the file. Exits with 0 when equal, 4 when different, 3 without a server.',
    ),
  )
    .addOption(textOption('--fingerprint <fingerprint>', 'compare with this instead of a file'))
    .action(async (file: string | undefined, flags: CompareFlags) => {
      const { pinVerify } = await import('../pin/pinVerify.js');
      await pinVerify({ ...(await target(file, flags)), fingerprint: flags.fingerprint });
    });
}

function addCommand(): Command {
  return targetOptions(
    new Command('add').description(
      'Add the certificate of the server to the file, which is created if missing. On a terminal you compare it first.',
    ),
  )
    .addOption(
      textOption('--fingerprint <fingerprint>', 'add it without a question if it has this fingerprint'),
    )
    .action(async (file: string | undefined, flags: CompareFlags) => {
      const { pinAdd } = await import('../pin/pinAdd.js');
      await pinAdd({ ...(await target(file, flags)), fingerprint: flags.fingerprint });
    });
}

function targetOptions(command: Command): Command {
  return addClientOptions(
    command.argument('[file]', 'file of certificates, instead of --cert'),
    undefined,
  ).option('--json', 'print JSON on one line');
}

/** A file given as the argument takes precedence. */
async function target(file: string | undefined, flags: PinFlags): Promise<PinTarget & { json: boolean }> {
  const { clientSettings } = await import('../settings/clientSettings.js');
  const { host, port, cert, connectSeconds } = await clientSettings(
    file === undefined ? flags : { ...flags, cert: file },
  );
  return { host, port, cert, connectSeconds, json: flags.json === true };
}
