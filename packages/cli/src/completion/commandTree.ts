import type { Command, Option } from 'commander';

/** What can follow an option, or stand for an argument. */
export type Values =
  | { readonly type: 'choices'; readonly choices: readonly string[] }
  | { readonly type: 'files' }
  | { readonly type: 'profiles' }
  /** Anything, which a shell cannot know. */
  | { readonly type: 'any' };

export interface OptionNode {
  /** As it is written: `--host`, `-h`. */
  readonly names: readonly string[];
  readonly meaning: string;
  /** Undefined for one that takes no value. */
  readonly values: Values | undefined;
}

/** A command with all that can be written behind it. */
export interface CommandNode {
  /** From the program on: `quietroom pin show`. */
  readonly path: string;
  readonly name: string;
  readonly meaning: string;
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
  /** Of its first argument. */
  readonly argument: Values | undefined;
}

/** The definitions of a command line, as completion needs them. */
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

/** The words that can stand for the first argument. */
export function argumentChoices({ argument }: CommandNode): readonly string[] {
  return argument?.type === 'choices' ? argument.choices : [];
}

/** The command itself, and all below it. */
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

/** By what stands for the value in the help. */
function valuesOf(placeholder: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { type: 'choices', choices };
  if (['file', 'folder', 'path'].includes(placeholder)) return { type: 'files' };
  return placeholder === 'profile' ? { type: 'profiles' } : { type: 'any' };
}

/** Up to the first full stop, semicolon, colon or bracket. */
export function firstSentence(text: string): string {
  return (/^[^]*?(?=[.;:](?:\s|$)| \(|$)/.exec(text)?.[0] ?? text).trim();
}
