import { textWidth } from '../output/textWidth.js';
import { terminalText } from '../output/terminalText.js';

type Result = Readonly<Record<string, unknown>>;

/** Each result as lines for people. */
export const RESULT_LINES = {
  clients: ({ clients }) =>
    table(
      ['NAME', 'ADDRESS', 'SINCE', 'QUEUED', 'RATE', 'SLOWED BY', 'MUTED'],
      rowsOf(clients).map(({ name, address, since, queuedBytes, messagesPerSecond, slowedBy, muted }) => [
        name ?? '(no login yet)',
        address,
        shortTime(since),
        `${cell(queuedBytes)} B`,
        `${cell(messagesPerSecond)}/s`,
        slowedBy ?? '-',
        muted === true ? 'yes' : 'no',
      ]),
      'No clients.',
    ),
  kick: ({ name }) => [`${cell(name)} was disconnected.`],
  ban: ({ ban, disconnected }) => {
    const [{ kind, target, until } = {}] = rowsOf([ban]);
    return [
      `The ${cell(kind)} ${cell(target)} is banned ${untilText(until)}. Disconnected: ${cell(disconnected)}.`,
    ];
  },
  unban: ({ target }) => [`${cell(target)} is no longer banned.`],
  bans: ({ bans }) =>
    table(
      ['TARGET', 'KIND', 'UNTIL'],
      rowsOf(bans).map(({ kind, target, until }) => [target, kind, until === null ? '-' : shortTime(until)]),
      'No bans.',
    ),
  mute: ({ name, seconds }) => [
    `${cell(name)} is muted ${seconds === null ? 'until unmuted or until the server ends' : `for ${cell(seconds)} seconds`}.`,
  ],
  unmute: ({ name }) => [`${cell(name)} is no longer muted.`],
  announce: ({ users }) => [`Sent to ${users === 1 ? '1 user' : `${cell(users)} users`}.`],
  rooms: ({ rooms }) =>
    table(
      ['ROOM', 'PASSWORD', 'MEMBERS'],
      rowsOf(rooms).map(({ name, protected: isProtected, members }) => [
        name,
        isProtected === true ? 'yes' : 'no',
        Array.isArray(members) && members.length > 0 ? members.join(', ') : '-',
      ]),
      'No rooms.',
    ),
  closeRoom: ({ name, members }) => [`The room ${cell(name)} is closed. Members removed: ${cell(members)}.`],
  drain: ({ users, seconds }) => [
    `New logins are refused. Users still online: ${cell(users)}. The server closes when they have left${
      seconds === null ? '' : `, or in ${cell(seconds)} seconds`
    }.`,
  ],
  cancelDrain: ({ wasDraining }) => [
    wasDraining === true ? 'New logins are accepted again.' : 'The server was not draining.',
  ],
  reload: ({ problem, restartNeeded }) => {
    if (problem !== null) return [];
    const keys = Array.isArray(restartNeeded) ? restartNeeded.join(' ') : '';
    return [
      'The configuration was read again.',
      ...(keys === '' ? [] : [`These keys need a restart: ${keys}`]),
    ];
  },
} as const satisfies Readonly<Record<string, (result: Result) => string[]>>;

export type AdminMethod = keyof typeof RESULT_LINES;

function rowsOf(value: unknown): Result[] {
  return Array.isArray(value)
    ? value.filter((row): row is Result => typeof row === 'object' && row !== null)
    : [];
}

/** Columns as wide as their widest cell; foreign text is escaped first. */
function table(head: readonly string[], rows: readonly (readonly unknown[])[], ifEmpty: string): string[] {
  if (rows.length === 0) return [ifEmpty];
  const lines = [head, ...rows.map((row) => row.map((value) => terminalText(cell(value))))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => textWidth(line[column] ?? ''))));
  return lines.map((line) =>
    line
      .map((text, column) => text + ' '.repeat((widths[column] ?? 0) - textWidth(text)))
      .join('  ')
      .trimEnd(),
  );
}

function cell(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

/** To the second, in UTC as in the log. */
function shortTime(value: unknown): string {
  return cell(value).replace(/\.\d{3}Z$/, 'Z');
}

function untilText(until: unknown): string {
  return until === null ? 'until it is lifted' : `until ${shortTime(until)}`;
}
