import {
  allCommands,
  argumentChoices,
  PROFILES_COMMAND,
  shellQuoted,
  type CommandNode,
  type Values,
} from './commandTree.js';

/** The completion script for zsh, for a file `_quietroom` in a folder of `fpath`, or to be sourced. */
export function zshCompletion(program: CommandNode): string {
  const commands = allCommands(program);
  return `#compdef ${program.name}
# Completion of ${program.name} for zsh: source <(${program.name} completion zsh)

_${program.name}() {
  local command_path=${program.name} index
  local -a candidates
  for ((index = 2; index < CURRENT; index++)); do
    case "$command_path $words[index]" in
      (${commands
        .slice(1)
        .map(({ path }) => shellQuoted(path))
        .join('|')}) command_path="$command_path $words[index]" ;;
    esac
  done
  case "$command_path $words[CURRENT-1]" in
${commands.flatMap((command) => optionCases(command)).join('\n')}
  esac
  case "$command_path" in
${commands.map((command) => commandCase(command)).join('\n')}
  esac
}

if [[ "\${funcstack[1]}" == _${program.name} ]]; then
  _${program.name} "$@"
else
  compdef _${program.name} ${program.name}
fi
`;
}

function optionCases({ path, options }: CommandNode): string[] {
  return options.flatMap(({ names, values }) =>
    values === undefined
      ? []
      : [
          `    (${names.map((name) => shellQuoted(`${path} ${name}`)).join('|')}) ${reply(values)}; return ;;`,
        ],
  );
}

function commandCase(command: CommandNode): string {
  const { path, options, commands, argument } = command;
  const described = [
    ...commands.map(({ name, meaning }) => [name, meaning] as const),
    ...options.flatMap(({ names, meaning }) => names.map((name) => [name, meaning] as const)),
  ].map(([name, meaning]) => shellQuoted(`${name}:${meaning}`));
  const choices = argumentChoices(command).map((choice) => shellQuoted(choice));
  const files = argument?.type === 'files' ? '; _files' : '';
  return `    (${shellQuoted(path)}) candidates=(${[...choices, ...described].join(' ')}); _describe -V ${shellQuoted(path)} candidates${files} ;;`;
}

function reply(values: Values): string {
  switch (values.type) {
    case 'choices':
      return `compadd -- ${values.choices.map((choice) => shellQuoted(choice)).join(' ')}`;
    case 'files':
      return '_files';
    case 'profiles':
      return `compadd -- \${(f)"$(${PROFILES_COMMAND} 2>/dev/null)"}`;
    case 'any':
      return 'true';
  }
}
