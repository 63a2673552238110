import { Callbacks, type CallbackOptions } from './callbacks.js';
import type { ConnectionLostError } from '../errors.js';
import type {
  MessageEvent,
  DmEvent,
  LobbyMessageEvent,
  PresenceEvent,
  RoomMessageEvent,
  SystemEvent,
} from './events.js';
import type { FileOffer } from '../files/transfer/fileOffer.js';
import type { StateChange, ConnectorState } from '../connection/connectionState.js';

/** The arguments of each kind of callback. */
export interface CallbackArguments {
  dm: [sender: string, message: string, event: DmEvent];
  room: [room: string, sender: string, message: string, event: RoomMessageEvent];
  lobby: [sender: string, message: string, event: LobbyMessageEvent];
  presence: [name: string, change: 'joined' | 'left', event: PresenceEvent];
  system: [text: string, event: SystemEvent];
  message: [text: string, event: MessageEvent];
  disconnect: [reason: ConnectionLostError | null];
  stateChange: [state: ConnectorState, change: StateChange];
  fileOffer: [offer: FileOffer];
  error: [error: unknown];
}

export type CallbackKind = keyof CallbackArguments;

/** All callbacks of a connector, and which of them hear of what. */
export class Dispatcher {
  readonly #callbacks: { readonly [K in CallbackKind]: Callbacks<CallbackArguments[K]> };
  readonly #deliversOwn: boolean;

  /** `deliversOwn`: the specific callbacks hear of our own messages in rooms and lobby, too. */
  constructor(deliversOwn: boolean) {
    this.#deliversOwn = deliversOwn;
    const report = (error: unknown): void => this.report(error);
    this.#callbacks = {
      dm: new Callbacks(report),
      room: new Callbacks(report),
      lobby: new Callbacks(report),
      presence: new Callbacks(report),
      system: new Callbacks(report),
      message: new Callbacks(report),
      disconnect: new Callbacks(report),
      stateChange: new Callbacks(report),
      fileOffer: new Callbacks(report),
      error: new Callbacks(warn),
    };
  }

  add<K extends CallbackKind>(
    kind: K,
    callback: (...args: CallbackArguments[K]) => unknown,
    options?: CallbackOptions,
  ): void {
    this.#callbacks[kind].add(callback, options);
  }

  /** Whether anyone hears of this. */
  hears(kind: CallbackKind): boolean {
    return this.#callbacks[kind].length > 0;
  }

  call<K extends CallbackKind>(kind: K, ...args: CallbackArguments[K]): void {
    this.#callbacks[kind].call(...args);
  }

  /** `onMessage` hears of everything, and first; then those for this kind of message. */
  deliver(event: MessageEvent): void {
    const { dm, room, lobby, presence, system, message } = this.#callbacks;
    message.call(event.raw, event);
    // A direct message to oneself was meant to arrive; the others are only our own words that come back.
    if (event.own && event.type !== 'dm' && !this.#deliversOwn) return;
    switch (event.type) {
      case 'dm':
        return dm.call(event.sender, event.text, event);
      case 'room':
        return room.call(event.room, event.sender, event.text, event);
      case 'lobby':
        return lobby.call(event.sender, event.text, event);
      case 'presence':
        return presence.call(event.sender, event.change, event);
      case 'system':
        return system.call(event.text, event);
      case 'fileOffer':
      case 'answer':
        return;
    }
  }

  /** Tells of an error that no caller waits for; without `onError` Node prints a warning. */
  report(error: unknown): void {
    if (this.#callbacks.error.length === 0) warn(error);
    else this.#callbacks.error.call(error);
  }
}

/** Says with its stack what nobody listens for: it is a mistake in the program, and harms nobody else. */
function warn(error: unknown): void {
  if (error instanceof Error) {
    process.emitWarning(error.message, { type: error.name, detail: error.stack ?? '' });
  } else {
    process.emitWarning(`A callback threw a value that is no Error, of type ${typeof error}.`);
  }
}
