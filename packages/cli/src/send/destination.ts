import type { Receipt, SendOptions } from 'quietroom-connector';
import type { ClientConnector } from '../daemon/client/clientConnector.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/** Where a message goes. */
export type Destination =
  | { readonly type: 'dm'; readonly to: string }
  | { readonly type: 'room'; readonly to: string; readonly passwordFile: string | undefined }
  | { readonly type: 'lobby'; readonly to: 'lobby' };

/** The options that select it. */
export interface DestinationFlags {
  readonly to?: string;
  readonly room?: string;
  readonly passwordFile?: string;
  readonly lobby?: boolean;
  readonly file?: string;
  readonly name?: string;
}

/** @throws Failure when none is given; the command line rejects several */
export function destinationOf({ to, room, passwordFile, lobby, file, name }: DestinationFlags): Destination {
  if (file !== undefined && to === undefined) throw usage('A file goes to one person: give --to.');
  if (name !== undefined && file === undefined) throw usage('--name is for a file: give --file.');
  if (passwordFile !== undefined && room === undefined) {
    throw usage('--password-file is for a room: give --room.');
  }
  if (to !== undefined) return { type: 'dm', to };
  if (room !== undefined) return { type: 'room', to: room, passwordFile };
  if (lobby === true) return { type: 'lobby', to: 'lobby' };
  throw usage('Say where it goes: --to NAME, --room ROOM or --lobby.');
}

/** The outcome of a message. */
export interface Delivery {
  readonly receipt: Receipt;
  /** The room did not exist before. */
  readonly createdRoom: boolean;
}

/** Sends a text to its destination; rejects like the connector. */
export async function deliver(
  connector: ClientConnector,
  destination: Destination,
  password: string | undefined,
  text: string,
  options: SendOptions & { readonly signal: AbortSignal },
): Promise<Delivery> {
  switch (destination.type) {
    case 'dm':
      return { receipt: await connector.sendDm(destination.to, text, options), createdRoom: false };
    case 'lobby':
      return { receipt: await connector.sendLobbyMessage(text, options), createdRoom: false };
    case 'room': {
      const { to } = destination;
      const { created } = await connector.joinRoom(to, password, { signal: options.signal });
      return { receipt: await connector.sendRoomMessage(to, text, options), createdRoom: created };
    }
  }
}

/** A usage error. */
export function usage(message: string): Failure {
  return new Failure(EXIT_CODES.usage, `${message} See "quietroom send --help".`);
}
