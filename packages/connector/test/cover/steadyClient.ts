import { setImmediate as turn } from 'node:timers/promises';
import { parseClientRequest } from '@quietroom/protocol';
import type { ConnectorConfig, QuietRoomConnector } from 'quietroom-connector';
import {
  FakeClock,
  RecordTap,
  ScriptedPeer,
  type PeerConnection,
  type TappedConnection,
} from '@quietroom/testing';
import { answersTo, logIn, quietConnector, until } from '../fixtures.js';

export const INTERVAL_MS = 1000;

/** A cell, the type byte of TLS 1.3, and the tag. */
export const CELL_RECORD_BYTES = 512 + 1 + 16;

/** A steady connector behind a tap, and a 1.x server that answers each text, up to `/quit`. */
export class SteadyClient implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly connector: QuietRoomConnector;
  readonly tap: RecordTap;
  /** All texts that the server got after the login. */
  readonly heard: string[];
  readonly #peer: ScriptedPeer;
  #up = 0;
  #down = 0;

  private constructor(
    clock: FakeClock,
    connector: QuietRoomConnector,
    tap: RecordTap,
    peer: ScriptedPeer,
    heard: string[],
  ) {
    this.clock = clock;
    this.connector = connector;
    this.tap = tap;
    this.#peer = peer;
    this.heard = heard;
  }

  static async connect(
    config: ConnectorConfig = {},
    talk: (connection: PeerConnection, heard: string[]) => Promise<void> = talkLike1x,
  ): Promise<SteadyClient> {
    const clock = new FakeClock();
    const heard: string[] = [];
    const peer = await ScriptedPeer.start((connection) => talk(connection, heard));
    const tap = await RecordTap.start(peer.port);
    const connector = quietConnector({
      ...peer.config,
      serverPort: tap.port,
      clock,
      cover: 'steady',
      ...config,
    });
    await connector.connect();
    const client = new SteadyClient(clock, connector, tap, peer, heard);
    await client.restart();
    return client;
  }

  /** Counts records from now on: those of the login are through. */
  async restart(): Promise<void> {
    const { up, down } = this.tap.last;
    // The key, the name; the greeting's four parts, the prompt, the welcome and the hint.
    await until(() => up.length >= 3 && down.length >= 7);
    this.#up = up.length;
    this.#down = down.length;
  }

  /** The sizes of the records since the login. */
  get records(): Pick<TappedConnection, 'up' | 'down'> {
    const { up, down } = this.tap.last;
    return { up: up.slice(this.#up), down: down.slice(this.#down) };
  }

  /** Lets so many ticks pass; each cell is on the network before the next tick. */
  async ticks(count: number, intervalMs = INTERVAL_MS): Promise<void> {
    for (let tick = 0; tick < count; tick++) {
      this.clock.advance(intervalMs);
      const cells = this.connector.stats().steady?.cells ?? 0;
      await until(() => this.records.up.length >= cells || !this.connector.isConnected);
      // So that TLS knows that its write was taken.
      await turn();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await passing(this.clock, this.connector.disconnect());
    await this.tap[Symbol.asyncDispose]();
    await this.#peer.close();
  }
}

/** Answers each text as a 1.2 server does that has every room and every user. */
export async function talkLike1x(connection: PeerConnection, heard: string[]): Promise<void> {
  const name = await logIn(connection);
  for (let text = await connection.hear(); text !== '/quit'; text = await connection.hear()) {
    heard.push(text);
    for (const answer of answersTo(text, name)) await connection.say(answer);
  }
  connection.end();
}

/** The texts that are not cover, nor the question for the server's steady mode. */
export function messagesIn(heard: readonly string[]): string[] {
  return heard.filter((text) => {
    const request = parseClientRequest(text);
    return request.type !== 'steady' && !(request.type === 'dm' && request.user.startsWith('~'));
  });
}

/** Lets time pass, step by step, until the promise is settled. */
export async function passing<T>(clock: FakeClock, promise: Promise<T>, stepMs = INTERVAL_MS): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  await until(() => {
    clock.advance(stepMs);
    return isSettled;
  });
  return settled;
}
