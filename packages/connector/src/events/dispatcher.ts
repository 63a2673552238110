import type { CallbackOptions, ServerMessage } from '@quietroom/protocol';
import { Callbacks } from '@quietroom/protocol/internals';
import type { ConnectionLostError } from '../errors.js';
import {
  callbackTypesOf,
  callEventCallbacks,
  makeEventCallbacks,
  type EventArguments,
  type MessageEvent,
} from './events.js';
import type { FileOffer } from '../files/transfer/fileOffer.js';
import { DIAGNOSTICS } from '../observe/diagnostics.js';
import type { StateChange, ConnectorState } from '../observe/state.js';

/** The arguments of each kind of callback. */
export interface CallbackArguments extends EventArguments {
  message: [text: string, event: MessageEvent];
  disconnect: [reason: ConnectionLostError | null];
  stateChange: [state: ConnectorState, change: StateChange];
  fileOffer: [offer: FileOffer];
  error: [error: unknown];
}

export type CallbackKind = keyof CallbackArguments;

/** All callbacks of a connector, and which event goes to which. */
export class Dispatcher {
  /** In messages of the diagnostics channel. */
  readonly #connector: object;
  readonly #callbacks: { readonly [K in CallbackKind]: Callbacks<CallbackArguments[K]> };
  readonly #deliversOwn: boolean;

  /** `deliversOwn`: our own messages in rooms and lobby go to their callbacks, too. */
  constructor(connector: object, deliversOwn: boolean) {
    this.#connector = connector;
    this.#deliversOwn = deliversOwn;
    const report = (error: unknown): void => this.report(error);
    this.#callbacks = {
      ...makeEventCallbacks(report),
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

  /** Whether there is a callback for this. */
  hears(kind: CallbackKind): boolean {
    return this.#callbacks[kind].length > 0;
  }

  call<K extends CallbackKind>(kind: K, ...args: CallbackArguments[K]): void {
    this.#callbacks[kind].call(...args);
  }

  /** Whether anything takes the event of a message: making one that nothing takes would be wasted. */
  takes(message: ServerMessage, isAnswer: boolean): boolean {
    if (this.hears('message') || DIAGNOSTICS.received.hasSubscribers) return true;
    return callbackTypesOf(message, isAnswer).some((type) => this.hears(type));
  }

  /** Every event goes to `onMessage` first, and then to the callbacks of its kind. */
  readonly deliver = (event: MessageEvent): void => {
    if (DIAGNOSTICS.received.hasSubscribers) {
      const { type, text } = event;
      DIAGNOSTICS.received.publish({ connector: this.#connector, type, length: text.length });
    }
    this.#callbacks.message.call(event.raw, event);
    // A direct message to oneself is meant to arrive; the others are echoes.
    if (event.own && event.type !== 'dm' && !this.#deliversOwn) return;
    callEventCallbacks(this.#callbacks, event);
  };

  /** Reports an error that no call waits for; without an `onError` callback Node prints a warning. */
  report(error: unknown): void {
    if (this.#callbacks.error.length === 0) warn(error);
    else this.#callbacks.error.call(error);
  }
}

/** Prints an error with its stack as a warning: it is a mistake in the program, which must not end the process. */
function warn(error: unknown): void {
  if (error instanceof Error) {
    process.emitWarning(error.message, { type: error.name, detail: error.stack ?? '' });
  } else {
    process.emitWarning(`A callback threw a value that is not an Error, of type ${typeof error}.`);
  }
}
