import { Command, InvalidArgumentError, Option } from 'commander';
import type { ConformanceFlags } from '../conformance/conformanceCommand.js';
import { addClientOptions } from '../settings/clientOptions.js';
import { LISTEN_PORT, optionValue, SECONDS } from '../settings/valueKinds.js';
import { examples, textOption } from './definition.js';

export function conformanceCommand(): Command {
  return addClientOptions(new Command('conformance'), undefined)
    .summary('check a server or a client against the protocol')
    .description(
      'Check a server, or with --listen a client, against the protocol in several hundred cases, and report each. It logs in and creates rooms many times: use a server for tests.',
    )
    .addOption(
      new Option('--protocol <version>', 'the version of the protocol to expect')
        .choices(['1.1', '1.2'])
        .default('1.2'),
    )
    .addOption(
      new Option('--only <group>', 'run this group of cases only; repeatable').argParser(severalGroups),
    )
    .option(
      '--timeout <seconds>',
      'how long a case waits for each expected reply (default: 10)',
      optionValue(SECONDS),
    )
    .option(
      '--listen [port]',
      'check a client: listen on this port of --host, by default --port; 0 for any free one',
      (text: string) => optionValue(LISTEN_PORT)(text),
    )
    .addOption(
      textOption(
        '--dir <folder>',
        'with --listen: folder of the identity, created if missing; the client pins chat_public.pem in it',
      ).default('.'),
    )
    .option('--json', 'print the whole report as JSON on one line')
    .addOption(textOption('--junit <file>', 'also write the report as JUnit XML to this file'))
    .addHelpText(
      'after',
      examples([
        ['quietroom conformance --host test.example --cert chat_public.pem', 'check a server'],
        ['quietroom conformance --protocol 1.1 --only rooms --only lists', 'only some groups'],
        ['quietroom conformance --listen 4000 --dir ./id --junit report.xml', 'check a client'],
      ]),
    )
    .action(async (flags: ConformanceFlags) => {
      const { conformance } = await import('../conformance/conformanceCommand.js');
      await conformance(flags);
    });
}

function severalGroups(group: string, groups: readonly string[] | undefined): readonly string[] {
  if (!/^[a-z]+$/.test(group)) throw new InvalidArgumentError('It must be one lower-case word.');
  return [...(groups ?? []), group];
}
