import type { Outcome } from './replies/outcome.js';
import { ConnectionLostError, ConnectorError, FileTransferError, RoomError, summaryOf } from './errors.js';
import type { ConnectorState } from './observe/state.js';

/** Why a room was not joined; undefined when it was. */
export function joinError(room: string, outcome: Outcome | undefined): ConnectorError | undefined {
  if (outcome?.type !== 'answered') return unanswered(outcome, room);
  const { message } = outcome;
  if (message.type !== 'refusal') return undefined;
  const name = JSON.stringify(room);
  switch (message.reason) {
    case 'passwordRequired':
      return new RoomError(
        'PASSWORD_REQUIRED',
        room,
        `The room ${name} has a password. Give it to joinRoom().`,
      );
    case 'passwordWrong':
      return new RoomError('PASSWORD_WRONG', room, `This is not the password of the room ${name}.`);
    case 'passwordTooLong':
      return new RoomError('PASSWORD_INVALID', room, 'The server does not take so long a password.');
    case 'joinUsage':
      return new RoomError(
        'JOIN_REFUSED',
        room,
        `The server does not let you into ${name}. Its reason came to onSystemMessage just before.`,
      );
    default:
      return new RoomError('ROOM_NAME_INVALID', room, `The server does not take ${name} for a room name.`);
  }
}

/** Why a room was not left; undefined when it was. */
export function leaveError(room: string, outcome: Outcome | undefined): ConnectorError | undefined {
  if (outcome?.type !== 'answered') return unanswered(outcome, room);
  if (outcome.message.type !== 'refusal') return undefined;
  return new RoomError('NOT_IN_ROOM', room, `You are not in the room ${JSON.stringify(room)}.`);
}

/** The error of a question that has left and got no answer. */
export function unanswered(outcome: Outcome | undefined, room?: string): ConnectorError {
  if (outcome?.type === 'unanswered' && outcome.reason === 'connection-lost') {
    return new ConnectionLostError(
      'CONNECTION_LOST',
      'The connection was lost before the server answered. It may have done what was asked, or not.',
    );
  }
  const text = 'The server has not answered in time. It may have done what was asked, or not; ask again.';
  return room === undefined
    ? new ConnectorError('NO_ANSWER', text)
    : new RoomError('NO_ANSWER', room, `${JSON.stringify(room)}: ${text}`);
}

/** Why a call is not taken. */
export function notConnected(isDraining: boolean, state: ConnectorState): ConnectorError {
  if (isDraining) return new ConnectorError('NOT_CONNECTED', 'drain() was called: nothing more is sent.');
  return new ConnectorError(
    'NOT_CONNECTED',
    state === 'reconnecting'
      ? 'The connection was lost and is being made again. Send it later, or set whileDisconnected to "hold".'
      : 'Not connected. Call connect() and await it first.',
  );
}

/** Why a file is not sent or received in steady mode. */
export function filesRefused(): FileTransferError {
  return new FileTransferError(
    'FILE_REFUSED',
    'In steady mode files are refused: at its rate they would take hours, and faster an observer would see them. Set leaveSteadyForFiles to leave the mode for each file.',
    { option: 'leaveSteadyForFiles' },
  );
}

/** Why a queued request is not sent. */
export function disconnected(): ConnectorError {
  return new ConnectorError('DISCONNECTED', 'disconnect() was called before this was sent.');
}

/** The same, when reconnecting has ended. */
export function neverConnected(cause: Error): ConnectorError {
  return new ConnectorError(
    'NOT_CONNECTED',
    `There is no connection, and none will be made (${summaryOf(cause)}): this was not sent.`,
    { cause },
  );
}
