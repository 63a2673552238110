import type { ServerOptions } from '@quietroom/server';
import type { CrowdProcess } from './crowdProcess.js';
import { Remote } from './remote.js';
import type { ServerProcess } from './serverProcess.js';

/** Limits that a benchmark from one address needs. */
export const OPEN_LIMITS: ServerOptions = {
  decoyTraffic: false,
  maxConnectionsPerAddress: 10_000,
  maxHandshakes: 10_000,
  messagesPerSecond: 1_000_000,
  messageBurst: 1_000_000,
  placeMessagesPerSecond: 1_000_000,
  placeMessageBurst: 1_000_000,
  maxQueuedBytes: 64 * 1_048_576,
};

export function serverProcess(): Remote<ServerProcess> {
  return new Remote(new URL('serverProcess.js', import.meta.url));
}

export function crowdProcess(): Remote<CrowdProcess> {
  return new Remote(new URL('crowdProcess.js', import.meta.url));
}

/** `client0`, `client1` and so on. */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** The CPU time of a server process during some work, in microseconds. */
export async function cpuOf(serving: Remote<ServerProcess>, work: () => Promise<unknown>): Promise<number> {
  const before = await serving.call.usage();
  await work();
  return (await serving.call.usage()).cpuMicroseconds - before.cpuMicroseconds;
}
