import { userInfo } from 'node:os';
import { MAX_NAME_BYTES } from '@quietroom/protocol/constants';

/** The system's user as a valid username without blanks, such as `alice`; otherwise `user`. */
export function osUsername(): string {
  let name = '';
  try {
    name = userInfo().username;
  } catch {
    // The user has no entry in the user database, as in some containers.
  }
  const taken = name.replaceAll(/[^A-Za-z0-9_.-]/g, '').slice(0, MAX_NAME_BYTES);
  return taken === '' ? 'user' : taken;
}
