import type { ServerMessage, Taken } from '@quietroom/protocol';
import type { Request } from '../../requests/request.js';
import type { Clock } from '../../time/clock.js';

/** The connection and its settings, as transfers see them. */
export interface TransferContext {
  readonly clock: Clock;
  /** Our own name. */
  readonly username: string;
  /** @throws ConnectorError `NOT_CONNECTED` */
  assertTakesCalls(): void;
  /** @throws FileTransferError `FILE_REFUSED` in steady mode, unless that may be left for files */
  assertTakesFiles(): void;
  /** The packets of a file are about to come. */
  fileComes(): void;
  /** A file is over. */
  fileIsOver(): void;
  /** The longest wait for an answer of the server. */
  readonly answerTimeoutMs: number;
  /** The longest wait for progress: of the network, the source or the target. */
  readonly fileTimeoutMs: number;
  /**
   * Asks the server; resolves with its answer. Rejects when there is none, when nothing can be sent, and with the
   * signal's reason when that aborts first.
   */
  ask(request: Request, signal?: AbortSignal): Promise<ServerMessage>;
  /**
   * Sends a packet of a file, whose bytes must not change until it is taken.
   *
   * @throws ConnectorError `NOT_CONNECTED`, and why nothing can be sent
   */
  sendPacket(bytes: Uint8Array, taken: Taken): void;
  /** Reads nothing more from the server, until `resumeReading`. */
  pauseReading(): void;
  resumeReading(): void;
}
