import { requestDraft, type RequestTracker } from './requests/requestTracker.js';
import type { ConnectorError } from './errors.js';
import { joinError } from './roomErrors.js';
import type { DesiredRooms } from './rooms/desiredRooms.js';

export interface RejoinEvents {
  /** A room was joined again, or it was not, and why. */
  joined(room: string, error: ConnectorError | undefined): void;
  /** Each has been tried. */
  done(): void;
}

/** Joins rooms on a new connection, each once, in order. When that falls, nobody is told: it tells so itself. */
export function rejoin(
  requests: Pick<RequestTracker, 'transmit'>,
  rooms: DesiredRooms['all'],
  events: RejoinEvents,
): void {
  let waiting = rooms.length;
  if (waiting === 0) return events.done();
  for (const { room, password } of rooms) {
    try {
      requests.transmit(requestDraft({ type: 'join', room, password }), (outcome) => {
        if (outcome.type === 'unanswered' && outcome.reason === 'connection-lost') return;
        events.joined(room, joinError(room, outcome));
        waiting--;
        if (waiting === 0) events.done();
      });
    } catch {
      return;
    }
  }
}
