import type { ConnectorState, Receipt, StateChange } from 'quietroom-connector';
import type { ClientConnector } from '../../daemon/client/clientConnector.js';
import { FileTransfers } from './fileTransfers.js';
import type { FilePort } from './filePort.js';
import type { ChatLog } from './chatLog.js';
import type { PinPort } from './pinComparison.js';
import {
  type ChatAction,
  type ChatEvent,
  startState,
  type ChatStart,
  type ChatState,
  LOBBY,
  placeId,
  placeTitle,
  type Place,
  update,
  findThread,
} from '@quietroom/chat';

/** The part of the connector that the chat uses. */
export type ChatConnector = Pick<
  ClientConnector,
  | 'onDm'
  | 'connect'
  | 'onRoomMessage'
  | 'onLobbyMessage'
  | 'onPresence'
  | 'onSystemMessage'
  | 'onStateChange'
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
  | 'serverVersion'
>;

/** A reason to call the user. */
export type Call = Pick<ChatAction & { type: 'notify' }, 'place' | 'sender' | 'text'>;

export interface SessionOptions {
  readonly start: ChatStart;
  readonly files: FilePort;
  /** Absent: nothing is logged. */
  readonly log?: Pick<ChatLog, 'record' | 'backlog'> | undefined;
  readonly pins: PinPort;
  /** Tell the user of a direct message, a mention or a file. */
  readonly notify: (call: Call, state: ChatState) => void;
  /** Leave this server for the one of a profile. */
  readonly connectTo: (profile: string) => void;
  readonly quit: () => void;
  /** Describes an error to the user. */
  readonly explain: (error: unknown) => string;
}

export type Watcher = (state: ChatState, event: ChatEvent, before: ChatState) => void;

/** Connects a connector to the model: callbacks become events, actions become calls. */
export class ChatSession {
  readonly #connector: ChatConnector;
  readonly #options: SessionOptions;
  readonly #transfers: FileTransfers;
  readonly #watchers: Watcher[] = [];
  #state: ChatState;
  /** Of the rooms that are joined again after `/reconnect`. */
  readonly #passwords = new Map<string, string>();
  #isLogBroken = false;
  /** The attempts of `/reconnect`, one after the other. */
  #connecting = Promise.resolve();
  #openSends = 0;
  /** Unanswered joins and leaves. */
  #openMoves = 0;
  #whenSettled: (() => void)[] = [];

  constructor(connector: ChatConnector, options: SessionOptions) {
    this.#connector = connector;
    this.#options = options;
    this.#state = startState(options.start);
    this.#transfers = new FileTransfers(options.files, {
      dispatch: (event) => this.dispatch(event),
      nextFile: () => this.#state.nextFile,
      explain: options.explain,
    });
    this.#listen();
  }

  get state(): ChatState {
    return this.#state;
  }

  /** Messages and files without an outcome yet. */
  get open(): number {
    return this.#openSends + this.#transfers.running;
  }

  /** Running and queued transfers of files. */
  get transfers(): number {
    return this.#transfers.running;
  }

  /** Resolves when at most this many are open. */
  async settled(open = 0): Promise<void> {
    while (this.open > open) {
      await new Promise<void>((resolve) => this.#whenSettled.push(resolve));
    }
  }

  /** Resolves when no join or leave is open, so that the next message goes to the resulting place. */
  async arrived(): Promise<void> {
    while (this.#openMoves > 0) {
      await new Promise<void>((resolve) => this.#whenSettled.push(resolve));
    }
  }

  /** Registers a callback for each event. */
  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  /** Call this after the first connect. */
  begin(): void {
    const { self, server } = this.#state;
    for (const event of this.#options.log?.backlog() ?? []) this.dispatch(event);
    const text = `You are ${self} on ${server}. /help tells what can be done.`;
    this.dispatch({ type: 'notice', tone: 'info', text, at: new Date() });
  }

  /** Joins a room and shows it; rejects like the connector. */
  async join(room: string, password?: string): Promise<void> {
    const { created } = await this.#connector.joinRoom(room, password);
    if (password !== undefined) this.#passwords.set(room, password);
    const place = { kind: 'room', room } as const;
    if (!findThread(this.#state, placeId(place))) {
      for (const event of this.#options.log?.backlog(place) ?? []) this.dispatch(event);
    }
    this.dispatch({ type: 'joined', room, created, at: new Date() });
  }

  /** Shows an error in the current thread. */
  problem(error: unknown): void {
    this.dispatch({ type: 'notice', tone: 'problem', text: this.#options.explain(error), at: new Date() });
  }

  /** Handles a typed line. */
  enter(line: string): void {
    this.dispatch({ type: 'typed', line, at: new Date() });
  }

  dispatch(event: ChatEvent): void {
    const before = this.#state;
    const { state, actions } = update(before, event);
    this.#state = state;
    this.#record(state, event, before);
    for (const watcher of this.#watchers) watcher(state, event, before);
    for (const action of actions) this.#perform(action);
    if (event.type === 'file') this.#wake();
  }

  /** Measures the round trip. */
  measure(): void {
    if (this.#state.connection.type !== 'connected') return;
    this.#connector.rtt().then(
      (seconds) => this.dispatch({ type: 'roundTrip', seconds }),
      // The connection state shows the reason.
      () => this.dispatch({ type: 'roundTrip', seconds: undefined }),
    );
  }

  /** A log that cannot be written is told once; the chat goes on. */
  #record(state: ChatState, event: ChatEvent, before: ChatState): void {
    if (this.#isLogBroken) return;
    try {
      this.#options.log?.record(state, event, before);
    } catch (error) {
      this.#isLogBroken = true;
      this.problem(new Error('The log cannot be written: nothing more is logged.', { cause: error }));
    }
  }

  #listen(): void {
    const received = (place: Place, sender: string, text: string, at: Date): void =>
      this.dispatch({ type: 'message', place, sender, text, at });
    const connector = this.#connector;
    connector.onDm((sender, text, { receivedAt }) =>
      received({ kind: 'dm', name: sender }, sender, text, receivedAt),
    );
    connector.onRoomMessage((room, sender, text, { receivedAt }) =>
      received({ kind: 'room', room }, sender, text, receivedAt),
    );
    connector.onLobbyMessage((sender, text, { receivedAt }) => received(LOBBY, sender, text, receivedAt));
    connector.onPresence((name, change, { room, receivedAt: at }) =>
      this.dispatch({ type: 'presence', name, change, room, at }),
    );
    connector.onSystemMessage((text, { receivedAt: at }) =>
      this.dispatch({ type: 'notice', tone: 'info', text, at }),
    );
    connector.onStateChange((state, change) => this.#stateChanged(state, change));
    connector.onError((error) => this.problem(error));
  }

  #stateChanged(state: ConnectorState, { attempt = 1, cause }: StateChange): void {
    const at = new Date();
    const reason = cause && this.#options.explain(cause);
    switch (state) {
      case 'connected':
        this.dispatch({ type: 'connection', status: { type: 'connected' }, at });
        this.measure();
        break;
      case 'reconnecting':
        this.dispatch({
          type: 'connection',
          status: { type: 'reconnecting', attempt, reason: reason ?? 'The connection is lost.' },
          at,
        });
        break;
      case 'disconnected':
        this.dispatch({ type: 'connection', status: { type: 'disconnected', reason }, at });
        break;
      case 'connecting':
      case 'disconnecting':
    }
  }

  #perform(action: ChatAction): void {
    const connector = this.#connector;
    switch (action.type) {
      case 'say':
        return this.#say(action);
      case 'join':
        return this.#move(this.join(action.room, action.password));
      case 'leave':
        return this.#move(this.#leave(action.room));
      case 'listOnline': {
        const { isAsked } = action;
        return this.#ask(
          connector.listUsers(),
          (names) => ({
            type: 'online',
            names,
            isPartial: connector.serverVersion === '1.1',
            isAsked,
            at: new Date(),
          }),
          isAsked,
        );
      }
      case 'listMembers': {
        const { room, isAsked } = action;
        return this.#ask(
          connector.listMembers(room),
          (names) => ({ type: 'members', room, names, isAsked, at: new Date() }),
          isAsked,
        );
      }
      case 'listRooms': {
        const { isAsked } = action;
        return this.#ask(
          connector.listRooms(),
          (rooms) => ({ type: 'rooms', rooms, isAsked, at: new Date() }),
          isAsked,
        );
      }
      case 'sendFile':
        return this.#transfers.send(action);
      case 'acceptFile':
        return this.#transfers.accept(action.number);
      case 'declineFile':
        return this.#transfers.decline(action.number);
      case 'cancelFile':
        return this.#transfers.cancel(action.number);
      case 'notify':
        return this.#options.notify(action, this.#state);
      case 'comparePin':
        return this.#comparePin(action.answer);
      case 'reconnect':
        return this.#reconnect();
      case 'rejoin':
        return this.#rejoin(action.room);
      case 'connectTo':
        return this.#options.connectTo(action.profile);
      case 'quit':
        return this.#options.quit();
    }
  }

  #say({ place, entry, text }: ChatAction & { type: 'say' }): void {
    const about = { place: placeId(place), entry };
    this.#openSends++;
    this.#send(place, text)
      .then(
        (receipt) =>
          this.dispatch({ type: 'delivery', ...about, at: new Date(), ...delivery(receipt, place) }),
        (error: unknown) =>
          this.dispatch({
            type: 'delivery',
            ...about,
            at: new Date(),
            delivery: 'failed',
            note: `Not sent: ${this.#options.explain(error)}`,
          }),
      )
      .finally(() => {
        this.#openSends--;
        this.#wake();
      })
      .catch((error: unknown) => this.problem(error));
  }

  #comparePin(answer: string | undefined): void {
    const { pins } = this.#options;
    const compared =
      answer === undefined
        ? pins.compare().then((text) => ({ isAccepted: false, text }))
        : pins.answer(answer);
    void (async () => {
      try {
        const { isAccepted, text } = await compared;
        this.dispatch({ type: 'notice', tone: 'info', text, at: new Date() });
        if (isAccepted) this.#reconnect();
      } catch (error) {
        this.problem(error);
      }
    })();
  }

  #reconnect(): void {
    const { type } = this.#state.connection;
    if (type === 'disconnected') {
      // After an attempt that is still running: a second one beside it would be refused.
      this.#connecting = this.#connecting.then(() => this.#connect());
      return;
    }
    const text = type === 'connected' ? 'You are connected.' : 'It connects again by itself already.';
    this.dispatch({ type: 'notice', tone: 'info', text, at: new Date() });
  }

  async #connect(): Promise<void> {
    if (this.#state.connection.type !== 'disconnected') return;
    try {
      await this.#connector.connect();
    } catch (error) {
      this.problem(error);
    }
  }

  /** Joins a room that the connector does not know of. */
  #rejoin(room: string): void {
    this.#connector.joinRoom(room, this.#passwords.get(room)).catch((error: unknown) => this.problem(error));
  }

  #wake(): void {
    const waiting = this.#whenSettled;
    this.#whenSettled = [];
    for (const wake of waiting) wake();
  }

  #send(place: Place, text: string): Promise<Receipt> {
    switch (place.kind) {
      case 'lobby':
        return this.#connector.sendLobbyMessage(text);
      case 'room':
        return this.#connector.sendRoomMessage(place.room, text);
      case 'dm':
        return this.#connector.sendDm(place.name, text, { newlines: 'split' });
      case 'visitors':
        throw new Error('The model sends nothing there.');
    }
  }

  async #leave(room: string): Promise<void> {
    await this.#connector.leaveRoom(room);
    this.dispatch({ type: 'leftRoom', room, at: new Date() });
  }

  #move(moved: Promise<void>): void {
    this.#openMoves++;
    void moved
      .catch((error: unknown) => this.problem(error))
      .finally(() => {
        this.#openMoves--;
        this.#wake();
      });
  }

  /** `isTold`: the user asked, so a missing answer is reported. */
  #ask<T>(answer: Promise<T>, event: (answer: T) => ChatEvent, isTold = true): void {
    answer
      .then((result) => this.dispatch(event(result)))
      .catch((error: unknown) => {
        if (isTold) this.problem(error);
      });
  }
}

function delivery(
  receipt: Receipt,
  place: Place,
): Pick<ChatEvent & { type: 'delivery' }, 'delivery' | 'note'> {
  switch (receipt.status) {
    case 'accepted':
      return { delivery: 'accepted' };
    case 'refused':
      return {
        delivery: 'refused',
        note:
          receipt.reason === 'recipient-offline'
            ? `Not delivered: ${placeTitle(place)} is not online.`
            : `Not delivered: you are not in ${placeTitle(place)}. Join it: /join ${placeTitle(place)}`,
      };
    case 'unconfirmed':
      return {
        delivery: 'unconfirmed',
        note:
          receipt.reason === 'no-answer'
            ? 'The server did not confirm it: it may not have arrived.'
            : 'The connection broke before the server confirmed it: it may not have arrived.',
      };
  }
}
