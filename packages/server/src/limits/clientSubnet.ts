import { isIPv4, isIPv6 } from 'node:net';

/** An IPv4 address as IPv6 sockets show it. */
const MAPPED_V4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An address as people and other programs write it: that of an IPv4 client without the coat of IPv6. */
export function plainAddress(address: string): string {
  return MAPPED_V4.exec(address)?.[1] ?? address;
}

/** How many of the eight groups of an IPv6 address make the network that one party holds. */
const NETWORK_GROUPS = 4;

/**
 * Whose an address is, as far as limits are concerned: an IPv4 address stands for itself, an IPv6 address for
 * its network of 64 bits, all of which whoever holds it can use.
 */
export function addressGroup(address: string): string {
  const [bare = ''] = plainAddress(address).split('%');
  if (isIPv4(bare) || !isIPv6(bare)) return bare;
  const [before = '', after] = bare.split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
