import {
  allCommands,
  argumentChoices,
  PROFILES_COMMAND,
  shellQuoted,
  type CommandNode,
  type Values,
} from './commandTree.js';

/** The completion script for bash; needs no other package. */
export function bashCompletion(program: CommandNode): string {
  const commands = allCommands(program);
  return `# Completion of ${program.name} for bash: source <(${program.name} completion bash)

_${program.name}_reply() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done
}

_${program.name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path=${program.name} index
  # Bash takes the = of --option=value for a word.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
      ${commands
        .slice(1)
        .map(({ path }) => shellQuoted(path))
        .join(' | ')}) path="$path \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path $before" in
${commands.flatMap((command) => optionCases(command)).join('\n')}
  esac
  case "$path" in
${commands.map((command) => commandCase(command)).join('\n')}
  esac
}

complete -o filenames -F _${program.name} ${program.name}
`;
}

function optionCases({ path, options }: CommandNode): string[] {
  return options.flatMap(({ names, values }) =>
    values === undefined
      ? []
      : [
          `    ${names.map((name) => shellQuoted(`${path} ${name}`)).join(' | ')}) ${reply(values)}; return ;;`,
        ],
  );
}

function commandCase(command: CommandNode): string {
  const { path, options, commands, argument } = command;
  const words = [
    ...commands.map(({ name }) => name),
    ...argumentChoices(command),
    ...options.flatMap(({ names }) => names),
  ];
  const files = argument?.type === 'files' ? '; compgen -f -- "$word"' : '';
  return `    ${shellQuoted(path)}) _quietroom_reply < <(compgen -W ${shellQuoted(words.join(' '))} -- "$word"${files}) ;;`;
}

function reply(values: Values): string {
  switch (values.type) {
    case 'choices':
      return `_quietroom_reply < <(compgen -W ${shellQuoted(values.choices.join(' '))} -- "$word")`;
    case 'files':
      return '_quietroom_reply < <(compgen -f -- "$word")';
    case 'profiles':
      return `_quietroom_reply < <(compgen -W "$(${PROFILES_COMMAND} 2>/dev/null)" -- "$word")`;
    case 'any':
      return 'COMPREPLY=()';
  }
}
