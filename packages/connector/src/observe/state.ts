/** Where a connector is in its life. `reconnecting`: the connection was lost and is being made again. */
export type ConnectorState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'disconnecting';

/** A change from one state to another, or from one reconnect attempt to the next. */
export interface StateChange {
  readonly state: ConnectorState;
  readonly previous: ConnectorState;
  /** Why the connection was lost or failed; undefined after `disconnect()`. */
  readonly cause?: Error;
  /** In `reconnecting`: the number of the next attempt, counted since the connection was last stable. */
  readonly attempt?: number;
  /** In `reconnecting`: seconds until that attempt. */
  readonly delay?: number;
}
