import { Command } from 'commander';
import { SERVE_KEYS } from '../settings/serverKeys.js';
import type { ServeFlags } from '../settings/serverSettings.js';
import { addOption } from '../settings/setting.js';
import { examples, textOption } from './definition.js';

export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('run a server')
    .description(
      'Run a server. The first start creates its identity: server_private.pem (secret) and chat_public.pem (for clients). server_config.json holds all settings; options override it.',
    )
    .addOption(
      textOption(
        '--dir <folder>',
        'folder of server_config.json and the identity; created if missing',
      ).default('.'),
    );
  for (const setting of Object.values(SERVE_KEYS)) addOption(command, setting);
  return command
    .addHelpText(
      'after',
      examples([
        ['quietroom serve', 'on this machine only, identity in this folder'],
        ['quietroom serve --host 0.0.0.0 --dir ./chat', 'on the network'],
        ['quietroom serve --port 0 --protocol-version 1.1', 'as a 1.1 server, on any free port'],
        ['quietroom serve --log-file chat.log --metrics-port 9464', 'with a log file and metrics'],
      ]),
    )
    .action(async (flags: ServeFlags) => {
      // One after the other, so that fewer files are open at once.
      // oxlint-disable-next-line eslint/no-restricted-imports -- only loads it
      await import('@quietroom/protocol');
      await import('@quietroom/server');
      const { serve } = await import('../serve/serveCommand.js');
      await serve(flags);
    });
}
