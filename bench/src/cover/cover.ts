import { setTimeout as pause } from 'node:timers/promises';
import { QuietRoomServer, type ServerOptions } from '@quietroom/server';
import { RecordTap } from '@quietroom/testing';
import { QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import type { Figure } from '../measure/figure.js';
import type { Section } from '../section.js';
import { aucOf, f1Of, type Window } from './observer.js';

/** All times are a tenth of the defaults: a cell each 0.1 s, a decoy each 3 s. */
const SCALE = 0.1;
const INTERVAL = SCALE;
const DECOYS = { decoyInterval: 30 * SCALE };

/** Each stands for a minute. */
const WINDOW_MS = 60_000 * SCALE;

const CLIENTS = 30;
const WINDOWS = 4;

/** In an active window. */
const MESSAGES = 3;

interface Mode {
  readonly name: string;
  readonly server: ServerOptions;
  readonly client: ConnectorConfig;
  /** How long a message may wait for its record. */
  readonly delayMs: number;
}

/** Random padding, as of 1.x servers, also keeps a server from being asked for its steady mode. */
const LIKE_1X: ServerOptions = { padding: 'random' };

const STEADY = { mode: 'steady', interval: INTERVAL } as const;
const STEADY_DELAY_MS = 1000 * INTERVAL * (MESSAGES + 1.2);

const MODES: readonly Mode[] = [
  { name: 'decoys', server: LIKE_1X, client: DECOYS, delayMs: 50 },
  { name: 'decoys, random padding', server: LIKE_1X, client: { ...DECOYS, padding: 'random' }, delayMs: 50 },
  { name: 'steady', server: LIKE_1X, client: { cover: STEADY }, delayMs: STEADY_DELAY_MS },
  {
    name: 'steady, answers',
    server: { ...LIKE_1X, decoyTraffic: false },
    client: { cover: { ...STEADY, answers: true } },
    delayMs: STEADY_DELAY_MS,
  },
  {
    name: 'steady, steady server',
    server: { cover: STEADY },
    client: { cover: STEADY },
    delayMs: STEADY_DELAY_MS,
  },
];

/** The knowledge that an observer of the network gains in each mode. */
export const cover: Section = {
  name: 'cover',
  title: 'how well an observer of times and sizes finds messages, in each mode of cover',
  isOnRequest: true,
  async run(_, step) {
    const figures: Figure[] = [];
    for (const mode of MODES) {
      step(mode.name);
      const windows = await record(mode);
      const figure = (name: string, value: number): Figure => ({
        section: 'cover',
        name: `${mode.name}: ${name}`,
        unit: '',
        better: 'lower',
        values: [value],
      });
      figures.push(
        figure('AUC, a minute with 3 messages or none', aucOf(windows)),
        figure('F1, single messages', f1Of(windows, mode.delayMs)),
      );
    }
    return figures;
  },
};

/** Windows of clients that write to a friend in half of them, drawn by lot. */
async function record({ server: serverOptions, client }: Mode): Promise<Window[]> {
  const server = await QuietRoomServer.start({
    port: 0,
    ...serverOptions,
    ...(serverOptions.decoyTraffic === false ? {} : DECOYS),
  });
  await using tap = await RecordTap.start(server.port);
  const at = { serverHost: '127.0.0.1', cert: server.certPem, livenessInterval: false } as const;
  const friend = new QuietRoomConnector({ ...at, serverPort: server.port, username: 'friend' });
  await friend.connect();
  const writers: { connector: QuietRoomConnector; connection: RecordTap['last'] }[] = [];
  for (let index = 0; index < CLIENTS; index++) {
    const connector = new QuietRoomConnector({
      ...at,
      serverPort: tap.port,
      username: `writer${index}`,
      ...client,
    });
    await connector.connect();
    writers.push({ connector, connection: tap.last });
  }
  // The notices of the logins are through.
  await pause(CLIENTS * 1000 * INTERVAL + 1000);
  const windows = await Promise.all(
    writers.map(async ({ connector, connection }) => {
      const own: Window[] = [];
      for (let count = 0; count < WINDOWS; count++) {
        own.push(await watch(connector, connection, Math.random() < 0.5));
      }
      return own;
    }),
  );
  await Promise.all(
    [friend, ...writers.map(({ connector }) => connector)].map((connector) => connector.disconnect()),
  );
  await server.close();
  return windows.flat();
}

async function watch(
  connector: QuietRoomConnector,
  connection: RecordTap['last'],
  isActive: boolean,
): Promise<Window> {
  const startMs = performance.now();
  const writtenMs: number[] = [];
  if (isActive) {
    // Not so late that the last cell is outside.
    const times = Array.from({ length: MESSAGES }, () => Math.random() * (WINDOW_MS - 1000)).sort(
      (a, b) => a - b,
    );
    for (const time of times) {
      await pause(Math.max(0, startMs + time - performance.now()));
      writtenMs.push(performance.now());
      void connector.sendDm(
        'friend',
        'A few words to a friend. '.repeat(1 + Math.floor(Math.random() * 3)).trim(),
      );
    }
  }
  await pause(Math.max(0, startMs + WINDOW_MS - performance.now()));
  return { startMs, endMs: startMs + WINDOW_MS, connection, writtenMs };
}
