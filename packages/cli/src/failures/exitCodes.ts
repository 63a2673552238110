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
  0: 'all went well, or Ctrl-C or SIGTERM ended what runs until then',
  1: 'it failed; the message says why and what to do',
  2: 'the command line is wrong',
  3: 'there is no QuietRoom server to reach there',
  4: 'the server is not the one whose certificate is pinned',
  5: 'the server does not take the name',
  6: 'the connection was lost',
  7: 'the recipient is not online',
  8: 'it was refused: by the server, or before it was sent',
  9: 'it was sent, and the server has not confirmed it',
};
