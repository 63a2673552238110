import type { ConnectorState, StateChange } from 'quietroom-connector';
import type { DaemonEvent, EventOf } from '../protocol/events.js';
import type { ClientConnector, ClientOffer } from './clientConnector.js';
import { errorOf } from './daemonError.js';

/** The callbacks of a connector by a daemon. */
export interface RemoteCallbacks {
  readonly dm: Parameters<ClientConnector['onDm']>[0];
  readonly room: Parameters<ClientConnector['onRoomMessage']>[0];
  readonly lobby: Parameters<ClientConnector['onLobbyMessage']>[0];
  readonly presence: Parameters<ClientConnector['onPresence']>[0];
  readonly system: Parameters<ClientConnector['onSystemMessage']>[0];
  readonly stateChange: Parameters<ClientConnector['onStateChange']>[0];
  readonly error: Parameters<ClientConnector['onError']>[0];
  readonly fileOffer: Parameters<ClientConnector['onFileOffer']>[0];
  readonly fileEnd: (end: EventOf<'fileEnd'>) => unknown;
}

type Kind = keyof RemoteCallbacks;

/** Calls the callbacks of a connector with the events of a daemon. */
export class RemoteEvents {
  readonly #callbacks: { readonly [K in Kind]: RemoteCallbacks[K][] } = {
    dm: [],
    room: [],
    lobby: [],
    presence: [],
    system: [],
    stateChange: [],
    error: [],
    fileOffer: [],
    fileEnd: [],
  };
  #state: ConnectorState = 'disconnected';

  get state(): ConnectorState {
    return this.#state;
  }

  add<K extends Kind>(kind: K, callback: RemoteCallbacks[K]): void {
    this.#callbacks[kind].push(callback);
  }

  hears(kind: Kind): boolean {
    return this.#callbacks[kind].length > 0;
  }

  /** Whether anything takes events. */
  get isWanted(): boolean {
    return Object.values(this.#callbacks).some((callbacks) => callbacks.length > 0);
  }

  failed(error: unknown): void {
    this.#call('error', error);
  }

  offered(offer: ClientOffer): void {
    this.#call('fileOffer', offer);
  }

  /** The state has changed; a repeated one only counts while reconnecting. */
  stateChanged(
    state: ConnectorState,
    more: Partial<Pick<StateChange, 'cause' | 'attempt' | 'delay'>> = {},
  ): void {
    const previous = this.#state;
    this.#state = state;
    if (state === previous && state !== 'reconnecting') return;
    this.#call('stateChange', state, { state, previous, ...more });
  }

  dispatch(event: DaemonEvent): void {
    const receivedAt = new Date(event.receivedAt);
    switch (event.type) {
      case 'dm':
        return this.#call('dm', event.sender, event.text, { ...event, receivedAt });
      case 'room':
        return this.#call('room', event.room, event.sender, event.text, { ...event, receivedAt, own: false });
      case 'lobby':
        return this.#call('lobby', event.sender, event.text, { ...event, receivedAt, own: false });
      case 'presence': {
        const { sender, change, text } = event;
        const room = event.room ?? undefined;
        return this.#call('presence', sender, change, {
          type: 'presence',
          change,
          sender,
          room,
          text,
          receivedAt,
          own: false,
        });
      }
      case 'system':
        return this.#call('system', event.text, { type: 'system', text: event.text, receivedAt, own: false });
      case 'state': {
        const { state, cause, attempt, delay } = event;
        // The daemon ends, and its socket closes.
        if (state === 'disconnecting' || state === 'disconnected') return;
        return this.stateChanged(state, {
          ...(cause && { cause: errorOf(cause) }),
          ...(attempt !== null && { attempt }),
          ...(delay !== null && { delay }),
        });
      }
      case 'error':
        return this.failed(errorOf(event.cause));
      case 'fileEnd':
        return this.#call('fileEnd', event);
      case 'fileOffer':
      case 'membership':
      case 'sent':
    }
  }

  #call<K extends Kind>(kind: K, ...args: Parameters<RemoteCallbacks[K]>): void {
    for (const callback of this.#callbacks[kind]) Reflect.apply(callback, undefined, args);
  }
}
