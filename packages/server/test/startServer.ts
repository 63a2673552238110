import type { TestContext } from 'node:test';
import { QuietRoomServer, type LogEntry, type ServerOptions } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';

/** A server on a free port with a ready identity, closed when the test ends. */
export async function startServer(t: TestContext, options: ServerOptions = {}): Promise<QuietRoomServer> {
  const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, ...options });
  t.after(() => server.close());
  return server;
}

/** A log hook that keeps what it is told, and can wait for an entry. */
export class LogBook {
  readonly entries: LogEntry[] = [];
  #waiting: (() => void)[] = [];

  readonly log = (entry: LogEntry): void => {
    this.entries.push(entry);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  };

  of<E extends LogEntry['event']>(event: E): Extract<LogEntry, { event: E }>[] {
    return this.entries.filter((entry): entry is Extract<LogEntry, { event: E }> => entry.event === event);
  }

  /** The nth entry of this kind, counting from 1. */
  async nth<E extends LogEntry['event']>(event: E, n: number): Promise<Extract<LogEntry, { event: E }>> {
    for (;;) {
      const entry = this.of(event)[n - 1];
      if (entry !== undefined) return entry;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
