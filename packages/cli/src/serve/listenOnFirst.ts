/** What a machine without an address, or without its kind of addresses, answers. */
const LACKS_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Starts on the first of the hosts that this machine has. */
export async function listenOnFirst<T>(
  hosts: readonly [string, ...string[]],
  start: (host: string) => Promise<T>,
): Promise<T> {
  const [host, next, ...others] = hosts;
  try {
    return await start(host);
  } catch (error) {
    const isLacking = error instanceof Error && 'code' in error && LACKS_ADDRESS.includes(String(error.code));
    if (!isLacking || next === undefined) throw error;
    return listenOnFirst([next, ...others], start);
  }
}
