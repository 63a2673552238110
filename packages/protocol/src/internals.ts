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
export { Fifo } from './packets/fifo.js';
export { MAX_CLIENT_DATA_BYTES, PACKET_OVERHEAD_BYTES } from './packets/packetFormat.js';
export { CELL_BYTES, PADDING_SHAPE_NAMES, PADDING_SHAPES } from './packets/padding.js';
export { COMMAND_ROWS, commandTypeOf, helpText, usageReasonOf, type CommandType } from './text/commands.js';
export { isNextPart, joinLists, listParts, type ListMessage } from './text/lists.js';
export { decodeUtf8, encodeUtf8 } from './text/utf8.js';
export { isWhiteSpace, splitWords, trimWhiteSpace } from './text/whiteSpace.js';
