import type { Receipt, SentFile } from 'quietroom-connector';
import { EXIT_CODES, type ExitCode } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { reasonOf } from '../failures/failureJson.js';
import { terminalJson } from '../output/terminalJson.js';
import type { Delivery, Destination } from './destination.js';

/** The sender, as far as known. */
export interface Sender {
  /** The name on the server; undefined without a login. */
  username: string | undefined;
  /** Whether a daemon sent it. */
  usesDaemon: boolean;
}

/** Describes why a message was not accepted; undefined when it was. */
export function notAccepted({ to }: Destination, receipt: Receipt): Failure | undefined {
  const { parts, acceptedParts } = receipt;
  const taken = parts > 1 ? ` ${acceptedParts} of its ${parts} messages were taken.` : '';
  switch (receipt.status) {
    case 'accepted':
      return undefined;
    case 'refused':
      return receipt.reason === 'recipient-offline'
        ? new Failure(EXIT_CODES.offline, `${to} is not online. Try again later.${taken}`)
        : new Failure(EXIT_CODES.refused, `The server refused it: you are no member of ${to}.${taken}`);
    case 'unconfirmed':
      return new Failure(
        EXIT_CODES.unconfirmed,
        `It was sent, and ${receipt.reason === 'no-answer' ? 'the server did not confirm it' : 'then the connection was lost'}: it may have arrived.${taken}`,
      );
  }
}

/** The reason for a message that was not accepted, as a keyword. */
function reasonWhy(failure: Failure, receipt: Receipt | undefined): string {
  if (receipt !== undefined && receipt.status !== 'accepted') return receipt.reason;
  return reasonOf(failure);
}

const STATUSES: Partial<Record<ExitCode, string>> = {
  [EXIT_CODES.ok]: 'accepted',
  [EXIT_CODES.offline]: 'refused',
  [EXIT_CODES.refused]: 'refused',
  [EXIT_CODES.unconfirmed]: 'unconfirmed',
};

/** The fields of `--json` and their meaning. */
export const SEND_FIELDS = {
  v: 'version of this format: 1',
  status: '"accepted", "refused", "unconfirmed", or "failed" when nothing could be sent',
  reason:
    'null when accepted; else why not: "recipient-offline", "not-a-member", "no-answer", "connection-lost", a code of docs/errors.md or of the system such as "ECONNREFUSED", "USAGE" or "FAILED"',
  exitCode: 'the exit code',
  type: '"dm", "room" or "lobby"; null when none was given',
  to: 'the recipient, the room, or "lobby"; null when none was given',
  username: 'the name that sent it; null when there was no login',
  daemon: 'true when a daemon sent it',
  createdRoom: 'true when the room did not exist before',
  messages: 'how many messages the text was sent as; 0 when none was',
  accepted: 'how many of them the server took',
  message: 'null when accepted; else what standard error says',
} as const;

/** The fields of `--json` with `--file` and their meaning. */
export const SEND_FILE_FIELDS = {
  v: 'version of this format: 1',
  status: '"sent", or "failed"',
  reason: 'null when sent; else a code of docs/errors.md or of the system, "USAGE" or "FAILED"',
  exitCode: 'the exit code',
  type: '"file"',
  to: 'the recipient; null when none was given',
  username: 'the name that sent it; null when there was no login',
  daemon: 'true when a daemon sent it',
  name: 'the name that the file was sent by; null unless sent',
  bytes: 'its size; null unless sent',
  sha256: 'its SHA-256 in hex; null unless sent',
  seconds: 'how long its bytes took; null unless sent',
  message: 'null when sent; else what standard error says',
} as const;

/** The result of a file as one line of JSON. */
export function fileJson(
  to: string | undefined,
  sender: Sender,
  sent: SentFile | undefined,
  failure: Failure | undefined,
): string {
  const result: Record<keyof typeof SEND_FILE_FIELDS, unknown> = {
    v: 1,
    status: failure ? 'failed' : 'sent',
    reason: failure ? reasonOf(failure) : null,
    exitCode: failure?.exitCode ?? EXIT_CODES.ok,
    type: 'file',
    to: to ?? null,
    username: sender.username ?? null,
    daemon: sender.usesDaemon,
    name: sent?.name ?? null,
    bytes: sent?.bytes ?? null,
    sha256: sent?.sha256 ?? null,
    seconds: sent?.seconds ?? null,
    message: failure?.message ?? null,
  };
  return terminalJson(result);
}

/** The result as one line of JSON. */
export function sendJson(
  destination: Destination | undefined,
  sender: Sender,
  delivery: Delivery | undefined,
  failure: Failure | undefined,
): string {
  const result: Record<keyof typeof SEND_FIELDS, unknown> = {
    v: 1,
    status: STATUSES[failure?.exitCode ?? EXIT_CODES.ok] ?? 'failed',
    reason: failure ? reasonWhy(failure, delivery?.receipt) : null,
    exitCode: failure?.exitCode ?? EXIT_CODES.ok,
    type: destination?.type ?? null,
    to: destination?.to ?? null,
    username: sender.username ?? null,
    daemon: sender.usesDaemon,
    createdRoom: delivery?.createdRoom ?? false,
    messages: delivery?.receipt.parts ?? 0,
    accepted: delivery?.receipt.acceptedParts ?? 0,
    message: failure?.message ?? null,
  };
  return terminalJson(result);
}
