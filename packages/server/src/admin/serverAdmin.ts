import { normalizeUsername } from '@quietroom/protocol';
import { ServerError } from '../errors.js';
import type { AdminAct, AdminEntry, Log } from '../observe/log.js';
import type { Clock } from '../time/clock.js';
import { parseBanTarget } from './banTarget.js';
import type { Ban } from './bans.js';
import { Drain } from './drain.js';
import { durationText } from './durationText.js';
import type { Moderation } from './moderation.js';
import type { ClientView, RoomView } from './views.js';

/** A connection, as the acts of operators need it. */
export interface AdminConnection {
  /** Undefined before the login and after the end. */
  readonly userName: string | undefined;
  readonly address: string;
  /** Sends the text, and closes after it. */
  disconnect(reason: 'kicked' | 'banned', text: string): void;
}

/** What the acts of operators need of the server. */
export interface AdminHost {
  readonly clock: Clock;
  readonly date: () => Date;
  readonly log: Log;
  readonly moderation: Moderation;
  readonly userCount: number;
  readonly connections: Iterable<AdminConnection>;
  clientViews(): ClientView[];
  roomViews(): RoomView[];
  /** Sends a text to all users. */
  announce(text: string): void;
  /** Removes all members and the room; gives their number, or undefined without such a room. */
  closeRoom(name: string, text: string): number | undefined;
  /** Registers a callback for users who have left. */
  onUserLeft(callback: () => void): void;
  close(): void;
}

/** Leaves room for the rest of its text in a packet. */
const MAX_TEXT_BYTES = 4000;

/** A timer of Node cannot wait longer than 24.8 days. */
const MAX_DRAIN_SECONDS = 7 * 86_400;

const MAX_SECONDS = 100 * 365 * 86_400;

/**
 * What an operator can see and do: `server.admin`. Names are case-sensitive, as at the login. Each act makes an entry in the
 * log with the event `admin`, which is a security event.
 *
 * @example
 * server.admin.ban('192.0.2.0/24', { seconds: 3600 });
 * server.admin.kick('mallory', 'Please read the rules.');
 */
export class ServerAdmin {
  readonly #host: AdminHost;
  readonly #drain: Drain;

  constructor(host: AdminHost) {
    this.#host = host;
    this.#drain = new Drain(host);
    host.onUserLeft(() => this.#drain.check());
  }

  /** The connections after TLS, in the order of their arrival. */
  clients(): ClientView[] {
    return this.#host.clientViews();
  }

  /**
   * Disconnects a user, who may log in again. The reason is shown to them.
   *
   * @throws ServerError `USER_UNKNOWN`, `OPTION_INVALID`
   */
  kick(name: string, reason?: string): void {
    const text =
      reason === undefined
        ? '*** You were disconnected by the operator. ***'
        : `*** You were disconnected by the operator: ${checkedText('reason', reason)} ***`;
    const kicked = this.#disconnect('kicked', text, ({ userName }) => userName === name);
    if (kicked === 0) throw new ServerError('USER_UNKNOWN', `${JSON.stringify(name)} is not online.`);
    this.#log({ act: 'kick', name });
  }

  /**
   * Refuses a name, an address or a network from now on, and disconnects the clients concerned. A name that looks like an
   * address counts as the address. Bans are kept in `bans.json` of the `identityFolder`; without one they end with the server.
   *
   * @param options `seconds`: how long; default: until it is lifted
   * @returns the ban, and the number of clients that were disconnected
   * @throws ServerError `OPTION_INVALID`; Node's own error when the file cannot be written: then nothing changes
   */
  ban(
    target: string,
    { seconds }: { readonly seconds?: number | undefined } = {},
  ): { ban: Ban; disconnected: number } {
    const checked = parseBanTarget(target);
    const { bans } = this.#host.moderation;
    const until =
      seconds === undefined
        ? undefined
        : new Date(this.#host.date().getTime() + checkedSeconds(seconds, MAX_SECONDS) * 1000);
    const ban = { ...checked, until };
    bans.add(ban);
    this.#log({ act: 'ban', ...targetFields(ban), ...secondsField(seconds) });
    const disconnected = this.#disconnect(
      'banned',
      '*** You are banned from this server. ***',
      (connection) =>
        ban.kind === 'name' ? connection.userName === ban.target : bans.hasAddress(connection.address),
    );
    return { ban, disconnected };
  }

  /**
   * Lifts a ban.
   *
   * @throws ServerError `OPTION_INVALID`, `BAN_UNKNOWN`; Node's own error when the file cannot be written
   */
  unban(target: string): void {
    const checked = parseBanTarget(target);
    if (!this.#host.moderation.bans.remove(checked.target)) {
      throw new ServerError('BAN_UNKNOWN', `There is no ban of ${JSON.stringify(checked.target)}.`);
    }
    this.#log({ act: 'unban', ...targetFields(checked) });
  }

  /** The bans in effect, in the order in which they were made. */
  bans(): Ban[] {
    return this.#host.moderation.bans.list();
  }

  /**
   * Refuses what a user sends to others, with a notice; commands still work. It holds for the name, also after a new login,
   * until the time is over or the server ends. A file that is on its way goes on.
   *
   * @param options `seconds`: how long; default: until it is lifted
   * @throws ServerError `OPTION_INVALID`
   */
  mute(name: string, { seconds }: { readonly seconds?: number | undefined } = {}): void {
    const checked = checkedName(name);
    const forSeconds = seconds === undefined ? Infinity : checkedSeconds(seconds, MAX_SECONDS);
    this.#host.moderation.mutes.add(checked, forSeconds);
    this.#log({ act: 'mute', name: checked, ...secondsField(seconds) });
  }

  /** @throws ServerError `OPTION_INVALID`, `MUTE_UNKNOWN` */
  unmute(name: string): void {
    const checked = checkedName(name);
    if (!this.#host.moderation.mutes.remove(checked)) {
      throw new ServerError('MUTE_UNKNOWN', `${JSON.stringify(checked)} is not muted.`);
    }
    this.#log({ act: 'unmute', name: checked });
  }

  /**
   * Sends a text to all users, as `*** Announcement: TEXT ***`. At most 4000 bytes of UTF-8.
   *
   * @returns the number of users
   * @throws ServerError `OPTION_INVALID`
   */
  announce(text: string): number {
    this.#host.announce(`*** Announcement: ${checkedText('text', text)} ***`);
    const clients = this.#host.userCount;
    this.#log({ act: 'announce', clients });
    return clients;
  }

  /** The rooms, empty ones too. */
  rooms(): RoomView[] {
    return this.#host.roomViews();
  }

  /**
   * Removes a room and its members, who are told. Anyone may make a room of this name again.
   *
   * @returns the number of members
   * @throws ServerError `ROOM_UNKNOWN`
   */
  closeRoom(name: string): number {
    const clients = this.#host.closeRoom(name, `*** The operator has closed the room ${name}. ***`);
    if (clients === undefined) {
      throw new ServerError('ROOM_UNKNOWN', `There is no room ${JSON.stringify(name)}.`);
    }
    // The name of a room is a text of a user, which the log never holds.
    this.#log({ act: 'closeRoom', clients });
    return clients;
  }

  /**
   * Accepts no more logins, tells all users, and closes the server once the last user has left. Called again, it changes the time.
   *
   * @param options `seconds`: close after so many seconds at the latest, at most 604,800; default: no limit
   * @returns the number of users who are still there
   * @throws ServerError `OPTION_INVALID`
   */
  drain({ seconds }: { readonly seconds?: number | undefined } = {}): number {
    if (seconds !== undefined) checkedSeconds(seconds, MAX_DRAIN_SECONDS);
    const clients = this.#host.userCount;
    this.#host.moderation.isDraining = true;
    this.#log({ act: 'drain', clients, ...secondsField(seconds) });
    const when = seconds === undefined ? 'when the last user has left' : `in ${durationText(seconds)}`;
    this.#host.announce(`*** This server will close ${when}. New logins are refused. ***`);
    this.#drain.start(seconds);
    return clients;
  }

  /** Accepts logins again. False when no drain was running. */
  cancelDrain(): boolean {
    if (!this.#drain.cancel()) return false;
    this.#host.moderation.isDraining = false;
    this.#log({ act: 'cancelDrain', clients: this.#host.userCount });
    this.#host.announce('*** This server stays open. ***');
    return true;
  }

  /** True after `drain`, until it is cancelled. */
  get isDraining(): boolean {
    return this.#host.moderation.isDraining;
  }

  #disconnect(
    reason: 'kicked' | 'banned',
    text: string,
    isMeant: (connection: AdminConnection) => boolean,
  ): number {
    const meant = [...this.#host.connections].filter(isMeant);
    for (const connection of meant) connection.disconnect(reason, text);
    return meant.length;
  }

  #log(entry: { readonly act: AdminAct } & Omit<AdminEntry, 'event'>): void {
    this.#host.log({ event: 'admin', ...entry });
  }
}

function targetFields({ kind, target }: Pick<Ban, 'kind' | 'target'>): Pick<AdminEntry, 'name' | 'address'> {
  return kind === 'name' ? { name: target } : { address: target };
}

function secondsField(seconds: number | undefined): Pick<AdminEntry, 'seconds'> {
  return seconds === undefined ? {} : { seconds };
}

function checkedName(name: string): string {
  const checked = normalizeUsername(name);
  if (checked !== undefined) return checked;
  throw new ServerError('OPTION_INVALID', `${JSON.stringify(name)} is not a valid username.`);
}

function checkedText(option: string, text: string): string {
  const bytes = Buffer.byteLength(text);
  if (text.trim() !== '' && bytes <= MAX_TEXT_BYTES) return text;
  const requirement = `must be a text of 1 to ${MAX_TEXT_BYTES} bytes of UTF-8`;
  throw new ServerError('OPTION_INVALID', `The ${option} ${requirement}.`, { option, requirement });
}

function checkedSeconds(seconds: number, most: number): number {
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= most) return seconds;
  const requirement = `must be more than 0 and at most ${most} seconds`;
  throw new ServerError('OPTION_INVALID', `The time ${requirement}.`, { option: 'seconds', requirement });
}
