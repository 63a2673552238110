import {
  DEFAULT_PORT,
  DEFAULT_PROTOCOL_VERSION,
  PADDING_SHAPE_NAMES,
  PADDING_SHAPES,
  PROTOCOL_VERSIONS,
} from '@quietroom/protocol/constants';
import type { Setting } from './setting.js';
import { FILE, FLAG, HOST, LISTEN_PORT, oneOf } from './valueKinds.js';

export const LOG_FORMATS = ['json', 'text'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The settings of `quietroom serve` that are read at its start: options, and keys of `server_config.json`. */
export const SERVE_KEYS = {
  port: {
    name: 'port',
    placeholder: 'port',
    kind: LISTEN_PORT,
    fallback: DEFAULT_PORT,
    meaning: 'port to listen on; 0 for any free port',
  },
  host: {
    name: 'host',
    placeholder: 'address',
    kind: HOST,
    fallback: undefined,
    fallbackText: '127.0.0.1; all addresses if server_config.json exists',
    meaning: 'address to listen on; 0.0.0.0 for all',
  },
  logFile: {
    name: 'logFile',
    placeholder: 'file',
    kind: FILE,
    fallback: undefined,
    fallbackText: '-',
    meaning: 'log file; - for standard output',
    isPath: true,
  },
  securityLogFile: {
    name: 'securityLogFile',
    placeholder: 'file',
    kind: FILE,
    fallback: undefined,
    fallbackText: 'none',
    meaning: 'also log refusals and protocol violations to this file',
    isPath: true,
  },
  logFormat: {
    name: 'logFormat',
    placeholder: 'format',
    kind: oneOf(...LOG_FORMATS),
    fallback: undefined,
    fallbackText: '"text" on a terminal, else "json"',
    meaning: 'format of both logs',
  },
  logAddresses: {
    name: 'logAddresses',
    kind: FLAG,
    fallback: true,
    meaning: 'log the addresses of clients, which the security log always has',
  },
  metricsPort: {
    name: 'metricsPort',
    placeholder: 'port',
    kind: LISTEN_PORT,
    fallback: undefined,
    fallbackText: 'none',
    meaning: 'port on 127.0.0.1 for /metrics and /healthz; 0 for any free port',
  },
  adminSocket: {
    name: 'adminSocket',
    placeholder: 'path',
    kind: FILE,
    fallback: undefined,
    fallbackText: 'admin.sock in the folder',
    meaning: 'socket for quietroom admin',
    isPath: true,
  },
  protocolVersion: {
    name: 'protocolVersion',
    deprecatedNames: ['generation'],
    placeholder: 'version',
    kind: oneOf(...PROTOCOL_VERSIONS),
    fallback: DEFAULT_PROTOCOL_VERSION,
    meaning: 'version of the protocol to speak',
  },
  padding: {
    name: 'padding',
    placeholder: 'shape',
    kind: oneOf(...PADDING_SHAPE_NAMES),
    fallback: 'uniform',
    meaning: `padding of packets: ${PADDING_SHAPE_NAMES.map((name) => `${PADDING_SHAPES[name].summary} (${name})`).join(', ')}`,
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The key in `server_config.json`: `max_rooms` for `maxRooms`, `idle_timeout_seconds` for the duration `idleTimeout`. */
export function configKeyOf(name: string): string {
  const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return /_(?:timeout|interval|lockout)$/.test(snake) ? `${snake}_seconds` : snake;
}
