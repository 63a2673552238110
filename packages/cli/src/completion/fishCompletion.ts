import {
  allCommands,
  argumentChoices,
  type CommandNode,
  type OptionNode,
  type Values,
} from './commandTree.js';
import { PROFILES_COMMAND } from './profileNames.js';

/** A script for fish. */
export function fishCompletion(program: CommandNode): string {
  const lines = allCommands(program).flatMap((command) => commandLines(program, command));
  return `# Completion of ${program.name} for fish: ${program.name} completion fish | source

complete -c ${program.name} -f
${lines.join('\n')}
`;
}

function commandLines(program: CommandNode, command: CommandNode): string[] {
  const { path, commands, options, argument } = command;
  const start = `complete -c ${program.name} -n ${quoted(condition(path, commands))}`;
  return [
    ...commands.map(({ name, meaning }) => `${start} -a ${quoted(name)} -d ${quoted(meaning)}`),
    ...argumentChoices(command).map((choice) => `${start} -a ${quoted(choice)}`),
    ...options.map((option) => `${start} ${optionPart(option)}`),
    ...(argument?.type === 'files' ? [`${start} -F`] : []),
  ];
}

/** That the words of the path are there, and none of a command below it. */
function condition(path: string, commands: readonly CommandNode[]): string {
  const seen = path
    .split(' ')
    .slice(1)
    .map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = commands.map(({ name }) => name).join(' ');
  const all = below === '' ? seen : [...seen, `not __fish_seen_subcommand_from ${below}`];
  return all.length === 0 ? 'true' : all.join('; and ');
}

function optionPart({ names, meaning, values }: OptionNode): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...flags, ...(values === undefined ? [] : valueParts(values)), `-d ${quoted(meaning)}`].join(' ');
}

function valueParts(values: Values): string[] {
  switch (values.type) {
    case 'choices':
      return ['-x', `-a ${quoted(values.choices.join(' '))}`];
    case 'files':
      return ['-r', '-F'];
    case 'profiles':
      return ['-x', `-a ${quoted(`(${PROFILES_COMMAND} 2>/dev/null)`)}`];
    case 'any':
      return ['-x'];
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}
