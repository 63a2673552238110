import type { ConnectionLimiter } from './limits/connectionLimiter.js';
import type { Moderation } from './admin/moderation.js';
import type { Chat } from './chat/chat.js';
import type { ClientConnection } from './client/clientConnection.js';
import { HANDSHAKE_BUCKETS, type Counters } from './observe/counters.js';
import type { CloseReason, RejectionReason, TransferEnd } from './observe/reasons.js';
import type { ClientSocket } from './network/clientSocket.js';
import type { Rejections } from './observe/rejections.js';

/** Totals since the start, and current values: those whose comment says `now`, and all named `open` or `running`. */
export interface ServerStats {
  readonly connections: {
    readonly open: number;
    /** Accepted since the start. */
    readonly accepted: number;
    /** Open connections that have not logged in. */
    readonly unfinished: number;
    /** Closed connections, by reason. */
    readonly closed: Readonly<Record<CloseReason, number>>;
  };
  readonly users: {
    readonly open: number;
    /** Logins since the start. */
    readonly logins: number;
  };
  readonly rooms: {
    /** Rooms, empty ones too. */
    readonly open: number;
  };
  readonly messages: {
    /** Texts received from users, including commands. */
    readonly received: number;
    /** Texts queued for clients, counted once for each recipient. */
    readonly deliveries: number;
  };
  readonly files: {
    /** Offers since the start. */
    readonly offered: number;
    /** Offers and transfers that have not ended. */
    readonly open: number;
    /** Of these, the transfers whose sender sends or has been told to. */
    readonly running: number;
    /** Offers and transfers that have ended, by outcome. */
    readonly ended: Readonly<Record<TransferEnd, number>>;
    /** Bytes relayed. */
    readonly bytes: number;
  };
  /** Bans and mutes in effect now, and whether new logins are refused. */
  readonly moderation: { readonly bans: number; readonly mutes: number; readonly isDraining: boolean };
  /** Rejections, by reason. */
  readonly refused: Readonly<Record<RejectionReason, number>>;
  /** Bytes on the network, TLS included. */
  readonly bytes: { readonly in: number; readonly out: number };
  /** Bytes queued now: for all clients, and for the client with the longest queue. */
  readonly queue: { readonly bytes: number; readonly largestBytes: number };
  /** From the TCP connection to the end of the key exchange, in seconds. */
  readonly handshakes: {
    readonly count: number;
    readonly sumSeconds: number;
    readonly maxSeconds: number;
    /** The number that took at most `seconds`, cumulative; the last bound is Infinity. */
    readonly buckets: readonly { readonly seconds: number; readonly count: number }[];
  };
}

/** Handshake times as a cumulative histogram. */
function handshakeStats(counters: Counters): ServerStats['handshakes'] {
  let count = 0;
  const buckets = [...HANDSHAKE_BUCKETS, Number.POSITIVE_INFINITY].map((seconds, index) => {
    count += counters.handshakeBuckets[index] ?? 0;
    return { seconds, count };
  });
  return {
    count: counters.handshakeCount,
    sumSeconds: counters.handshakeSeconds,
    maxSeconds: counters.handshakeMaxSeconds,
    buckets,
  };
}

/** The sources of the statistics. */
export interface StatsSources {
  readonly counters: Counters;
  readonly connectionLimiter: ConnectionLimiter;
  readonly rejections: Rejections;
  readonly chat: Chat;
  readonly clientSockets: Iterable<ClientSocket>;
  readonly connections: Iterable<ClientConnection>;
  readonly moderation: Moderation;
}

export function serverStats({
  counters,
  connectionLimiter,
  rejections,
  chat,
  clientSockets,
  connections,
  moderation,
}: StatsSources): ServerStats {
  const bytes = { in: counters.bytesIn, out: counters.bytesOut };
  for (const { bytesIn, bytesOut } of clientSockets) {
    bytes.in += bytesIn;
    bytes.out += bytesOut;
  }
  const queue = { bytes: 0, largestBytes: 0 };
  for (const { queuedBytes } of connections) {
    queue.bytes += queuedBytes;
    queue.largestBytes = Math.max(queue.largestBytes, queuedBytes);
  }
  return {
    connections: {
      open: connectionLimiter.connections,
      accepted: counters.accepted,
      unfinished: connectionLimiter.unfinished,
      closed: counters.closedByReason,
    },
    users: { open: chat.userCount, logins: counters.logins },
    rooms: { open: chat.roomCount },
    messages: { received: counters.messagesReceived, deliveries: counters.deliveries },
    files: {
      offered: counters.offers,
      open: chat.files.openCount,
      running: chat.files.runningCount,
      ended: counters.transfersByEnd,
      bytes: counters.fileBytes,
    },
    moderation: {
      bans: moderation.bans.size,
      mutes: moderation.mutes.size,
      isDraining: moderation.isDraining,
    },
    refused: rejections.total,
    bytes,
    queue,
    handshakes: handshakeStats(counters),
  };
}
