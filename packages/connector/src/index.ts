export type { CallbackOptions } from './callbacks.js';
export type { Clock } from '@quietroom/protocol';
export type { ConnectorConfig } from './config.js';
export { QuietRoomConnector, type ConnectorState } from './connector.js';
export {
  CONNECTOR_ERROR_CODES,
  ConnectionLostError,
  ConnectorError,
  LoginError,
  SecurityError,
  type ConnectorErrorCode,
} from './errors.js';
