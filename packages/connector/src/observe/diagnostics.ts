import { channel, type Channel } from 'node:diagnostics_channel';

/**
 * The channels of `node:diagnostics_channel`. Each message names the `connector` that it comes
 * from; none holds the text of a message.
 *
 * | channel                        | message                                                       |
 * |--------------------------------|---------------------------------------------------------------|
 * | `quietroom-connector:state`    | `{ connector, state, previous, cause?, attempt?, delay? }`    |
 * | `quietroom-connector:received` | `{ connector, type, length }`: type of event, UTF-16 units    |
 * | `quietroom-connector:receipt`  | `{ connector, receipt, seconds }`: since the call             |
 * | `quietroom-connector:log`      | `{ connector, entry }`: what goes to the `log` hook           |
 */
export const DIAGNOSTICS = {
  state: channel('quietroom-connector:state'),
  received: channel('quietroom-connector:received'),
  receipt: channel('quietroom-connector:receipt'),
  log: channel('quietroom-connector:log'),
} as const satisfies Record<string, Channel>;
