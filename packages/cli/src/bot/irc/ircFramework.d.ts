/** The part of irc-framework that is used; the package has no types. */
declare module 'irc-framework' {
  import type { EventEmitter } from 'node:events';

  /** A connection to a server, as irc-framework uses it. It emits `open`, `line` and `close`. */
  export interface Transport extends EventEmitter {
    connect(): void;
    writeLine(line: string, written?: () => void): void;
    close(isForced?: boolean): void;
    disposeSocket(): void;
    setEncoding(encoding: string): boolean;
    isConnected(): boolean;
  }

  export interface ClientOptions {
    readonly nick: string;
    readonly username: string;
    readonly gecos: string;
    readonly password?: string | undefined;
    /** For SASL; without it, `password` is taken for SASL too. */
    readonly account: { readonly account?: string; readonly password?: string };
    readonly sasl_disconnect_on_fail: boolean;
    /** The answer to CTCP VERSION; empty: none. */
    readonly version: string;
    readonly auto_reconnect: boolean;
    readonly ping_interval: number;
    readonly ping_timeout: number;
    readonly transport: new (options: ClientOptions) => Transport;
  }

  interface Sent {
    readonly nick: string;
    readonly target: string;
    readonly message: string;
    readonly from_server: boolean;
  }

  interface Membership {
    readonly nick: string;
    readonly channel: string;
  }

  export interface ClientEvents {
    registered: { readonly nick: string };
    loggedin: { readonly account: string };
    'sasl failed': { readonly reason: string; readonly message?: string };
    'nick in use': { readonly nick: string };
    'nick invalid': { readonly nick: string; readonly reason: string };
    'irc error': { readonly error: string; readonly channel?: string; readonly reason?: string };
    privmsg: Sent;
    action: Sent;
    notice: Sent;
    pong: { readonly message: string | undefined };
    join: Membership;
    part: Membership;
    kick: { readonly kicked: string; readonly channel: string; readonly message: string };
    quit: { readonly nick: string; readonly message: string };
    nick: { readonly nick: string; readonly new_nick: string };
    userlist: { readonly channel: string; readonly users: readonly { readonly nick: string }[] };
    raw: { readonly line: string; readonly from_server: boolean };
    'socket close': unknown;
  }

  class Client {
    readonly user: { readonly nick: string };
    connect(options: ClientOptions): void;
    raw(...words: readonly string[]): void;
    quit(message: string): void;
    changeNick(nick: string): void;
    /** By the server's rules for upper and lower case. */
    caseCompare(one: string, other: string): boolean;
    caseLower(name: string): string;
    on<Name extends keyof ClientEvents>(event: Name, listener: (event: ClientEvents[Name]) => void): this;
    connection: { end(line?: string, isError?: boolean): void };
  }

  const irc: { readonly Client: typeof Client };
  export type { Client };
  export default irc;
}
