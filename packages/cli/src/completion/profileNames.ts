import { clientSettings } from '../settings/clientSettings.js';

/** The query of the scripts for profile names, which are not known when a script is made. */
export const PROFILES_COMMAND = 'quietroom completion profiles';

/** The profiles of the configuration file in effect. */
export async function profileNames(): Promise<string[]> {
  const { profiles } = await clientSettings({});
  return profiles.map(({ name }) => name);
}
