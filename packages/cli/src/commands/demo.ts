import { Command } from 'commander';
import { examples } from './definition.js';

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Start a server and an echo bot, and talk to the bot: on a terminal you type, and Ctrl-C ends it; without one, a short conversation runs by itself.',
    )
    .addHelpText('after', examples([['quietroom demo', 'type a line, and the bot answers']]))
    .action(async () => {
      const { demo } = await import('../demo/demoCommand.js');
      await demo();
    });
}
