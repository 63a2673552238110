/** Numbers and names of the protocol that programs show before they load the protocol itself. */
export { MAX_NAME_BYTES } from './text/names.js';
export { DEFAULT_PROTOCOL_VERSION, PROTOCOL_VERSIONS, type ProtocolVersion } from './text/dialects.js';
export { PADDING_SHAPE_NAMES, PADDING_SHAPES, type PaddingShape } from './packets/padding.js';

/** The port that servers listen on when no other is chosen. */
export const DEFAULT_PORT = 37842;
