import { ConnectorError, RoomError } from 'quietroom-connector';
import { connectFailure, type Target } from './connectFailure.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/** Describes why a request failed. */
export function requestFailure(error: unknown, target: Target): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof ConnectorError)) return connectFailure(error, target);
  switch (error.code) {
    case 'MESSAGE_TOO_LONG':
      return refused(tooLong(error), error);
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
        `A password is needed for ${roomOf(error)}. Give a file with it by --password-file.`,
        error,
      );
    case 'PASSWORD_WRONG':
      return refused(`The password for ${roomOf(error)} is wrong. Check --password-file.`, error);
    case 'JOIN_REFUSED':
      return refused(
        `The server refuses to let you join ${roomOf(error)}, because of one of its limits.`,
        error,
      );
    case 'NOT_CONNECTED':
    case 'DISCONNECTED':
      return new Failure(EXIT_CODES.connectionLost, 'The connection to the server was lost. Try again.', {
        cause: error,
      });
    default:
      return connectFailure(error, target);
  }
}

function tooLong({ message, option, limit }: ConnectorError): string {
  if (option !== 'maxParts') return message;
  return `This text needs more than ${limit} messages. Shorten it, or raise --max-messages.`;
}

function roomOf(error: ConnectorError): string {
  return error instanceof RoomError ? `the room ${JSON.stringify(error.room)}` : 'the room';
}

function refused(message: string, cause: Error): Failure {
  return new Failure(EXIT_CODES.refused, message, { cause });
}
