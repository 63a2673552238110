import { RoomError, type ConnectorState, type StateChange } from 'quietroom-connector';
import { Failure } from '../failures/failure.js';
import { printError } from '../output/print.js';

/** The part of a connector that tells of its connection. */
interface ConnectionSource {
  readonly username: string;
  onStateChange(callback: (state: ConnectorState, change: StateChange) => unknown): unknown;
}

interface ProblemSource extends ConnectionSource {
  onError(callback: (error: unknown) => unknown): unknown;
}

/** Reports a lost connection and a new one on standard error. */
export function tellConnection(connector: ConnectionSource): void {
  connector.onStateChange((state, { previous, cause }) => {
    if (state === 'reconnecting' && previous === 'connected') {
      printError(`${cause?.message ?? 'The connection is lost.'} Connecting again ...`);
    } else if (state === 'connected') {
      printError(`Connected again as ${connector.username}.`);
    }
  });
}

/** Reports a lost connection, a new one, lost events, and rooms that could not be joined again. */
export function tellProblems(connector: ProblemSource): void {
  tellConnection(connector);
  connector.onError((error) => {
    if (error instanceof Failure) printError(error.message);
    // The reason of the final loss is reported at the end.
    if (error instanceof RoomError) printError(`${error.message} No more messages come from that room.`);
  });
}
