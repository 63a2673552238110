import { readFileSync } from 'node:fs';

/** A session of a real server, as it came out of TLS, record by record. */
export interface Recording {
  readonly note: string;
  /** The pinned certificate. */
  readonly certPem: string;
  readonly clientDhPrivateHex: string;
  readonly sessionKeyHex: string;
  readonly events: readonly RecordingEvent[];
  /** What the records that came in decode to, in order. */
  readonly expect: readonly ExpectedPacket[];
}

/** `in`: exactly one TLS record; `out`: one packet, in one record; the first is the client's public key. */
export interface RecordingEvent {
  readonly dir: 'in' | 'out';
  /** Seconds since the connection. */
  readonly t: number;
  /** Base64; absent at the end of the stream. */
  readonly record?: string;
  readonly end?: boolean;
}

export interface ExpectedPacket {
  readonly type: number;
  readonly bytes: number;
  /** Of a text packet. */
  readonly text?: string;
  /** Of a file packet's plaintext, in hex. */
  readonly sha256?: string;
}

export const RECORDINGS = [
  'v1.1-conversation',
  'v1.1-files',
  'v1.2-burst',
  'v1.2-conversation',
  'v1.2-files',
  'v1.2-username-invalid',
  'v1.2-username-taken',
] as const;

export type RecordingName = (typeof RECORDINGS)[number];

export function loadRecording(name: RecordingName): Recording {
  const url = new URL(`../recordings/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Recording;
}

/** The records of one direction. */
export function recordsOf(recording: Recording, dir: 'in' | 'out'): Buffer[] {
  return recording.events.flatMap((event) =>
    event.dir === dir && event.record !== undefined ? [Buffer.from(event.record, 'base64')] : [],
  );
}
