import type { Command } from 'commander';
import { clientSettings } from '../settings/clientSettings.js';
import { bashCompletion } from './bashCompletion.js';
import { commandTree } from './commandTree.js';
import { fishCompletion } from './fishCompletion.js';
import { zshCompletion } from './zshCompletion.js';

/** A shell whose script is printed, or a query from such a script. */
export type Completion = 'bash' | 'zsh' | 'fish' | 'profiles';

/** Prints the script or the answer. */
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

/** The profiles of the configuration file in effect. */
async function profileNames(): Promise<string[]> {
  const { profiles } = await clientSettings({});
  return profiles.map(({ name }) => name);
}
