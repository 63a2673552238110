import { ConnectorError, RoomError } from 'quietroom-connector';
import { connectFailure, type Target } from './connectFailure.js';
import { EXIT_CODES } from './exitCodes.js';
import { Failure } from './failure.js';

/** Describes why a request failed. */
export function requestFailure(error: unknown, target: Target): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof ConnectorError)) return connectFailure(error, target);
  switch (error.code) {
    case 'MESSAGE_TOO_LONG':
      return refused(error.message.replace('maxParts', '--max-messages'), error);
    case 'RECIPIENT_INVALID':
    case 'MESSAGE_EMPTY':
    case 'ROOM_NAME_INVALID':
    case 'ROOM_NOT_FOUND':
    case 'PASSWORD_INVALID':
    case 'NOT_IN_ROOM':
    case 'NOT_SUPPORTED':
      return refused(error.message, error);
    case 'PASSWORD_REQUIRED':
      return refused(
        `There is a password to ${roomOf(error)}. Give a file that holds it with --password-file.`,
        error,
      );
    case 'PASSWORD_WRONG':
      return refused(`The password is not that of ${roomOf(error)}. Check --password-file.`, error);
    case 'JOIN_REFUSED':
      return refused(
        `The server does not let you into ${roomOf(error)}: a limit of its own forbids it.`,
        error,
      );
    case 'NOT_CONNECTED':
    case 'DISCONNECTED':
      return new Failure(EXIT_CODES.connectionLost, 'The connection to the server is lost. Try again.', {
        cause: error,
      });
    default:
      return connectFailure(error, target);
  }
}

function roomOf(error: ConnectorError): string {
  return error instanceof RoomError ? `the room ${JSON.stringify(error.room)}` : 'the room';
}

function refused(message: string, cause: Error): Failure {
  return new Failure(EXIT_CODES.refused, message, { cause });
}
