import { clientSettings } from '../settings/clientSettings.js';

/** What a script asks for the names of profiles, which it cannot hold. */
export const PROFILES_COMMAND = 'quietroom completion profiles';

/** The profiles of the configuration file that would be used here. */
export async function profileNames(): Promise<string[]> {
  const { profiles } = await clientSettings({});
  return profiles.map(({ name }) => name);
}
