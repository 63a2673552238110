import { BlockList, isIP, SocketAddress } from 'node:net';
import { plainAddress } from './addressGroup.js';

/**
 * The usual form of an IP address: IPv6 shortened, IPv4 without the IPv4-mapped prefix, no zone. Undefined when it is
 * none.
 */
function usualAddress(text: string): string | undefined {
  const [address = ''] = plainAddress(text).split('%');
  const version = isIP(address);
  if (version === 0) return undefined;
  return plainAddress(new SocketAddress({ address, family: version === 4 ? 'ipv4' : 'ipv6' }).address);
}

/** The usual form of an IP address, or of a network such as `192.0.2.0/24`; undefined when it is neither. */
export function usualNetwork(text: string): string | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const usual = usualAddress(address);
  if (usual === undefined || prefix === undefined) return usual;
  const maxPrefix = isIP(usual) === 4 ? 32 : 128;
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > maxPrefix) return undefined;
  return `${usual}/${Number(prefix)}`;
}

/** Whether a usual form is that of a network. */
export function isNetwork(usual: string): boolean {
  return usual.includes('/');
}

/** A set of addresses and networks, each in its usual form. */
export class Networks {
  readonly #list = new BlockList();

  constructor(usual: Iterable<string>) {
    for (const network of usual) {
      const [address = '', prefix] = network.split('/');
      if (prefix === undefined) this.#list.addAddress(address, familyOf(address));
      else this.#list.addSubnet(address, Number(prefix), familyOf(address));
    }
  }

  /** `address` in any form. */
  has(address: string): boolean {
    const usual = usualAddress(address);
    return usual !== undefined && this.#list.check(usual, familyOf(usual));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
