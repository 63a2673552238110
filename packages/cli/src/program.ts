import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { EchoOptions } from './echoCommand.js';
import { EXIT_CODE_MEANINGS, EXIT_CODES, type ExitCode } from './exitCodes.js';
import { Failure } from './failure.js';
import { connectPort, listenPort, notEmpty, seconds } from './optionValues.js';
import { printError } from './print.js';
import { LOG_FORMATS } from './configFile.js';
import type { ServeFlags } from './serveSettings.js';

/** Runs the command with its arguments; whatever goes wrong is told to the user. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  try {
    await defineProgram().parseAsync(args, { from: 'user' });
    return EXIT_CODES.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    if (error instanceof Failure) {
      printError(error.message);
      return error.exitCode;
    }
    printError(unexpected(error));
    return EXIT_CODES.failure;
  }
}

/** For what should not happen; one line, as a stack trace helps nobody who uses the command. */
export function unexpected(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `Something unexpected went wrong: ${message.replaceAll('\n', ' ')}. Please report this.`;
}

/** Each command's module is loaded when it runs, so that `--help` loads none of them. */
function defineProgram(): Command {
  const program = new Command('quietroom')
    .description('QuietRoom, the small self-hosted encrypted chat: try it, run a server, run a bot.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .addHelpText(
      'after',
      examples([
        ['quietroom demo', 'talk to an echo bot, with nothing to set up'],
        ['quietroom serve --dir ./chat', 'run a server that keeps its identity in ./chat'],
        ['quietroom echo --cert ./chat/chat_public.pem', 'run an echo bot on that server'],
        ['quietroom echo --help', 'read more about one command'],
      ]),
    )
    .addHelpText('afterAll', exitCodes());

  program
    .command('demo')
    .description(
      'Start a server and an echo bot, and talk to the bot: on a terminal you type, and Ctrl-C ends it; without one, a short conversation runs by itself.',
    )
    .addHelpText('after', examples([['quietroom demo', 'type a line, and the bot answers']]))
    .action(async () => {
      const { demo } = await import('./demoCommand.js');
      await demo();
    });

  program
    .command('echo')
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
      const { echo } = await import('./echoCommand.js');
      await echo(options);
    });

  program
    .command('serve')
    .description(
      'Run a server. Its identity is made at the first start and kept: server_private.pem (secret), and chat_public.pem (for clients). All else can be set in server_config.json, over which options have the last word.',
    )
    .addOption(
      textOption(
        '--host <address>',
        'address to listen on; 0.0.0.0 for all (default: 127.0.0.1, and all when there is a server_config.json)',
      ),
    )
    .option('--port <port>', 'port to listen on; 0 for any free one (default: 37842)', listenPort)
    .addOption(
      textOption(
        '--dir <folder>',
        'folder of server_config.json and the identity; made when missing',
      ).default('.'),
    )
    .addOption(
      new Option(
        '--generation <generation>',
        'answer as this generation of servers does (default: "1.2")',
      ).choices(['1.1', '1.2']),
    )
    .addOption(textOption('--log-file <file>', 'write the log there; - for standard output, the default'))
    .addOption(
      textOption('--security-log-file <file>', 'write there, too, what is refused or breaks the protocol'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'how logs are written (default: "text" on a terminal, else "json")',
      ).choices(LOG_FORMATS),
    )
    .option(
      '--metrics-port <port>',
      'port of 127.0.0.1 for /metrics and /healthz; 0 for any free one (default: none)',
      listenPort,
    )
    .addHelpText(
      'after',
      examples([
        ['quietroom serve', 'for this machine, with the identity in this folder'],
        ['quietroom serve --host 0.0.0.0 --dir ./chat', 'for the network'],
        ['quietroom serve --port 0 --generation 1.1', 'on any free port, as a 1.1 server'],
        ['quietroom serve --log-file chat.log --metrics-port 9464', 'for an operator'],
      ]),
    )
    .action(async (flags: ServeFlags) => {
      const { serve } = await import('./serveCommand.js');
      await serve(flags);
    });

  reportErrors(program, 'quietroom');
  for (const command of program.commands) reportErrors(command, `quietroom ${command.name()}`);
  return program;
}

/** What is wrong with the command line is said in one line. */
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

function textOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(notEmpty);
}

function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.filter(([, meaning]) => meaning).map(([command]) => command.length));
  const shown = lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd());
  return ['', 'Examples:', ...shown].join('\n');
}

function exitCodes(): string {
  const lines = Object.entries(EXIT_CODE_MEANINGS).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ['', 'Exit codes:', ...lines].join('\n');
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  return 'unknown';
}
