import { parseClientRequest, type ProtocolVersion } from '@quietroom/protocol';
import { setImmediate as turn } from 'node:timers/promises';
import {
  QuietRoomConnector,
  type ConnectorConfig,
  type ConnectorState,
  type StateChange,
} from 'quietroom-connector';
import type { FakeClock, PeerConnection } from '@quietroom/testing';
import { QUESTIONS } from '#src/connection/joinedWrites.js';

/** A promise and the function that resolves it: for a callback that must be called. */
export function called<T>(): { readonly promise: Promise<T>; readonly call: (value: T) => void } {
  const resolvers: ((value: T) => void)[] = [];
  const promise = new Promise<T>((resolve) => void resolvers.push(resolve));
  return { promise, call: (value) => resolvers.forEach((resolve) => resolve(value)) };
}

/** Resolves with the first `count` texts that the connector hears. */
export function texts(connector: QuietRoomConnector, count: number): Promise<string[]> {
  const heard: string[] = [];
  return new Promise((resolve) => {
    connector.onMessage((text) => {
      heard.push(text);
      if (heard.length === count) resolve(heard);
    });
  });
}

/** A connector that sends nothing by itself. */
export function quietConnector(config: ConnectorConfig): QuietRoomConnector {
  return new QuietRoomConnector({
    username: 'tester',
    decoyTraffic: false,
    livenessInterval: false,
    ...config,
  });
}

/**
 * A script's start: everything until the client is logged in. The script does not hear the questions with which a
 * client finds out, in a burst, whether packets can share a write.
 */
export async function logIn(connection: PeerConnection): Promise<string> {
  for (const question of QUESTIONS) connection.unheard.add(question);
  await connection.secure();
  await connection.exchangeKeys();
  return connection.welcome();
}

/** Fulfils when the process holds no more sockets than before. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => /TCP|TLS/.test(resource)).length;
}

/** What a server that lets everything be answers to a client's text. */
export function answersTo(text: string, name: string, version: ProtocolVersion = '1.2'): string[] {
  const request = parseClientRequest(text, version);
  switch (request.type) {
    case 'dm':
      if (request.user.startsWith('~')) return [`User '${request.user}' is not online.`];
      return [`[DM to ${request.user}]: ${request.text}`];
    case 'lobby':
      return [`[12:00:00] ${name}: ${request.text}`];
    case 'room':
      return [`[12:00:00] [${request.room}] ${name}: ${request.text}`];
    case 'join':
      return [`Joined room ${request.room}`, `*** ${name} joined ${request.room} ***`];
    case 'leave':
      return [`Left room ${request.room} - returned to lobby`];
    case 'usage':
      return request.command === 'members' ? ['Usage: /members <#roomname|lobby>'] : [];
    case 'users':
      return [`Online Users (1):\n  ${name}`];
    case 'rooms':
      return ['No active rooms. Use /join #roomname to create one.'];
    case 'features':
    case 'steady':
      return [`Unknown command: /${request.type}. Type /help for available commands.`];
    case 'unknown':
      return [`Unknown command: ${request.command}. Type /help for available commands.`];
    default:
      return [];
  }
}

/** Resolves when the condition holds; looks after each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** Resolves at the next change to this state. */
export function nextState(connector: QuietRoomConnector, state: ConnectorState): Promise<StateChange> {
  return new Promise((resolve) => {
    const once = new AbortController();
    connector.onStateChange(
      (_, change) => {
        if (change.state !== state) return;
        once.abort();
        resolve(change);
      },
      { signal: once.signal },
    );
  });
}

/** Lets each pause before an attempt to connect again pass at once. */
export function skipPauses(connector: QuietRoomConnector, clock: FakeClock): void {
  connector.onStateChange((_, { state, delay = 0 }) => {
    if (state === 'reconnecting') setImmediate(() => clock.advance(delay * 1000));
  });
}
