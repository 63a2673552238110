import { Command } from 'commander';
import { examples } from './definition.js';

export function demoCommand(): Command {
  return new Command('demo')
    .summary('try it: a server, an echo bot and you')
    .description(
      'Start a server and an echo bot, and talk to the bot. Ctrl-C ends it. Without a terminal, a short scripted conversation runs.',
    )
    .addHelpText('after', examples([['quietroom demo', 'type a line, the bot answers']]))
    .action(async () => {
      const { demo } = await import('../demo/demoCommand.js');
      await demo();
    });
}
