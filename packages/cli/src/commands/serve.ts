import { Command, Option } from 'commander';
import { HOST, LISTEN_PORT, optionValue } from '../settings/valueKinds.js';
import { LOG_FORMATS } from '../settings/serverConfigFile.js';
import type { ServeFlags } from '../settings/serverSettings.js';
import { examples, textOption } from './definition.js';

export function serveCommand(): Command {
  return new Command('serve')
    .summary('run a server')
    .description(
      'Run a server. The first start creates its identity: server_private.pem (secret) and chat_public.pem (for clients). server_config.json holds all settings; options override it.',
    )
    .addOption(
      new Option(
        '--host <address>',
        'address to listen on; 0.0.0.0 for all (default: 127.0.0.1; all if server_config.json exists)',
      ).argParser(optionValue(HOST)),
    )
    .option(
      '--port <port>',
      'port to listen on; 0 for any free port (default: 37842)',
      optionValue(LISTEN_PORT),
    )
    .addOption(
      textOption(
        '--dir <folder>',
        'folder of server_config.json and the identity; created if missing',
      ).default('.'),
    )
    .addOption(
      new Option(
        '--generation <generation>',
        'answer as this generation of servers does (default: "1.2")',
      ).choices(['1.1', '1.2']),
    )
    .addOption(textOption('--log-file <file>', 'log file; - for standard output (default: -)'))
    .addOption(
      textOption('--security-log-file <file>', 'also log refusals and protocol violations to this file'),
    )
    .addOption(
      new Option('--log-format <format>', 'log format (default: "text" on a terminal, else "json")').choices(
        LOG_FORMATS,
      ),
    )
    .option(
      '--metrics-port <port>',
      'port on 127.0.0.1 for /metrics and /healthz; 0 for any free port (default: none)',
      optionValue(LISTEN_PORT),
    )
    .addHelpText(
      'after',
      examples([
        ['quietroom serve', 'on this machine only, identity in this folder'],
        ['quietroom serve --host 0.0.0.0 --dir ./chat', 'on the network'],
        ['quietroom serve --port 0 --generation 1.1', 'as a 1.1 server, on any free port'],
        ['quietroom serve --log-file chat.log --metrics-port 9464', 'with a log file and metrics'],
      ]),
    )
    .action(async (flags: ServeFlags) => {
      const { serve } = await import('../serve/serveCommand.js');
      await serve(flags);
    });
}
