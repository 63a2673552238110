import type { LogEntry } from '@quietroom/server';

/** An entry of the server's log as one line: time, event, and what there is to say as `key=value`. */
export function formatLogEntry(entry: LogEntry, time: Date): string {
  const { event, ...details } = entry;
  const fields = Object.entries(details).map(([key, value]) => `${key}=${format(value)}`);
  return [time.toISOString(), event, ...fields].join(' ');
}

/** Quoted where a blank or an equals sign would be taken for the end. */
function format(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  const text = value instanceof Error ? value.message : String(value);
  return /^[\w.:-]+$/.test(text) ? text : JSON.stringify(text);
}
