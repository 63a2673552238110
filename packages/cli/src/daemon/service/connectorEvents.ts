import { RoomError, type QuietRoomConnector } from 'quietroom-connector';
import type { Cause, NewEvent } from '../protocol/events.js';

/** The part of the connector that the daemon uses. */
export type DaemonConnector = Pick<
  QuietRoomConnector,
  | 'username'
  | 'state'
  | 'serverVersion'
  | 'joinedRooms'
  | 'onDm'
  | 'onRoomMessage'
  | 'onLobbyMessage'
  | 'onPresence'
  | 'onSystemMessage'
  | 'onStateChange'
  | 'onFileOffer'
  | 'onError'
  | 'sendDm'
  | 'sendRoomMessage'
  | 'sendLobbyMessage'
  | 'joinRoom'
  | 'leaveRoom'
  | 'listUsers'
  | 'listRooms'
  | 'listMembers'
  | 'rtt'
  | 'sendFile'
>;

function at(date = new Date()): { readonly receivedAt: string } {
  return { receivedAt: date.toISOString() };
}

/** Turns the callbacks of a connector into events. Offers of files are not among them. */
export function emitConnectorEvents(connector: DaemonConnector, emit: (event: NewEvent) => void): void {
  connector.onDm((sender, text, { own, receivedAt }) =>
    emit({ type: 'dm', ...at(receivedAt), sender, text, own }),
  );
  connector.onRoomMessage((room, sender, text, { time, receivedAt }) =>
    emit({ type: 'room', ...at(receivedAt), room, sender, text, time }),
  );
  connector.onLobbyMessage((sender, text, { time, receivedAt }) =>
    emit({ type: 'lobby', ...at(receivedAt), sender, text, time }),
  );
  connector.onPresence((sender, change, { room = null, text, receivedAt }) =>
    emit({ type: 'presence', ...at(receivedAt), sender, change, room, text }),
  );
  connector.onSystemMessage((text, { receivedAt }) => emit({ type: 'system', ...at(receivedAt), text }));
  connector.onStateChange((state, { cause, attempt = null, delay = null }) =>
    emit({
      type: 'state',
      ...at(),
      state,
      username: connector.username,
      cause: cause === undefined ? null : causeOf(cause),
      attempt,
      delay,
    }),
  );
  connector.onError((error) => emit({ type: 'error', ...at(), cause: causeOf(error) }));
}

/** An error as JSON. */
export function causeOf(error: unknown): Cause {
  if (!(error instanceof Error)) return { code: null, message: String(error), room: null };
  const code = 'code' in error ? String(error.code) : null;
  return { code, message: error.message, room: error instanceof RoomError ? error.room : null };
}
