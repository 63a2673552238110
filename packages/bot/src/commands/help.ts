import { closest, distance } from 'fastest-levenshtein';
import type { Argument, ArgumentDefinitions } from './argument.js';

/** What the help tells of a command. */
export interface CommandSummary {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly about: string | undefined;
  readonly args: ArgumentDefinitions;
}

/** Such as `!deploy <host> [retries] [--force]`. */
export function usageOf(prefix: string, { name, args }: CommandSummary): string {
  const words = Object.entries(args).map(([argument, definition]) => argumentUsage(argument, definition));
  return [prefix + name, ...words].join(' ');
}

function argumentUsage(name: string, { kind, isRequired, choices }: Argument<unknown>): string {
  if (kind === 'flag') return `[--${name}]`;
  const shown = (choices?.join('|') ?? name) + (kind === 'rest' ? '…' : '');
  return isRequired ? `<${shown}>` : `[${shown}]`;
}

/** One line for each command, the shortest form of the help. */
export function helpLines(prefix: string, commands: readonly CommandSummary[]): string[] {
  return commands.map((command) => {
    const { about } = command;
    return usageOf(prefix, command) + (about === undefined ? '' : `: ${about}`);
  });
}

/** All about one command. */
export function commandHelpLines(prefix: string, command: CommandSummary): string[] {
  const { aliases, args } = command;
  const lines = helpLines(prefix, [command]);
  for (const [name, definition] of Object.entries(args)) {
    const { kind, about, absent, requirement } = definition;
    const fallback = kind === 'flag' || absent === undefined ? '' : `; default ${JSON.stringify(absent)}`;
    const what = [about, kind === 'flag' ? undefined : requirement]
      .filter((part) => part !== undefined)
      .join('; ');
    lines.push(`${kind === 'flag' ? '--' : ''}${name}${what === '' ? '' : `: ${what}`}${fallback}`);
  }
  if (aliases.length > 0) lines.push(`Also: ${aliases.map((alias) => prefix + alias).join(', ')}`);
  return lines;
}

/** The name most like `word`; undefined when none is similar. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const name = closest(word, names);
  return distance(word, name) <= Math.max(1, Math.floor(word.length / 3)) ? name : undefined;
}
