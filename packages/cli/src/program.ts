import { Command, CommanderError } from 'commander';
import { adminCommand } from './commands/admin.js';
import { botCommand } from './commands/bot.js';
import { chatCommand } from './commands/chat.js';
import { completionCommand } from './commands/completion.js';
import { conformanceCommand } from './commands/conformance.js';
import { daemonCommand } from './commands/daemon.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { echoCommand } from './commands/echo.js';
import { examples } from './commands/definition.js';
import { listenCommand } from './commands/listen.js';
import { pinCommand } from './commands/pin.js';
import { membersCommand, roomsCommand, usersCommand } from './commands/queries.js';
import { sendCommand } from './commands/send.js';
import { serveCommand } from './commands/serve.js';
import { shapeCommand } from './commands/shape.js';
import { EXIT_CODE_MEANINGS, EXIT_CODES, type ExitCode } from './failures/exitCodes.js';
import { Failure } from './failures/failure.js';
import { failureJson } from './failures/failureJson.js';
import { printError, printJson } from './output/print.js';
import { version } from './version.js';

/** Runs the command with its arguments and reports all errors to the user. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  try {
    await defineProgram().parseAsync(args, { from: 'user' });
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok;
    const failure = failureOf(error);
    const json = isJsonWanted(args) ? failureJson(failure) : undefined;
    if (json) printJson(json);
    // Commander has printed its own.
    if (!(error instanceof CommanderError)) printError(failure.message);
    return failure.exitCode;
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError) {
    return new Failure(EXIT_CODES.usage, error.message.replace(/^error: /, ''));
  }
  return new Failure(EXIT_CODES.failure, unexpected(error), { cause: error });
}

/** Arguments after `--` belong to another program. */
function isJsonWanted(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

/** A message for unexpected errors: one line, since a stack trace does not help users. */
export function unexpected(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `Something unexpected went wrong: ${message.replaceAll('\n', ' ')}. Please report this.`;
}

/** A command's module is loaded when it runs, so that `--help` loads none. */
export function defineProgram(): Command {
  const program = new Command('quietroom')
    .description('QuietRoom, a small self-hosted encrypted chat: chat, scripting, server, diagnosis.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    // Options behind a subcommand are those of the subcommand.
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      examples([
        ['quietroom demo', 'talk to an echo bot, without any setup'],
        ['quietroom chat --host chat.example --cert chat_public.pem', 'chat'],
        ['quietroom serve --dir ./chat', 'run a server with its identity in ./chat'],
        ['quietroom echo --cert ./chat/chat_public.pem', 'run an echo bot on that server'],
        ['quietroom echo --help', 'help for one command'],
      ]),
    )
    .addHelpText('afterAll', exitCodes());

  reportErrors(program, 'quietroom');
  for (const command of [
    demoCommand(),
    chatCommand(),
    sendCommand(),
    listenCommand(),
    usersCommand(),
    roomsCommand(),
    membersCommand(),
    pinCommand(),
    doctorCommand(),
    shapeCommand(),
    daemonCommand(),
    echoCommand(),
    botCommand(),
    serveCommand(),
    adminCommand(),
    conformanceCommand(),
    completionCommand(),
  ]) {
    program.addCommand(command);
    inheritSettings(command, program, 'quietroom');
  }
  return program;
}

/** Commander passes settings on to commands that it creates, not to added ones. */
function inheritSettings(command: Command, parent: Command, parentName: string): void {
  const name = `${parentName} ${command.name()}`;
  command.copyInheritedSettings(parent);
  reportErrors(command, name);
  for (const child of command.commands) inheritSettings(child, command, name);
}

/** Reports usage errors in one line. */
function reportErrors(command: Command, name: string): void {
  command.configureOutput({
    outputError: (text) => {
      const problem = text
        .replace(/^error: /, '')
        .trim()
        .replaceAll(/\s*\n\s*/g, ' ');
      printError(`${problem.replace(/[^.)?]$/, '$&.')} See "${name} --help".`);
    },
  });
}

function exitCodes(): string {
  const lines = Object.entries(EXIT_CODE_MEANINGS).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ['', 'Exit codes:', ...lines].join('\n');
}
