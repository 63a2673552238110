import { pino } from 'pino';
import type { LogFormat } from '../settings/serverKeys.js';
import { levelOf, type ServeEntry } from './serveEntry.js';
import { terminalText } from '../output/terminalText.js';

/** Takes whole lines. */
export interface LineSink {
  write(line: string): void;
}

export type LogWriter = (entry: ServeEntry) => void;

/** The fields of an entry that are written. */
interface Fields {
  readonly event: string;
}

/** Writes entries to the sink, one line each, with or without the addresses of clients. */
export function logWriter(format: LogFormat, sink: LineSink, withAddresses: boolean): LogWriter {
  const fieldsOf = withAddresses ? (entry: ServeEntry): Fields => entry : withoutAddress;
  if (format === 'json') return jsonWriter(sink, fieldsOf);
  return (entry) => sink.write(`${textLine(fieldsOf(entry), new Date())}\n`);
}

function withoutAddress(entry: ServeEntry): Fields {
  if (!('address' in entry)) return entry;
  const { event, ...details } = entry;
  const kept = Object.entries(details).filter(([key]) => key !== 'address' && key !== 'port');
  return { event, ...Object.fromEntries(kept) };
}

function jsonWriter(sink: LineSink, fieldsOf: (entry: ServeEntry) => Fields): LogWriter {
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: withoutMessage },
    },
    sink,
  );
  return (entry) => logger[levelOf(entry)](fieldsOf(entry));
}

/** An entry for people: time, event and details as `key=value`. */
export function textLine(entry: Fields, time: Date): string {
  const { event, ...details } = entry;
  const fields = Object.entries(details).map(([key, value]) => `${key}=${textValue(value)}`);
  return terminalText([time.toISOString(), event, ...fields].join(' '));
}

/** Quotes values with blanks or equals signs. */
function textValue(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  const text = value instanceof Error ? value.name : String(value);
  return /^[\w.:-]+$/.test(text) ? text : JSON.stringify(text);
}

/**
 * An error in the server itself. Its message stays out of the log, since messages from Node can quote the
 * input, even a user's text. The place of the error is enough.
 */
function withoutMessage(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...('code' in error ? { code: error.code } : {}),
    stack: frames.map((frame) => frame.trim()),
  };
}
