/** The error codes of a machine that lacks an address or its address family. */
const LACKS_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Starts on the first host that this machine has. */
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
