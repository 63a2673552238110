import { Command } from 'commander';
import { addClientOptions } from '../settings/clientOptions.js';
import { LISTEN_PORT, optionValue, SECONDS } from '../settings/valueKinds.js';
import type { ShapeFlags } from '../shape/shapeCommand.js';
import { examples, textOption, VISITOR_NAME } from './definition.js';

export function shapeCommand(): Command {
  const command = new Command('shape')
    .summary('tell what the traffic shows an observer')
    .description(
      'Watch the TLS records of a connection, and say what their times and sizes tell an observer of the network: rate, sizes, regularity, and a verdict. It watches a connection of its own, idle and with the cover of the settings; with --tap that of another client, which connects through this machine.',
    )
    .option('--seconds <seconds>', 'how long to watch', optionValue(SECONDS), 60)
    .option(
      '--tap <port>',
      'watch the client that connects to this port of 127.0.0.1; 0 for any free port',
      optionValue(LISTEN_PORT),
    )
    .addOption(textOption('--svg <file>', 'also write a picture of the records over time'))
    .option('--json', 'print JSON on one line')
    .action(async (flags: ShapeFlags) => {
      const { shape } = await import('../shape/shapeCommand.js');
      await shape(flags);
    });
  return addClientOptions(command, VISITOR_NAME).addHelpText(
    'after',
    examples([
      ['quietroom shape --cover steady --seconds 20', 'is it steady?'],
      ['quietroom shape --tap 40000 --svg chat.svg', 'of a client that connects to port 40000'],
    ]),
  );
}
