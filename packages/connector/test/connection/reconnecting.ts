import type { ProtocolVersion } from '@quietroom/protocol';
import type {
  ConnectionLostError,
  ConnectorConfig,
  LogEntry,
  QuietRoomConnector,
  StateChange,
} from 'quietroom-connector';
import { FakeClock, ScriptedPeer, type PeerConnection, type Script } from '@quietroom/testing';
import { answersTo, logIn, quietConnector } from '../fixtures.js';

/** Talks as a server does until the client quits. Keeps what it heard. */
export async function serve(
  connection: PeerConnection,
  heard: string[] = [],
  version: ProtocolVersion = '1.2',
): Promise<void> {
  await talk(connection, '/quit', heard, version);
  connection.end();
}

/** Talks as a server does until it hears this, and is gone. */
export const goneAt =
  (last: string, version: ProtocolVersion = '1.2'): Script =>
  async (connection) => {
    await talk(connection, last, [], version);
    connection.cut();
  };

async function talk(
  connection: PeerConnection,
  last: string,
  heard: string[],
  version: ProtocolVersion,
): Promise<void> {
  const name = await logIn(connection);
  for (let text = await connection.hear(); text !== last; text = await connection.hear()) {
    heard.push(text);
    for (const answer of answersTo(text, name, version)) await connection.say(answer);
  }
}

/** A peer whose connections follow these scripts, one after the other, and then serve. */
export function following(scripts: readonly Script[], options = {}): Promise<ScriptedPeer> {
  let count = 0;
  return ScriptedPeer.start(async (connection) => (scripts[count++] ?? serve)(connection), options);
}

export const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : error;

export interface Watched {
  readonly connector: QuietRoomConnector;
  readonly clock: FakeClock;
  readonly changes: StateChange[];
  readonly drops: (ConnectionLostError | null)[];
  readonly errors: unknown[];
  readonly log: LogEntry[];
}

/** A connector that connects again, and what it tells. */
export function watched(peer: ScriptedPeer, config: ConnectorConfig = {}): Watched {
  const clock = new FakeClock();
  const log: LogEntry[] = [];
  const connector = quietConnector({
    ...peer.config,
    clock,
    reconnect: true,
    log: (entry) => void log.push(entry),
    ...config,
  });
  const changes: StateChange[] = [];
  const drops: (ConnectionLostError | null)[] = [];
  const errors: unknown[] = [];
  connector
    .onStateChange((_, change) => void changes.push(change))
    .onDisconnect((reason) => void drops.push(reason))
    .onError((error) => void errors.push(error));
  return { connector, clock, changes, drops, errors, log };
}

/** Logs in, and is gone after the client has said something. */
export const dropping =
  (close: 'end' | 'cut'): Script =>
  async (connection) => {
    await logIn(connection);
    await connection.hear();
    connection[close]();
  };

/** The server still has the name for whoever held it before. */
export const nameTaken: Script = async (connection) => {
  await connection.secure();
  await connection.exchangeKeys();
  await connection.say('Enter your username: ');
  await connection.hear();
  await connection.say('*** Username already taken. Please reconnect with a different name. ***');
};
