import type { Command } from 'commander';
import { bashCompletion } from './bashCompletion.js';
import { commandTree } from './commandTree.js';
import { fishCompletion } from './fishCompletion.js';
import { profileNames } from './profileNames.js';
import { zshCompletion } from './zshCompletion.js';

/** What can be asked for: a script for a shell, or what such a script asks. */
export type Completion = 'bash' | 'zsh' | 'fish' | 'profiles';

/** Prints it. */
export async function complete(program: Command, completion: Completion): Promise<void> {
  process.stdout.write(await textOf(program, completion));
}

async function textOf(program: Command, completion: Completion): Promise<string> {
  switch (completion) {
    case 'bash':
      return bashCompletion(commandTree(program));
    case 'zsh':
      return zshCompletion(commandTree(program));
    case 'fish':
      return fishCompletion(commandTree(program));
    case 'profiles':
      return (await profileNames()).map((name) => `${name}\n`).join('');
  }
}
