import { isIP, SocketAddress } from 'node:net';
import { normalizeUsername } from '@quietroom/protocol';
import { ServerError } from '../errors.js';
import { plainAddress } from '../addresses/addressGroup.js';

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
  const [address = '', prefix, ...rest] = text.split('/');
  const usual = usualAddress(address);
  if (usual !== undefined && prefix === undefined) return { kind: 'address', target: usual };
  if (usual !== undefined && prefix !== undefined && rest.length === 0) {
    const maxPrefix = isIP(usual) === 4 ? 32 : 128;
    if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= maxPrefix) {
      return { kind: 'network', target: `${usual}/${Number(prefix)}` };
    }
  }
  const name = prefix === undefined ? normalizeUsername(text) : undefined;
  if (name !== undefined) return { kind: 'name', target: name };
  throw new ServerError(
    'OPTION_INVALID',
    `${JSON.stringify(text)} is not a username, an IP address or a network such as 192.0.2.0/24.`,
  );
}

/** Undefined when it is not an IP address; the zone of an IPv6 address is dropped. */
export function usualAddress(text: string): string | undefined {
  const [address = ''] = plainAddress(text).split('%');
  const version = isIP(address);
  if (version === 0) return undefined;
  return plainAddress(new SocketAddress({ address, family: version === 4 ? 'ipv4' : 'ipv6' }).address);
}
