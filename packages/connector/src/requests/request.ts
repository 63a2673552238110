import { isDeepStrictEqual } from 'node:util';
import type { ClientRequest, FormattableRequest } from '@quietroom/protocol';
import { CELL_BYTES, PACKET_OVERHEAD_BYTES } from '@quietroom/protocol/internals';
import { DIALECTS } from './dialects.js';

/** A request of a call. Its text can depend on the version of the server: see dialects.ts. */
export type Request =
  | Exclude<FormattableRequest, { type: 'lobby' | 'room' }>
  /** Chat for a room, or for the lobby when that is undefined. */
  | { readonly type: 'chat'; readonly room: string | undefined; readonly text: string }
  | RawRequest;

/** A command that the caller wrote, which is sent as it is. */
export interface RawRequest {
  readonly type: 'raw';
  readonly text: string;
  /** How servers of the newest version read it. */
  readonly meaning: ClientRequest;
  /** Servers of every version read it in this way. */
  readonly isReadAlike: boolean;
}

export function rawRequest(text: string): RawRequest {
  const [newest, ...others] = DIALECTS;
  const meaning = newest.read(text);
  const isReadAlike = others.every((dialect) => isDeepStrictEqual(dialect.read(text), meaning));
  return { type: 'raw', text, meaning, isReadAlike };
}

/** The size of a request's packet, estimated before its text is known. */
export function packetBytesOf(request: Request): number {
  const bytes = textBytesOf(request) + PACKET_OVERHEAD_BYTES;
  return Math.ceil(bytes / CELL_BYTES) * CELL_BYTES;
}

function textBytesOf(request: Request): number {
  switch (request.type) {
    case 'chat':
      return (
        Buffer.byteLength(request.text) + (request.room === undefined ? 0 : Buffer.byteLength(request.room))
      );
    case 'dm':
      return Buffer.byteLength(request.text) + request.user.length;
    case 'raw':
      return Buffer.byteLength(request.text);
    case 'members':
      return Buffer.byteLength(request.place);
    case 'join':
    case 'leave':
      return Buffer.byteLength(request.room);
    default:
      return 0;
  }
}
