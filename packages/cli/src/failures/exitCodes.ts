/** The exit codes of the command. */
export const EXIT_CODES = {
  ok: 0,
  failure: 1,
  usage: 2,
  unreachable: 3,
  security: 4,
  nameRefused: 5,
  connectionLost: 6,
  offline: 7,
  refused: 8,
  unconfirmed: 9,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

export const EXIT_CODE_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'success; also when Ctrl-C or SIGTERM ends a command that runs until then',
  1: 'failure; the message tells the reason and what to do',
  2: 'usage error',
  3: 'no QuietRoom server could be reached',
  4: 'the certificate of the server is not the pinned one',
  5: 'the server refused the username',
  6: 'the connection was lost',
  7: 'the recipient is not online',
  8: 'the message was refused, by the server or before it was sent',
  9: 'the message was sent, but not confirmed by the server',
};
