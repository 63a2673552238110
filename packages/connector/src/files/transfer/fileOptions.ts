import {
  assertFunction,
  assertInteger,
  assertOneOf,
  assertText,
  withDefaults,
} from '@quietroom/protocol/internals';
import { asConnectorError } from '../../options/config.js';
import type { AcceptFileOptions } from './fileOffer.js';
import type { OutgoingOptions } from './outgoingFiles.js';
import type { FileProgress } from './progress.js';

/** How a file is sent. */
export interface SendFileOptions {
  /** Aborting it makes the call reject with its reason; the offer is withdrawn, or the transfer ended. */
  signal?: AbortSignal;
  /** The name to send it by. Default: the name of the file or Blob, else `file`. */
  name?: string;
  /** Bytes; for sources that do not know their size. */
  size?: number;
  /** In hex. Default: it is computed, for which the source is read once more. */
  sha256?: string;
  /**
   * `"compatible"`: as existing clients send, 3900 bytes every 30 ms, so that they lose nothing through a 1.x server.
   * `"fast"`: as fast as the network and the recipient take it; through a 1.x server that is safe only when the
   * recipient reads as this library does. `"auto"`: fast through a server that says it loses nothing, else
   * compatible. Default `"auto"`.
   */
  pace?: 'auto' | 'compatible' | 'fast';
  /** Called when the stage changes, and at most ten times a second within one. */
  onProgress?: (progress: FileProgress) => void;
}

export interface ResolvedSendOptions extends OutgoingOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: FileProgress) => void) | undefined;
}

export interface ResolvedAcceptOptions {
  readonly signal: AbortSignal | undefined;
  readonly maxBytes: number | undefined;
  readonly name: string | undefined;
  readonly onProgress: ((progress: FileProgress) => void) | undefined;
}

const SEND_DEFAULTS: ResolvedSendOptions = {
  signal: undefined,
  name: undefined,
  size: undefined,
  sha256: undefined,
  pace: 'auto',
  onProgress: undefined,
};

const ACCEPT_DEFAULTS: ResolvedAcceptOptions = {
  signal: undefined,
  maxBytes: undefined,
  name: undefined,
  onProgress: undefined,
};

/** @throws ConnectorError `OPTION_INVALID`, `OPTION_UNKNOWN` */
export function resolveSendFileOptions(options: SendFileOptions): ResolvedSendOptions {
  return asConnectorError(() => {
    const resolved = withDefaults(SEND_DEFAULTS, options);
    // Size and hash are checked where the source is opened.
    const { name, pace, onProgress } = resolved;
    if (name !== undefined) assertText('name', name);
    assertOneOf('pace', pace, ['auto', 'compatible', 'fast']);
    if (onProgress !== undefined) assertFunction('onProgress', onProgress);
    return resolved;
  });
}

/** @throws ConnectorError `OPTION_INVALID`, `OPTION_UNKNOWN` */
export function resolveAcceptOptions(options: AcceptFileOptions): ResolvedAcceptOptions {
  return asConnectorError(() => {
    const resolved = withDefaults(ACCEPT_DEFAULTS, options);
    const { maxBytes, name, onProgress } = resolved;
    if (maxBytes !== undefined) assertInteger('maxBytes', maxBytes, 1, Number.MAX_SAFE_INTEGER);
    if (name !== undefined) assertText('name', name);
    if (onProgress !== undefined) assertFunction('onProgress', onProgress);
    return resolved;
  });
}
