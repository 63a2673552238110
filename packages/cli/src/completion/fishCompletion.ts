import {
  allCommands,
  argumentChoices,
  type CommandNode,
  type OptionNode,
  type Values,
  PROFILES_COMMAND,
} from './commandTree.js';

/** The completion script for fish. */
export function fishCompletion(program: CommandNode): string {
  const commands = allCommands(program);
  const paths = commands.slice(1).map(({ path }) => quoted(path));
  return `# Completion of ${program.name} for fish: ${program.name} completion fish | source

function __${program.name}_at --description 'Whether what is typed so far is this command'
    set -l path ${program.name}
    for word in (commandline -opc)[2..]
        if contains -- "$path $word" ${paths.join(' ')}
            set path "$path $word"
        end
    end
    test "$path" = "$argv"
end

complete -c ${program.name} -f
${commands.flatMap((command) => commandLines(program, command)).join('\n')}
`;
}

function commandLines(program: CommandNode, command: CommandNode): string[] {
  const { path, commands, options, argument } = command;
  const start = `complete -c ${program.name} -n ${quoted(`__${program.name}_at ${path}`)}`;
  return [
    ...commands.map(({ name, meaning }) => `${start} -a ${quoted(name)} -d ${quoted(meaning)}`),
    ...argumentChoices(command).map((choice) => `${start} -a ${quoted(choice)}`),
    ...options.map((option) => `${start} ${optionPart(option)}`),
    ...(argument?.type === 'files' ? [`${start} -F`] : []),
  ];
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
