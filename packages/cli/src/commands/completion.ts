import { Argument, Command } from 'commander';
import type { Completion } from '../completion/completionCommand.js';
import { examples } from './definition.js';

export function completionCommand(): Command {
  const command = new Command('completion')
    .summary('print a shell completion script')
    .description('Print a script that completes commands, options and their values in a shell.')
    .addArgument(
      new Argument('<shell>', 'the shell; profiles prints the profile names, for the scripts').choices([
        'bash',
        'zsh',
        'fish',
        'profiles',
      ]),
    )
    .addHelpText(
      'after',
      examples([
        ['quietroom completion bash', 'in ~/.bashrc: source <(quietroom completion bash)'],
        ['quietroom completion zsh', 'in ~/.zshrc, after compinit: source <(quietroom completion zsh)'],
        [
          'quietroom completion fish',
          'once: quietroom completion fish > ~/.config/fish/completions/quietroom.fish',
        ],
      ]),
    );
  return command.action(async (shell: Completion) => {
    const { complete } = await import('../completion/completionCommand.js');
    await complete(command.parent ?? command, shell);
  });
}
