import { ConnectorError } from 'quietroom-connector';
import { connectFailure, type Target } from '../client/connectFailure.js';

/** Describes an error to the user of the chat. */
export function explain(error: unknown, target: Target): string {
  if (error instanceof ConnectorError) return connectorText(error);
  try {
    return connectFailure(error, target).message;
  } catch {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The connector addresses programs; the chat has commands in place of its calls. */
function connectorText({ code, message }: ConnectorError): string {
  switch (code) {
    case 'PIN_MISMATCH':
      return `${message}\n/pin shows both certificates as words, to compare and accept the new one; /reconnect tries again.`;
    case 'NOT_CONNECTED':
      return 'There is no connection. /reconnect makes one.';
    case 'PASSWORD_REQUIRED':
      return `${message} /join #ROOM PASSWORD`;
    default:
      return message;
  }
}
