import { resolve } from 'node:path';
import {
  ConnectionLostError,
  type AcceptFileOptions,
  type CallOptions,
  type ConnectorState,
  type FileTransfer,
  type JoinResult,
  type ProtocolVersion,
  type Receipt,
  type ReceivedFile,
  type RoomSummary,
  type SendFileOptions,
  type SendOptions,
  type SentFile,
} from 'quietroom-connector';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';
import type { Cause, DaemonEvent, EventOf } from '../protocol/events.js';
import type { MethodName, ParamsOf, ResultOf } from '../protocol/methods.js';
import type { ClientConnector } from './clientConnector.js';
import type { DaemonConnection, DaemonCallOptions } from './daemonConnection.js';
import { daemonLost, errorOf } from './daemonError.js';
import { transferOf } from './fileTransfer.js';
import { RemoteEvents, type RemoteCallbacks } from './remoteEvents.js';

const MIN_RECONNECT_MS = 250;
const MAX_RECONNECT_MS = 5000;

export interface RemoteConnectorOptions {
  /** Leave the rooms that were joined here at the end. */
  readonly temporaryRooms: boolean;
  /** Connects to the daemon; undefined when there is none, or it is for another server or name. */
  readonly find: () => Promise<DaemonConnection | undefined>;
}

/**
 * Does what a connector does, by a running daemon. With callbacks it gets events, and connects again to a daemon that
 * has started anew.
 */
export class RemoteConnector implements ClientConnector {
  readonly #options: RemoteConnectorOptions;
  readonly #events = new RemoteEvents();
  /** Rooms that were joined here, with their passwords. */
  readonly #rooms = new Map<string, string | undefined>();
  readonly #withdrawals = new Map<string, AbortController>();
  readonly closed: Promise<Error | null>;
  #end: (reason: Error | null) => void = () => {};
  #connection: DaemonConnection;
  #username: string;
  #run: string;
  #seq: number;
  /** Why the daemon has no connection. */
  #cause: Cause | null = null;
  #isEnding = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param connection a connection that was made to find out whether the daemon is the right one */
  constructor(connection: DaemonConnection, options: RemoteConnectorOptions) {
    this.#connection = connection;
    this.#options = options;
    this.closed = new Promise((resolveClosed) => (this.#end = resolveClosed));
    ({ username: this.#username, run: this.#run, seq: this.#seq } = connection.hello);
    connection.listener = this.#listener;
  }

  get username(): string {
    return this.#username;
  }

  get state(): ConnectorState {
    return this.#events.state;
  }

  /** The rooms that the daemon was in when this connected. */
  get joinedRooms(): readonly string[] {
    return this.#connection.hello.rooms;
  }

  get serverVersion(): ProtocolVersion | undefined {
    return this.#connection.hello.serverVersion ?? undefined;
  }

  get isConnected(): boolean {
    return this.state === 'connected';
  }

  onDm(callback: RemoteCallbacks['dm']): void {
    this.#events.add('dm', callback);
  }

  onRoomMessage(callback: RemoteCallbacks['room']): void {
    this.#events.add('room', callback);
  }

  onLobbyMessage(callback: RemoteCallbacks['lobby']): void {
    this.#events.add('lobby', callback);
  }

  onPresence(callback: RemoteCallbacks['presence']): void {
    this.#events.add('presence', callback);
  }

  onSystemMessage(callback: RemoteCallbacks['system']): void {
    this.#events.add('system', callback);
  }

  onStateChange(callback: RemoteCallbacks['stateChange']): void {
    this.#events.add('stateChange', callback);
  }

  onError(callback: RemoteCallbacks['error']): void {
    this.#events.add('error', callback);
  }

  onFileOffer(callback: RemoteCallbacks['fileOffer']): void {
    this.#events.add('fileOffer', callback);
  }

  /** Called when an offered file was received or declined, or failed, by whichever client. */
  onFileEnd(callback: RemoteCallbacks['fileEnd']): void {
    this.#events.add('fileEnd', callback);
  }

  /** Begins to call the callbacks; without any there is nothing to do. */
  async connect({ signal }: CallOptions = {}): Promise<void> {
    if (this.#events.isWanted) await this.#subscribe(undefined, signal);
    else this.#events.stateChanged(this.#connection.hello.state);
  }

  async disconnect(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    this.#connection.close();
    this.#events.stateChanged('disconnected');
    this.#end(null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  sendDm(to: string, text: string, { newlines, ...options }: SendOptions = {}): Promise<Receipt> {
    return this.#send({ type: 'dm', to, text, ...(newlines && { newlines }) }, options);
  }

  sendRoomMessage(to: string, text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send({ type: 'room', to, text }, options);
  }

  sendLobbyMessage(text: string, options?: SendOptions): Promise<Receipt> {
    return this.#send({ type: 'lobby', text }, options);
  }

  async joinRoom(room: string, password?: string, options?: CallOptions): Promise<JoinResult> {
    const { temporaryRooms: temporary } = this.#options;
    const params = { room, temporary, ...(password !== undefined && { password }) };
    const { created } = await this.#call('join', params, options);
    this.#rooms.set(room, password);
    return { room, created };
  }

  async leaveRoom(room: string, options?: CallOptions): Promise<void> {
    await this.#call('leave', { room }, options);
    this.#rooms.delete(room);
  }

  async listUsers(options?: CallOptions): Promise<readonly string[]> {
    return (await this.#call('users', {}, options)).users;
  }

  async listRooms(options?: CallOptions): Promise<readonly RoomSummary[]> {
    const { rooms } = await this.#call('rooms', {}, options);
    return rooms.map(({ name, users, protected: isProtected }) => ({ name, users, isProtected }));
  }

  async listMembers(room: string, options?: CallOptions): Promise<readonly string[]> {
    return (await this.#call('members', { room }, options)).members;
  }

  async rtt(options?: CallOptions): Promise<number> {
    return (await this.#call('rtt', {}, options)).seconds;
  }

  sendFile(
    to: string,
    path: string,
    { signal, name, onProgress: callback }: SendFileOptions = {},
  ): FileTransfer<SentFile> {
    const params = { to, path: resolve(path), ...(name !== undefined && { name }) };
    return transferOf(async (onProgress) => {
      const sent = await this.#call('sendFile', params, { onProgress, ...(signal && { signal }) });
      return { recipient: to, ...sent };
    }, callback);
  }

  readonly #listener = {
    event: (event: DaemonEvent): void => {
      this.#seq = event.seq;
      if (event.type === 'state') {
        this.#username = event.username;
        this.#cause = event.cause;
      }
      if (event.type === 'fileOffer') return this.#offered(event);
      if (event.type === 'fileEnd') this.#withdraw(event);
      this.#events.dispatch(event);
    },
    lost: (count: number): void => this.#lost(count, 'they came faster than this program reads'),
    closed: (): void => {
      if (this.#isEnding) return;
      const reason = daemonLost(this.#cause);
      for (const withdrawn of this.#withdrawals.values()) withdrawn.abort(reason);
      this.#withdrawals.clear();
      if (!this.#events.isWanted) return this.#end(reason);
      this.#retry(MIN_RECONNECT_MS, reason, 1);
    },
  };

  #lost(count: number, why: string): void {
    const events = count === 1 ? '1 event was lost' : `${count} events were lost`;
    this.#events.failed(new Failure(EXIT_CODES.failure, `${events}: ${why}.`));
  }

  #retry(delayMs: number, cause: Error, attempt: number): void {
    // A connection that is lost while it is made has two who try again.
    clearTimeout(this.#timer);
    this.#events.stateChanged('reconnecting', { cause, attempt, delay: delayMs / 1000 });
    this.#timer = setTimeout(() => {
      this.#reconnect().catch(() => {
        if (!this.#isEnding) this.#retry(Math.min(2 * delayMs, MAX_RECONNECT_MS), cause, attempt + 1);
      });
    }, delayMs);
  }

  async #reconnect(): Promise<void> {
    const connection = await this.#options.find();
    if (connection === undefined) throw daemonLost();
    if (this.#isEnding) return connection.close();
    const { run, username } = connection.hello;
    const hasRestarted = run !== this.#run;
    if (hasRestarted) this.#seq = 0;
    this.#run = run;
    this.#connection = connection;
    this.#username = username;
    connection.listener = this.#listener;
    try {
      await this.#subscribe(this.#seq);
    } catch (error) {
      connection.listener = undefined;
      connection.close();
      throw error;
    }
    if (hasRestarted) {
      const text = 'The daemon was restarted: what came in the meantime is unknown.';
      this.#events.failed(new Failure(EXIT_CODES.failure, text));
    }
    for (const [room, password] of this.#rooms) {
      await this.joinRoom(room, password).catch((error: unknown) => this.#events.failed(error));
    }
  }

  async #subscribe(since: number | undefined, signal?: AbortSignal): Promise<void> {
    const params = {
      files: this.#events.hears('fileOffer'),
      ...(since !== undefined && { since, run: this.#run }),
    };
    const { seq, state, missed } = await this.#call('subscribe', params, signal && { signal });
    // Events may have come with the answer.
    this.#seq = Math.max(this.#seq, seq);
    this.#events.stateChanged(state);
    if (missed > 0) this.#lost(missed, 'the daemon does not keep them for so long');
  }

  #call<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    options: DaemonCallOptions | undefined,
  ): Promise<ResultOf<M>> {
    return this.#connection.call(method, params, options);
  }

  async #send(params: ParamsOf<'send'>, { signal, maxParts }: SendOptions = {}): Promise<Receipt> {
    const given = { ...params, ...(maxParts !== undefined && { maxParts }) };
    try {
      // The schema gives a refused or unconfirmed receipt its reasons.
      return (await this.#call('send', given, signal && { signal })) as Receipt;
    } catch (error) {
      // A daemon that is there says itself that nothing was sent.
      if (!(error instanceof ConnectionLostError)) throw error;
      return { status: 'unconfirmed', reason: 'connection-lost', parts: 1, acceptedParts: 0 };
    }
  }

  #offered(event: EventOf<'fileOffer'>): void {
    const { offer, sender, name, sha256 } = event;
    const withdrawn = new AbortController();
    this.#withdrawals.set(offer, withdrawn);
    this.#events.offered({
      sender,
      name,
      sha256,
      receivedAt: new Date(event.receivedAt),
      withdrawn: withdrawn.signal,
      accept: ({ folder }, options) => this.#accept(event, folder, options),
      decline: async () => {
        this.#withdrawals.delete(offer);
        await this.#call('declineFile', { offer }, undefined);
      },
    });
  }

  #accept(
    { offer, sender }: EventOf<'fileOffer'>,
    folder: string,
    { signal, name, maxBytes, onProgress: callback }: AcceptFileOptions = {},
  ): FileTransfer<ReceivedFile> {
    this.#withdrawals.delete(offer);
    const params = {
      offer,
      folder: folder.endsWith('/') ? `${resolve(folder)}/` : resolve(folder),
      ...(name !== undefined && { name }),
      ...(maxBytes !== undefined && { maxBytes }),
    };
    return transferOf(async (onProgress) => {
      const file = await this.#call('acceptFile', params, { onProgress, ...(signal && { signal }) });
      return { sender, data: undefined, ...file };
    }, callback);
  }

  #withdraw({ offer, error }: EventOf<'fileEnd'>): void {
    const withdrawn = this.#withdrawals.get(offer);
    this.#withdrawals.delete(offer);
    const message = 'The offer was answered elsewhere, or it ended.';
    withdrawn?.abort(errorOf({ code: error ?? 'FILE_ANSWERED', message, room: null }));
  }
}
