import { QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import type { PeerConnection } from '@quietroom/testing';

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
  return new QuietRoomConnector({ username: 'tester', decoyTraffic: false, ...config });
}

/** A script's start: everything until the client is logged in. */
export async function logIn(connection: PeerConnection): Promise<string> {
  await connection.secure();
  await connection.exchangeKeys();
  return connection.welcome();
}

/** Fulfils when the process holds no more sockets than before. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => /TCP|TLS/.test(resource)).length;
}
