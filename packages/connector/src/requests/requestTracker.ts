import {
  formatClientRequest,
  guardChat,
  parseClientRequest,
  type ClientRequest,
  type FormattableRequest,
  type Generation,
  type ServerMessage,
} from '@quietroom/protocol';
import { ReplyMatcher, type Outcome } from './replyMatcher.js';
import type { Clock } from '../time/clock.js';
import type { Connection } from '../connection/connection.js';
import { ConnectorError } from '../errors.js';
import { replyKeysOf, expectedReplyOf } from './replyKeys.js';
import { generationBehind } from './dialects.js';
import { RoomTracker } from '../rooms/roomTracker.js';
import type { DesiredRooms } from '../rooms/desiredRooms.js';

/** What is to be said to the server. */
export type Draft =
  /** The same words on both generations. */
  | { readonly type: 'request'; readonly request: ClientRequest; readonly text: string }
  /** Chat for a room, or for the lobby when that is undefined; how it is written depends on the generation. */
  | { readonly type: 'chat'; readonly room: string | undefined; readonly text: string }
  /** The members of a room or of `lobby`; 1.1 can be asked for those of the current place only. */
  | { readonly type: 'members'; readonly place: string };

/** A request in its own words. */
export function requestDraft(request: FormattableRequest): Draft {
  return { type: 'request', request, text: formatClientRequest(request) };
}

/** Where a message came from, and whether a call of ours asked for it. */
export interface Placed {
  readonly isAnswer: boolean;
  /** Of chat: its room, `undefined` for the lobby, or `unknown` where a 1.1 server does not let it be known. */
  readonly place: { readonly room: string | undefined } | 'unknown';
}

export interface RequestTrackerOptions {
  readonly clock: Clock;
  readonly answerTimeoutMs: number;
  readonly wanted: DesiredRooms;
  /** TLS has taken something that was said. */
  readonly onTaken: () => void;
  /** Something that others may wait for will not be answered. */
  readonly onUnanswered: () => void;
  /** The server does not tell its generation; `askedAt` is when it was asked. */
  readonly onSilence: (askedAt: number) => void;
}

type RoomRequest = Extract<ClientRequest, { type: 'join' | 'leave' }>;

/** The bare command: nobody else sees it, and each generation answers it in its own words. */
const QUESTION = '/members';

const LOBBY: Placed['place'] = { room: undefined };

/**
 * What is said on one connection, and what the server makes of it: which answer belongs to which request, the
 * rooms, and the generation of the server, which it is asked for when that matters first.
 */
export class RequestTracker {
  readonly rooms: RoomTracker;
  readonly #connection: Pick<Connection, 'send' | 'username' | 'queuedBytes' | 'isOpen'>;
  readonly #options: RequestTrackerOptions;
  readonly #answers: ReplyMatcher;
  #generation: Generation | undefined;
  #isAsking = false;
  /** A 1.1 server is being asked where its bare text goes. */
  #isLocating = false;
  /** How many joins of a room wait for an answer: all by the password that it was asked for last. */
  readonly #joins = new Map<string, number>();
  /** By which passwords rooms were asked for last. */
  readonly #passwords = new Map<string, string>();
  #roomRequests = 0;
  /** Joins whose `*** NAME joined #room ***` is still to come: it is no answer to another join. */
  readonly #announced = new Map<string, number>();
  #untaken = 0;

  constructor(
    connection: Pick<Connection, 'send' | 'username' | 'queuedBytes' | 'isOpen'>,
    options: RequestTrackerOptions,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.rooms = new RoomTracker(connection.username);
    this.#answers = new ReplyMatcher(options.clock, options.answerTimeoutMs, () => this.ask());
  }

  /** False from when the connection is lost or is being ended. */
  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Requests whose callers still wait for an answer. */
  get unanswered(): number {
    return this.#answers.waiting;
  }

  /** Bytes of packets that TLS has not been given yet. */
  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  /** Requests that TLS has not taken yet. */
  get untaken(): number {
    return this.#untaken;
  }

  /** False while it depends on an answer that is still to come what is to be sent. */
  isReady(draft: Draft): boolean {
    switch (draft.type) {
      case 'request':
        if (isReadDifferently(draft.request)) return this.#generation !== undefined;
        return draft.request.type !== 'join' || this.#isOnlyJoin(draft.request);
      case 'members':
        return this.#generation === '1.2' || (this.#generation === '1.1' && this.#isLocated);
      case 'chat':
        if (this.#generation === '1.2') return true;
        return this.#isLocated && (this.#generation !== undefined || this.#isOnlyLobby(draft));
    }
  }

  /** To be called when a draft is not ready: the server is asked for what is missing, if it is not yet. */
  prepare(draft: Draft): void {
    const depends = draft.type !== 'request' || isReadDifferently(draft.request);
    if (!depends) return;
    if (this.#generation === undefined) {
      if (!this.#isAsking) this.ask();
    } else if (!this.rooms.isCertain && this.#roomRequests === 0 && !this.#isLocating) {
      this.#locate();
    }
  }

  /**
   * Says it; `settle` is called once, unless this throws.
   *
   * @throws ConnectorError `NOT_IN_ROOM`, `NO_ANSWER`, `NOT_SUPPORTED`, and why nothing can be sent
   */
  transmit(draft: Draft, settle: (outcome: Outcome) => void): void {
    switch (draft.type) {
      case 'request':
        return this.#sendAsItIs(draft, settle);
      case 'members':
        return this.#sendRequest(this.#membersRequest(draft.place), settle);
      case 'chat':
        return this.#sendRequest(this.#chatRequest(draft), settle, draft.room);
    }
  }

  /** Asks the server something that it surely answers, and that nobody else sees. */
  ask(settle: (outcome: Outcome) => void = () => {}): void {
    const askedAt = this.#options.clock.now();
    this.#isAsking = true;
    const settled = (outcome: Outcome): void => {
      this.#isAsking = false;
      settle(outcome);
      if (outcome.type === 'unanswered' && this.#generation === undefined) this.#options.onSilence(askedAt);
    };
    try {
      this.#send(QUESTION, parseClientRequest(QUESTION), settled);
    } catch {
      settled({ type: 'unanswered', reason: 'connection-lost' });
    }
  }

  /** To be called with each message from the server, before it is handed on. */
  onMessage(raw: string, message: ServerMessage): Placed {
    this.#generation ??= generationBehind(message);
    this.rooms.onMessage(message);
    this.#noteRooms(message);
    const answered = this.#takeAnswer(raw, message);
    return {
      isAnswer: answered !== undefined,
      place: this.#placeOf(message, answered?.place),
    };
  }

  /**
   * After rooms were joined again, makes the current one what it was before. False when that cannot be: a 1.1
   * server has made it the one joined last.
   */
  restoreCurrent(room: string | undefined): boolean {
    if (this.#generation !== '1.1' && (room === undefined || this.rooms.isIn(room)))
      this.rooms.current = room;
    return this.rooms.current === room;
  }

  /** The connection is gone. */
  end(): void {
    this.#answers.end();
  }

  #takeAnswer(raw: string, message: ServerMessage): { place: string | undefined } | undefined {
    if (message.type === 'roomJoined') return this.#takeAnnouncement(raw, message);
    if (message.type === 'createdRoom' || message.type === 'joinedRoom') {
      this.#announced.set(message.room, (this.#announced.get(message.room) ?? 0) + 1);
    }
    const keys = replyKeysOf(message, this.#connection.username);
    return keys && this.#answers.take(keys, message, raw);
  }

  /** That we are in a room comes twice: as the answer, which may have been dropped, and as news for its members. */
  #takeAnnouncement(
    raw: string,
    message: ServerMessage & { type: 'roomJoined' },
  ): { place: string | undefined } | undefined {
    const { room } = message;
    if (message.name !== this.#connection.username) return undefined;
    const announced = this.#announced.get(room) ?? 0;
    if (announced > 1) this.#announced.set(room, announced - 1);
    else this.#announced.delete(room);
    if (announced > 0) return undefined;
    const answer: ServerMessage = { type: 'joinedRoom', room };
    const pending = this.#answers.take({ key: `join ${room}` }, answer, raw);
    if (pending === undefined) return undefined;
    this.rooms.onMessage(answer);
    this.#noteRooms(answer);
    return pending;
  }

  #placeOf(message: ServerMessage, asked: string | undefined): Placed['place'] {
    if (message.type === 'room') return { room: message.room };
    if (message.type !== 'lobby' || this.#generation !== '1.1') return LOBBY;
    return asked === undefined ? this.rooms.placeOn11 : { room: asked };
  }

  /** It is known where bare text goes, and no answer is due that could change that. */
  get #isLocated(): boolean {
    return this.#roomRequests === 0 && this.rooms.isCertain;
  }

  #sendAsItIs({ text, request }: Draft & { type: 'request' }, settle: (outcome: Outcome) => void): void {
    if (!isReadDifferently(request)) {
      this.#beforeFirstJoin(request);
      return this.#send(text, request, settle);
    }
    if (this.#generation === undefined) throw noAnswer();
    if (this.#generation === '1.1' && request.type === 'room') throw noRoomPrefix();
    return this.#send(text, parseClientRequest(text, this.#generation), settle);
  }

  /** So that its answer, and what is said in the room, is read as the server means it. */
  #beforeFirstJoin(request: ClientRequest): void {
    if (request.type === 'join' && this.#generation === undefined && !this.#isAsking) this.ask();
  }

  /** Two joins of a room by different passwords could not tell which of them was refused. */
  #isOnlyJoin({ room, password }: RoomRequest & { type: 'join' }): boolean {
    return !this.#joins.has(room) || this.#passwords.get(room) === password;
  }

  #isOnlyLobby({ room }: { readonly room: string | undefined }): boolean {
    return room === undefined && this.rooms.joined.length === 0 && this.rooms.isCertain;
  }

  #chatRequest({ room, text }: Draft & { type: 'chat' }): FormattableRequest {
    if (this.#generation === '1.2') {
      return room === undefined ? { type: 'lobby', text: guardChat(text) } : { type: 'room', room, text };
    }
    const lobbyText: FormattableRequest = { type: 'lobby', text: guardChat(text) };
    if (this.#generation === undefined && this.#isOnlyLobby({ room })) return lobbyText;
    if (this.#generation === undefined || !this.rooms.isCertain) throw noAnswer();
    // 1.1 takes bare text for its current room.
    const { current } = this.rooms;
    if (room === current) return lobbyText;
    if (room !== undefined && !this.rooms.isIn(room)) throw notInRoom(room);
    throw notSupported(room, current);
  }

  #membersRequest(place: string): FormattableRequest {
    if (this.#generation === '1.2') return { type: 'members', place };
    if (this.#generation === undefined) throw noAnswer();
    const here = this.rooms.current ?? 'lobby';
    if (place !== here) {
      throw new ConnectorError(
        'NOT_SUPPORTED',
        `A 1.1 server tells only who is in the current place, which is ${here}, not in ${place}. ${
          place === 'lobby' ? `Leave ${here}` : `Join ${place}`
        } first, or use a 1.2 server.`,
      );
    }
    return { type: 'users' };
  }

  #sendRequest(request: FormattableRequest, settle: (outcome: Outcome) => void, place?: string): void {
    this.#send(formatClientRequest(request), request, settle, place);
  }

  #send(text: string, request: ClientRequest, settle: (outcome: Outcome) => void, place?: string): void {
    const expectedReply = expectedReplyOf(request);
    const isAboutRoom = request.type === 'join' || request.type === 'leave';
    const settled = isAboutRoom ? this.#settleRoomRequest(request, settle) : settle;
    const pending = expectedReply && this.#answers.expect(expectedReply, settled, place);
    try {
      this.#connection.send(text, (error) => {
        if (error) {
          // The others are told when the answers end.
          if (!pending) settled({ type: 'unanswered', reason: 'connection-lost' });
          return;
        }
        this.#untaken--;
        if (pending) this.#answers.left(pending);
        else settled({ type: 'unanswered', reason: 'no-answer' });
        this.#options.onTaken();
      });
    } catch (error) {
      if (pending) this.#answers.withdraw(pending);
      throw error;
    }
    this.#untaken++;
    if (!isAboutRoom) return;
    this.#roomRequests++;
    // What is left is not joined again, whatever the server makes of it.
    if (request.type === 'leave') this.#options.wanted.left(request.room);
    if (request.type === 'join') {
      this.#passwords.set(request.room, request.password);
      this.#joins.set(request.room, (this.#joins.get(request.room) ?? 0) + 1);
    }
  }

  #settleRoomRequest(request: RoomRequest, settle: (outcome: Outcome) => void): (outcome: Outcome) => void {
    return (outcome) => {
      this.#roomRequests--;
      if (request.type === 'join') this.#forgetJoin(request.room);
      if (outcome.type === 'unanswered') this.rooms.lostTrack();
      settle(outcome);
      if (outcome.type === 'unanswered') this.#options.onUnanswered();
    };
  }

  #forgetJoin(room: string): void {
    const others = (this.#joins.get(room) ?? 0) - 1;
    if (others > 0) this.#joins.set(room, others);
    else this.#joins.delete(room);
  }

  /** The rooms to join again are those that the server says we have joined, and that we have not left. */
  #noteRooms(message: ServerMessage): void {
    const { wanted } = this.#options;
    if (message.type === 'createdRoom' || message.type === 'joinedRoom') {
      wanted.joined(message.room, this.#passwords.get(message.room) ?? '');
    } else if (message.type === 'leftRoom') {
      wanted.left(message.room);
    } else if (message.type === 'refusal' && message.reason === 'notInRoom') {
      wanted.left(message.room);
    }
  }

  /** A 1.1 server tells by `/users` where its bare text goes. */
  #locate(): void {
    const askedAt = this.#options.clock.now();
    this.#isLocating = true;
    const located = (outcome: Outcome): void => {
      this.#isLocating = false;
      if (outcome.type === 'unanswered') this.#options.onSilence(askedAt);
    };
    try {
      this.#sendRequest({ type: 'users' }, located);
    } catch {
      // The connection is at its end, and tells so itself.
      this.#isLocating = false;
    }
  }
}

/** A 1.1 server knows neither `[#room] text` nor `/members`: the one is chat there, the other an unknown command. */
function isReadDifferently({ type }: ClientRequest): boolean {
  return type === 'room' || type === 'members';
}

function notInRoom(room: string): ConnectorError {
  return new ConnectorError(
    'NOT_IN_ROOM',
    `This message was meant for ${room}, but you are not in it. It was not sent. Join the room first.`,
  );
}

function notSupported(room: string | undefined, current: string | undefined): ConnectorError {
  const wanted = room ?? 'the lobby';
  const goes = current ?? 'the lobby';
  return new ConnectorError(
    'NOT_SUPPORTED',
    `A 1.1 server sends chat only to the room joined last, which is now ${goes}: this message for ${wanted} was not sent. ${
      room === undefined ? `Leave ${goes} first` : `Join ${wanted} again to make it the current room`
    }, or use a 1.2 server.`,
  );
}

function noRoomPrefix(): ConnectorError {
  return new ConnectorError(
    'NOT_SUPPORTED',
    'A 1.1 server takes [#room] for a part of the text, which would go to its current room or to everyone. It was not sent. Use sendRoomMessage().',
  );
}

/** What depends on an answer that did not come is not sent. */
export function noAnswer(): ConnectorError {
  return new ConnectorError(
    'NO_ANSWER',
    'The server has not answered in time what had to be known before this could be sent. It was not sent; send it again later.',
  );
}
