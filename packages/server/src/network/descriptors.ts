import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Descriptors for Node itself, log files, the health port and the admin socket. */
const RESERVE = 64;

/** At most this share of the limit is reserved. */
const RESERVE_SHARE = 1 / 4;

/**
 * The limit of open file descriptors. Node accepts and closes connections above it without an error, so the server keeps
 * clear of it: some descriptors stay free for health checks, operators and log files.
 */
export class Descriptors {
  /** The most that the process may have open; Infinity when the system has no such limit. */
  readonly limit: number;

  constructor(limit = readLimit()) {
    this.limit = limit;
  }

  /** Connections for which there are descriptors. */
  get mostConnections(): number {
    return this.limit - this.#reserve;
  }

  /** False when only the reserve is left. */
  hasRoomFor(socket: Socket): boolean {
    // Systems but Windows give the lowest free number: all below it are in use.
    return descriptorOf(socket) < this.mostConnections;
  }

  get #reserve(): number {
    return Math.min(RESERVE, Math.floor(this.limit * RESERVE_SHARE));
  }
}

/** The number of the descriptor; -1 where there is none. */
function descriptorOf(socket: Socket): number {
  // Node has no public way to it.
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: unknown } | null };
  return typeof handle?.fd === 'number' ? handle.fd : -1;
}

function readLimit(): number {
  if (process.platform === 'win32') return Infinity;
  if (process.platform === 'linux') {
    try {
      const limits = readFileSync('/proc/self/limits', 'utf8');
      return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
    } catch {
      // /proc can be missing in a sandbox.
    }
  }
  return limitOfReport();
}

/** Takes about 15 ms. */
function limitOfReport(): number {
  const report: { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } } =
    process.report.getReport();
  return Number(report.userLimits?.open_files?.soft ?? Infinity) || Infinity;
}
