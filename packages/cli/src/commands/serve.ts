import { Command, Option } from 'commander';
import { LISTEN_PORT, optionValue } from '../settings/valueKinds.js';
import { LOG_FORMATS } from '../settings/serverConfigFile.js';
import type { ServeFlags } from '../settings/serverSettings.js';
import { examples, textOption } from './definition.js';

export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'Run a server. Its identity is made at the first start and kept: server_private.pem (secret), and chat_public.pem (for clients). All else can be set in server_config.json, over which options have the last word.',
    )
    .addOption(
      textOption(
        '--host <address>',
        'address to listen on; 0.0.0.0 for all (default: 127.0.0.1, and all when there is a server_config.json)',
      ),
    )
    .option(
      '--port <port>',
      'port to listen on; 0 for any free one (default: 37842)',
      optionValue(LISTEN_PORT),
    )
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
      optionValue(LISTEN_PORT),
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
      const { serve } = await import('../serve/serveCommand.js');
      await serve(flags);
    });
}
