import type { Command, Option } from 'commander';

/** The values that an option or argument can take. */
export type Values =
  | { readonly type: 'choices'; readonly choices: readonly string[] }
  | { readonly type: 'files' }
  | { readonly type: 'profiles' }
  /** Free text, which cannot be completed. */
  | { readonly type: 'any' };

export interface OptionNode {
  /** As written: `--host`, `-h`. */
  readonly names: readonly string[];
  readonly meaning: string;
  /** Undefined for an option without a value. */
  readonly values: Values | undefined;
}

/** A command with its options, arguments and subcommands. */
export interface CommandNode {
  /** With the program's name: `quietroom pin show`. */
  readonly path: string;
  readonly name: string;
  readonly meaning: string;
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
  /** The values of its first argument. */
  readonly argument: Values | undefined;
}

/** Builds the tree from the definitions of the command line. */
export function commandTree(command: Command, parentPath = ''): CommandNode {
  const path = `${parentPath} ${command.name()}`.trim();
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  return {
    path,
    name: command.name(),
    meaning: firstSentence(command.description()),
    options: help.visibleOptions(command).map((option) => optionNode(option)),
    commands: command.commands.map((child) => commandTree(child, path)),
    argument: argument && valuesOf(argument.name(), argument.argChoices),
  };
}

/** The choices of the first argument. */
export function argumentChoices({ argument }: CommandNode): readonly string[] {
  return argument?.type === 'choices' ? argument.choices : [];
}

/** The command and all its subcommands. */
export function allCommands(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap((child) => allCommands(child))];
}

function optionNode({ short, long, description, flags, argChoices, required, optional }: Option): OptionNode {
  const placeholder = /[<[]#?([\w-]+)/.exec(flags)?.[1] ?? '';
  return {
    names: [short, long].filter((name) => name !== undefined),
    meaning: firstSentence(description),
    values: required || optional ? valuesOf(placeholder, argChoices) : undefined,
  };
}

/** Derives the kind of value from its placeholder in the help. */
function valuesOf(placeholder: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { type: 'choices', choices };
  if (['file', 'folder', 'path'].includes(placeholder)) return { type: 'files' };
  return placeholder === 'profile' ? { type: 'profiles' } : { type: 'any' };
}

/** The text up to the first full stop, semicolon, colon or bracket. */
export function firstSentence(text: string): string {
  return (/^[^]*?(?=[.;:](?:\s|$)| \(|$)/.exec(text)?.[0] ?? text).trim();
}

/** The query of the scripts for profile names, which are not known when a script is made. */
export const PROFILES_COMMAND = 'quietroom completion profiles';

/** Quotes a text as one word for bash and zsh. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
