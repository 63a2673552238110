import { normalizeUsername } from '@quietroom/protocol';
import { ServerError } from '../errors.js';
import { isNetwork, usualNetwork } from '../addresses/networks.js';

/** A username, an IP address, or a network such as `192.0.2.0/24`. */
export interface BanTarget {
  readonly kind: 'name' | 'address' | 'network';
  /** In its usual form: IPv6 addresses shortened, IPv4 without the IPv4-mapped prefix. */
  readonly target: string;
}

/**
 * Tells a name, an address and a network apart. A name that looks like an address counts as the address.
 *
 * @throws ServerError `OPTION_INVALID`
 */
export function parseBanTarget(text: string): BanTarget {
  const network = usualNetwork(text);
  if (network !== undefined) return { kind: isNetwork(network) ? 'network' : 'address', target: network };
  const name = text.includes('/') ? undefined : normalizeUsername(text);
  if (name !== undefined) return { kind: 'name', target: name };
  throw new ServerError(
    'OPTION_INVALID',
    `${JSON.stringify(text)} is not a username, an IP address or a network such as 192.0.2.0/24.`,
  );
}
