/** The entry for the other packages of this repository: nothing here is meant for users, and any of it may change. */
export { onAbort } from './callbacks/abort.js';
export { Callbacks } from './callbacks/callbacks.js';
export {
  assertBoolean,
  assertFunction,
  assertInteger,
  assertMethods,
  assertObject,
  assertOneOf,
  assertRange,
  assertSeconds,
  assertText,
  MAX_SECONDS,
  OptionError,
  withDefaults,
} from './options/optionChecks.js';
export { resolveCoverOption } from './options/coverOption.js';
export { Fifo } from './packets/fifo.js';
export {
  CELL_BYTES,
  CELL_DATA_BYTES,
  MAX_CELL_TEXT_BYTES,
  MAX_CLIENT_DATA_BYTES,
  PACKET_OVERHEAD_BYTES,
} from './packets/packetFormat.js';
export { PADDING_SHAPE_NAMES, PADDING_SHAPES } from './packets/padding.js';
export { SteadyCover, type CellCounts } from './session/steadyCover.js';
export { TickWheel, type TickClock, type Ticker } from './session/tickWheel.js';
export { TLS_APPLICATION_DATA, TlsRecordReader, type TlsRecordHeader } from './session/tlsRecords.js';
export { COMMAND_ROWS, commandTypeOf, helpText, usageReasonOf, type CommandType } from './text/commands.js';
export { isNextPart, joinLists, listParts, type ListMessage } from './text/lists.js';
export { decodeUtf8, encodeUtf8 } from './text/utf8.js';
export { isWhiteSpace, joinWords, splitWords, trimWhiteSpace } from './text/whiteSpace.js';
