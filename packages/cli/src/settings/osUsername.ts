import { userInfo } from 'node:os';

/** As long as servers take. */
const MAX_NAME_BYTES = 32;

/** The user of the system, as a name that servers take and that can be answered: `alice`, else `user`. */
export function osUsername(): string {
  let name = '';
  try {
    name = userInfo().username;
  } catch {
    // The user has no entry in the system's list, as in some containers.
  }
  const taken = name.replaceAll(/[^A-Za-z0-9_.-]/g, '').slice(0, MAX_NAME_BYTES);
  return taken === '' ? 'user' : taken;
}
