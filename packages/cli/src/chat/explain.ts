import { ConnectorError } from 'quietroom-connector';
import { connectFailure, type Target } from '../client/connectFailure.js';

/** Describes an error to the user of the chat. */
export function explain(error: unknown, target: Target): string {
  if (error instanceof ConnectorError) return error.message;
  try {
    return connectFailure(error, target).message;
  } catch {
    return error instanceof Error ? error.message : String(error);
  }
}
