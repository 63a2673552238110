import { writeFile } from 'node:fs/promises';
import type { QuietRoomConnector } from 'quietroom-connector';
import { temporaryName, withConnection } from '../client/withConnection.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printError, printLine } from '../output/print.js';
import { terminalJson } from '../output/terminalJson.js';
import { clientSettings, type ConnectionSettings } from '../settings/clientSettings.js';
import type { ClientFlags } from '../settings/clientOptions.js';
import { listenForStop } from '../signals/stop.js';
import { RecordTap, type SeenRecord } from './recordTap.js';
import { shapePicture } from './shapePicture.js';
import { trafficShape, type DirectionShape, type TrafficShape } from './trafficShape.js';
import { errorCode } from '../failures/errorCode.js';

/** The options of `quietroom shape`. */
export interface ShapeFlags extends ClientFlags {
  readonly seconds: number;
  readonly json?: boolean;
  readonly svg?: string;
  readonly tap?: number;
}

/** The fields of `--json` and their meaning. */
export const SHAPE_FIELDS = {
  v: 'version of this format: 1',
  seconds: 'how long was watched',
  up: 'the direction to the server: `records`, `recordsPerMinute`, `bytes`, `sizes` (of each `bytes` and `records`), `interval` (the median pause, in seconds), `regularity` (the share of records on that clock), `verdict`, `says`',
  down: 'the direction from the server, likewise',
  verdict: '`steady`, `varying` or `silent`: the worse of the two directions',
} as const;

/** Watches the records of a connection for some time, and says what they would tell an observer. */
export async function shape(flags: ShapeFlags): Promise<void> {
  const settings = await clientSettings(flags, { username: temporaryName() });
  const { signal } = listenForStop();
  await using tap = await startTap(settings, flags.tap);
  const watched =
    flags.tap === undefined
      ? await watchOwn(settings, flags, tap, signal)
      : await watchOthers(tap, flags.seconds, signal);
  await report(flags, watched);
}

interface Watched {
  readonly records: readonly SeenRecord[];
  readonly seconds: number;
}

async function startTap({ host, port }: ConnectionSettings, ownPort: number | undefined): Promise<RecordTap> {
  try {
    return await RecordTap.start({ host, port }, ownPort);
  } catch (error) {
    const code = errorCode(error);
    throw new Failure(EXIT_CODES.failure, `The tap cannot listen on 127.0.0.1:${ownPort} (${code}).`, {
      cause: error,
    });
  }
}

/** A connection of our own, through the tap, with the cover of the settings. */
async function watchOwn(
  settings: ConnectionSettings,
  { seconds, username }: ShapeFlags,
  tap: RecordTap,
  signal: AbortSignal,
): Promise<Watched> {
  const through = { serverHost: '127.0.0.1', serverPort: tap.port };
  const during = async (connector: QuietRoomConnector): Promise<Watched> => {
    printError(`Watching the connection of ${JSON.stringify(connector.username)} for ${seconds} s.`);
    return watch(tap, seconds, signal);
  };
  return withConnection(settings, username !== undefined, signal, during, through);
}

/** The connection of any client that comes to the tap. */
async function watchOthers(tap: RecordTap, seconds: number, signal: AbortSignal): Promise<Watched> {
  printError(
    `Connect a client to 127.0.0.1 port ${tap.port}, with the certificate of the server. It is watched for ${seconds} s from now.`,
  );
  return watch(tap, seconds, signal);
}

/** An interruption ends it early. */
async function watch(tap: RecordTap, seconds: number, signal: AbortSignal): Promise<Watched> {
  tap.forget();
  const startedAt = tap.elapsedMs;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  const records = tap.records.map((record) => ({ ...record, at: record.at - startedAt }));
  return { records, seconds: (tap.elapsedMs - startedAt) / 1000 };
}

async function report({ json, svg }: ShapeFlags, { records, seconds }: Watched): Promise<void> {
  const rounded = Math.round(seconds * 10) / 10;
  const found = trafficShape(records, rounded);
  if (svg !== undefined) await writePicture(svg, records, rounded);
  if (json === true) {
    const shown: Record<keyof typeof SHAPE_FIELDS, unknown> = { v: 1, ...found };
    process.stdout.write(`${terminalJson(shown)}\n`);
  } else {
    for (const line of shapeLines(found)) printLine(line);
  }
}

async function writePicture(path: string, records: readonly SeenRecord[], seconds: number): Promise<void> {
  try {
    await writeFile(path, shapePicture([{ title: `${records.length} records`, records }], seconds));
  } catch (error) {
    const code = errorCode(error);
    throw new Failure(EXIT_CODES.failure, `${JSON.stringify(path)} cannot be written (${code}).`, {
      cause: error,
    });
  }
}

/** The shape for people. */
export function shapeLines({ seconds, up, down, verdict }: TrafficShape): string[] {
  return [
    `In ${seconds} s an observer of the network saw:`,
    ...directionLines('sent', up),
    ...directionLines('received', down),
    `Verdict: ${verdict}.`,
  ];
}

/** More sizes than this are summed up. */
const MOST_SIZES = 5;

function directionLines(
  name: string,
  { records, recordsPerMinute, sizes, interval, regularity, says }: DirectionShape,
): string[] {
  const shown = sizes.slice(0, MOST_SIZES).map(({ bytes, records: count }) => `${bytes} (${count})`);
  const more = sizes.length > MOST_SIZES ? ` and ${sizes.length - MOST_SIZES} more` : '';
  return [
    `  ${name}: ${records} records, ${recordsPerMinute} a minute`,
    `    sizes in bytes: ${shown.join(', ') || 'none'}${more}`,
    ...(interval === null
      ? []
      : [`    median pause ${interval} s, ${Math.round(regularity * 100)} % of the records on that clock`]),
    `    ${says}`,
  ];
}
