import { ConnectorError } from 'quietroom-connector';
import { connectFailure, type Target } from '../failures/connectFailure.js';

/** Says what went wrong, for somebody who sits before the chat. */
export function explain(error: unknown, target: Target): string {
  if (error instanceof ConnectorError) return error.message;
  try {
    return connectFailure(error, target).message;
  } catch {
    return error instanceof Error ? error.message : String(error);
  }
}
