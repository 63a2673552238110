import { Argument, Command } from 'commander';
import type { Completion } from '../completion/completionCommand.js';
import { examples } from './definition.js';

export function completionCommand(): Command {
  const command = new Command('completion')
    .description('Print a script by which a shell completes commands, options and what stands behind them.')
    .addArgument(
      new Argument('<shell>', 'the shell; or profiles, for the names that the scripts ask for').choices([
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
