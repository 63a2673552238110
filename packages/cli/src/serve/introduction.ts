import { isIPv6 } from 'node:net';
import { basename, relative } from 'node:path';
import { METRICS_HOST } from './metricsServer.js';
import { printLine } from '../output/print.js';
import { isLoopback } from '../settings/loopback.js';

/** A server that has started. */
export interface Started {
  readonly host: string;
  readonly port: number;
  readonly protocolVersion: string;
  readonly certificate: string;
  readonly sha256: string;
  /** Undefined without metrics. */
  readonly metricsPort: number | undefined;
  /** The configuration file, when it is the reason that the server listens on the network. */
  readonly openedBy: string | undefined;
}

/** Prints what clients need to connect. */
export function introduce(started: Started): void {
  const { host, port, protocolVersion, certificate, sha256, metricsPort, openedBy } = started;
  const address = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
  printLine(`QuietRoom server (${protocolVersion}) on ${address}. Ctrl-C ends it.`);
  printLine(`Certificate: ${certificate}`);
  printLine(`SHA-256: ${sha256}`);
  printLine('Clients need a copy of the certificate. On this machine, try:');
  printLine(
    `  ${commandName(process.argv[1] ?? '', process.cwd(), process.env)} echo --host ${reachable(host)} --port ${port} --cert ${quote(certificate)}`,
  );
  if (metricsPort !== undefined) printLine(`Metrics: http://${METRICS_HOST}:${metricsPort}/metrics`);
  if (isLoopback(host)) {
    printLine('Only this machine can connect; --host 0.0.0.0 opens the server to the network.');
  } else if (openedBy !== undefined) {
    printLine(`The network can connect, as there is a ${openedBy}; its key "host" can say otherwise.`);
  }
}

/** How the command at `script` can be called from `folder`: the name alone works only where it is installed. */
export function commandName(script: string, folder: string, env: NodeJS.ProcessEnv): string {
  if (env['npm_command'] === 'exec') return 'npx quietroom';
  if (basename(script) === 'quietroom') return 'quietroom';
  const fromHere = relative(folder, script);
  return `node ${quote(fromHere.startsWith('..') ? script : fromHere)}`;
}

/** An address of this machine that reaches `host`. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

/** Quotes a path for a shell. */
function quote(path: string): string {
  return /^[\w./:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
