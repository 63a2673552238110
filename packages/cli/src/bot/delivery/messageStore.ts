import { ClassicLevel } from 'classic-level';
import { EXIT_CODES } from '../../failures/exitCodes.js';
import { Failure } from '../../failures/failure.js';

/** A message on its way. */
export interface PendingMessage {
  /** Increases with each message. */
  readonly id: number;
  /** The place it goes to; each has an outbox of its own. */
  readonly to: string;
  readonly text: string;
  /** Seconds to wait for more messages to the same place. */
  readonly groupSeconds: number;
  /** When it was accepted, in milliseconds since 1970. */
  readonly acceptedAt: number;
  /** A delivery was begun and its outcome is not known: the message may have arrived. */
  readonly isInDoubt: boolean;
}

/** A further entry that is stored with messages. */
export interface StoredEntry {
  readonly key: string;
  readonly value: unknown;
}

const MESSAGE = 'message!';

/** Messages on disk. One process per folder. */
export class MessageStore implements AsyncDisposable {
  protected readonly db: ClassicLevel<string, unknown>;

  protected constructor(db: ClassicLevel<string, unknown>) {
    this.db = db;
  }

  /**
   * Makes the folder if it is missing.
   *
   * @throws Failure when another process has it, or it cannot be opened
   */
  static async open(folder: string): Promise<MessageStore> {
    return new MessageStore(await openDatabase(folder));
  }

  /** All messages, in the order in which they were accepted. */
  async messages(): Promise<PendingMessage[]> {
    // Only this class writes.
    return (await this.db.values({ gt: MESSAGE, lt: `${MESSAGE}~` }).all()) as PendingMessage[];
  }

  /** Stores messages, and further entries with them; resolves when they are on disk. */
  async accept(messages: readonly PendingMessage[], entries: readonly StoredEntry[] = []): Promise<void> {
    await this.db.batch<string, unknown>(
      [
        ...messages.map((message) => ({ type: 'put' as const, key: keyOf(message), value: message })),
        ...entries.map(({ key, value }) => ({ type: 'put' as const, key, value })),
      ],
      { sync: true },
    );
  }

  /** Changes messages; survives the end of the process, not that of the machine. */
  async update(messages: readonly PendingMessage[]): Promise<void> {
    await this.db.batch(messages.map((message) => ({ type: 'put', key: keyOf(message), value: message })));
  }

  async remove(messages: readonly PendingMessage[]): Promise<void> {
    await this.db.batch(messages.map((message) => ({ type: 'del', key: keyOf(message) })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.close();
  }
}

/** @throws Failure as `MessageStore.open` */
export async function openDatabase(folder: string): Promise<ClassicLevel<string, unknown>> {
  const db = new ClassicLevel<string, unknown>(folder, { valueEncoding: 'json' });
  try {
    await db.open();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const isLocked = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
    const problem = isLocked ? 'is in use by another bot' : `cannot be opened (${String(cause)})`;
    throw new Failure(EXIT_CODES.failure, `The store ${folder} ${problem}.`, { cause: error });
  }
  return db;
}

/** Of one length, so that their order is that of the numbers. */
function keyOf({ id }: PendingMessage): string {
  return MESSAGE + String(id).padStart(16, '0');
}
