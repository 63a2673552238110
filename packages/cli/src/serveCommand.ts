import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { isIP, isIPv6 } from 'node:net';
import { join, resolve } from 'node:path';
import { QuietRoomServer, type LogEntry, type ServerOptions } from '@quietroom/server';
import { printLine } from './print.js';
import { serveFailure } from './serveFailure.js';
import { formatLogEntry } from './serveLog.js';
import { listenForStop, unlessStopped } from './stop.js';

/** What the server names it in its folder. */
const CERT_FILE = 'chat_public.pem';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** The folder that keeps the identity. */
  readonly dir: string;
  readonly generation: NonNullable<ServerOptions['generation']>;
}

/**
 * Runs a server until it is stopped.
 *
 * @throws Failure when it cannot start
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { host, port, generation } = options;
  const stop = listenForStop();
  const identityFolder = resolve(options.dir);
  if (!existsSync(join(identityFolder, CERT_FILE))) printLine('Making a key and a certificate ...');
  const starting = QuietRoomServer.start({ host, port, generation, identityFolder, log });
  const server = await unlessStopped(stop.signal, starting).catch((error: unknown) => {
    throw serveFailure(error, { host, port, identityFolder });
  });
  if (server === undefined) return;
  introduce(server, generation, join(identityFolder, CERT_FILE));
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  await server.close();
}

function log(entry: LogEntry): void {
  // The introduction says it.
  if (entry.event !== 'listening') printLine(formatLogEntry(entry, new Date()));
}

function introduce({ host, port, certPem }: QuietRoomServer, generation: string, certFile: string): void {
  const address = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
  printLine(`QuietRoom server (${generation}) on ${address}. Ctrl-C ends it.`);
  printLine(`Certificate: ${certFile}`);
  printLine(`SHA-256: ${new X509Certificate(certPem).fingerprint256}`);
  printLine('Clients need a copy of the certificate. On this machine, try:');
  printLine(`  quietroom echo --host ${reachable(host)} --port ${port} --cert ${quote(certFile)}`);
  if (isLoopback(host)) {
    printLine('Only this machine can connect; --host 0.0.0.0 opens the server to the network.');
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** An address of this machine at which `host` is reached. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** As a shell takes it. */
function quote(path: string): string {
  return /^[\w./:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
