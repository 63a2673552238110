import { isIPv4, isIPv6 } from 'node:net';

/** An IPv4-mapped IPv6 address. */
const MAPPED_V4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The usual form of an address: IPv4 without the IPv4-mapped prefix. */
export function plainAddress(address: string): string {
  return MAPPED_V4.exec(address)?.[1] ?? address;
}

/** The groups of an IPv6 address that make up the network prefix. */
const NETWORK_GROUPS = 4;

/**
 * The network to which limits apply: an IPv4 address itself, or the 64-bit network of an IPv6 address,
 * since its holder can use all addresses in it.
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
