// docs/cli.md, from the definitions of the command line.

import {
  CHAT_KEYS,
  CONFIG_VARIABLE,
  CONNECTION_KEYS,
  DAEMON_KEYS,
  PROFILE_KEY,
} from '#src/settings/clientKeys.js';
import { flagOf, variableOf } from '#src/settings/setting.js';
import { code, section, table } from './markdown.mjs';
import { firstSentence } from '#src/completion/commandTree.js';
import { EXIT_CODE_MEANINGS } from '#src/failures/exitCodes.js';
import { RECEIVED_FIELDS, RECEIVED_VARIABLES } from '#src/listen/received.js';
import { PIN_ADD_FIELDS } from '#src/pin/pinAdd.js';
import { SHAPE_FIELDS } from '#src/shape/shapeCommand.js';
import { PIN_SHOW_FIELDS } from '#src/pin/pinShow.js';
import { PIN_VERIFY_FIELDS } from '#src/pin/pinVerify.js';
import { MEMBERS_FIELDS, ROOMS_FIELDS, USERS_FIELDS } from '#src/query/queryCommands.js';
import { SEND_FIELDS, SEND_FILE_FIELDS } from '#src/send/sendResult.js';
import { FAILURE_FIELDS } from '#src/failures/failureJson.js';
import { defineProgram } from '#src/program.js';

/** Options that all commands have that connect to a server; told once. */
const CONNECTION_OPTIONS = new Set([
  ...[...Object.values(CONNECTION_KEYS), PROFILE_KEY].map(({ name }) => flagOf(name)),
  '--config',
  '--print-config',
]);

const INTRODUCTION = `# The quietroom command

This page is made from the definitions of the command line by \`npm run docs:cli\`. The chat has a page of its own,
[chat.md](chat.md), and so have the [server](server.md) and the [doctor](doctor.md).`;

const CONFIGURATION = `## Configuration

The commands that connect to a server take their settings from one file, then from environment variables, then from options: what comes
later has the last word. The file is \`quietroom.config.json\`: the one that \`--config\` or \`${CONFIG_VARIABLE}\` names, else the one in the current folder, else the
one in \`$XDG_CONFIG_HOME/quietroom\` or \`~/.config/quietroom\`. Unknown keys are refused by name. \`--print-config\` prints what holds, and where each
setting comes from.

\`\`\`json
{
  "$schema": "./node_modules/quietroom/quietroom.config.schema.json",
  "profile": "home",
  "profiles": {
    "home": { "host": "chat.example", "cert": "home.pem", "username": "alice" },
    "work": { "host": "10.0.0.7", "cert": "work.pem" }
  },
  "chat": { "theme": "light", "bell": true, "quietHours": "22:00-07:00" }
}
\`\`\`

Paths in the file are relative to its folder.`;

export function cliPage() {
  const program = defineProgram();
  return `${[
    INTRODUCTION,
    contents(program),
    ...program.commands.flatMap((command) => commandSections(command, 'quietroom', 2)),
    connectionSection(program),
    CONFIGURATION,
    keysTable(),
    section(2, 'Exit codes', table(['code', 'meaning'], Object.entries(EXIT_CODE_MEANINGS))),
    `## JSON

Each \`--json\` writes one object on one line; what could control a terminal is escaped in it. \`v\` grows when a field changes its meaning or goes; new fields may come at any time.

A command that fails prints what went wrong as JSON, too: where it has no fields of its own for that, these.`,
    fields('on failure', FAILURE_FIELDS),
    fields('quietroom listen', RECEIVED_FIELDS),
    fields('quietroom send', SEND_FIELDS),
    fields('quietroom send --file', SEND_FILE_FIELDS),
    fields('quietroom users', USERS_FIELDS),
    fields('quietroom rooms', ROOMS_FIELDS),
    fields('quietroom members', MEMBERS_FIELDS),
    fields('quietroom shape', SHAPE_FIELDS),
    fields('quietroom pin show', PIN_SHOW_FIELDS),
    fields('quietroom pin verify', PIN_VERIFY_FIELDS),
    fields('quietroom pin add', PIN_ADD_FIELDS),
    'That of `quietroom doctor` is told in [doctor.md](doctor.md).',
    section(
      2,
      'Commands run by listen',
      `\`--exec\` runs a program for each message, never through a shell. The JSON object is its standard input, and these are in its environment:\n\n${table(
        ['variable', 'holds'],
        [
          ...Object.entries(RECEIVED_VARIABLES).map(([name, field]) => [
            code(name),
            `\`${field}\`: ${withoutNull(RECEIVED_FIELDS[field])}`,
          ]),
          [
            '`QUIETROOM_DAEMON_SOCKET`',
            'the socket of the daemon, so that `quietroom send` uses the same one',
          ],
          ['`QUIETROOM_FILE`', 'where a file is that was received; else empty'],
          [
            '`QUIETROOM_HOST`, `QUIETROOM_PORT`, `QUIETROOM_CERT`',
            'the server, so that `quietroom send` reaches the same one',
          ],
        ],
      )}`,
    ),
  ].join('\n\n')}\n`;
}

function contents(program) {
  return table(
    ['command', ''],
    program.commands.map((command) => [
      `[${code(`quietroom ${command.name()}`)}](#quietroom-${command.name()})`,
      firstSentence(command.description()),
    ]),
  );
}

function commandSections(command, parent, level) {
  const name = `${parent} ${command.name()}`;
  const connects = command.options.some(({ long }) => long === '--print-config');
  const options = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help' && !(connects && CONNECTION_OPTIONS.has(long)));
  const usage = [
    name,
    connects || options.length > 0 ? '[options]' : '',
    command.usage().replace(/^\[options\] ?/, ''),
  ];
  const parts = [
    `${'#'.repeat(level)} ${name}`,
    command.description(),
    fence(usage.filter((part) => part !== '').join(' ')),
  ];
  const rows = [
    ...command.registeredArguments.map((argument) => [code(argumentText(argument)), withDefault(argument)]),
    ...options.map((option) => [code(option.flags), withDefault(option)]),
  ];
  if (rows.length > 0) parts.push(table(['option', 'meaning'], rows));
  if (connects) parts.push('It also takes the [options of the connection](#options-of-the-connection).');
  const examples = examplesOf(command);
  if (examples !== '') parts.push(fence(examples));
  return [...parts, ...command.commands.flatMap((child) => commandSections(child, name, level + 1))];
}

function argumentText(argument) {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function withDefault({ description, defaultValue, argChoices }) {
  const choices =
    argChoices && !argChoices.every((choice) => description.includes(choice))
      ? ` (one of ${argChoices.join(', ')})`
      : '';
  const fallback = defaultValue === undefined ? '' : ` (default: ${JSON.stringify(defaultValue)})`;
  return `${description}${choices}${fallback}`;
}

/** What its help says after the options. */
function examplesOf(command) {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  const [, examples = ''] = /\nExamples:\n([^]*?)(?:\n\n|\n?$)/.exec(text) ?? [];
  return examples
    .split('\n')
    .map((line) => line.trim().replace(/^(.*?\S)( {2,})(\S.*)$/, '$1$2# $3'))
    .join('\n')
    .trimEnd();
}

function connectionSection(program) {
  const command = program.commands.find((one) => one.name() === 'send');
  const options = command.options.filter(({ long }) => CONNECTION_OPTIONS.has(long));
  return section(
    2,
    'Options of the connection',
    table(
      ['option', 'meaning'],
      options.map((option) => [
        code(option.flags),
        option.long === '--username'
          ? 'name to log in by (default: depends on the command; its `--help` says it)'
          : option.description,
      ]),
    ),
  );
}

function keysTable() {
  return table(
    ['key', 'environment', 'option', 'default', 'meaning'],
    [
      ...Object.values(CONNECTION_KEYS).map((key) => keyRow(key)),
      ...Object.values(DAEMON_KEYS).map((key) => keyRow(key)),
      keyRow(PROFILE_KEY),
      ...Object.values(CHAT_KEYS).map((key) => keyRow(key, 'chat.')),
    ],
  );
}

function keyRow(key, prefix = '') {
  const fallback = key.fallback === undefined ? '' : code(JSON.stringify(key.fallback));
  return [code(prefix + key.name), code(variableOf(key.name)), code(flagOf(key.name)), fallback, key.meaning];
}

/** A variable is empty where a field is null. */
function withoutNull(meaning) {
  return meaning.replace(/[;,] (?:else )?null\b.*$/, '; else empty');
}

function fields(name, meanings) {
  return section(
    3,
    name,
    table(
      ['field', 'holds'],
      Object.entries(meanings).map(([field, meaning]) => [code(field), meaning]),
    ),
  );
}

function fence(text) {
  return `\`\`\`sh\n${text}\n\`\`\``;
}
