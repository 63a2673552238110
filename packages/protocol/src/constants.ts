/** Numbers and names of the protocol that programs show before they load the protocol itself. */
export { MAX_CLIENT_TEXT_BYTES } from './packets/packetFormat.js';
export { MAX_NAME_BYTES, MAX_PASSWORD_BYTES } from './text/names.js';
export { DEFAULT_PROTOCOL_VERSION, PROTOCOL_VERSIONS, type ProtocolVersion } from './text/dialects.js';
export { PADDING_SHAPE_NAMES, PADDING_SHAPES, type PaddingShape } from './packets/padding.js';

/** The port that servers listen on when no other is chosen. */
export const DEFAULT_PORT = 37842;

/** The file of a server's certificate, in the server's folder and beside a client. */
export const CERT_FILE = 'chat_public.pem';
