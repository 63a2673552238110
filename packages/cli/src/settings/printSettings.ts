import type { ClientConfigFile } from './clientConfigFile.js';
import { terminalJson } from '../output/terminalJson.js';
import type { Setting } from './setting.js';
import type { Found } from './sources.js';

type Table = Readonly<Record<string, Setting>>;
type Settings = Readonly<Record<string, Found>>;

/** Prints the settings with their sources as JSON. None of them is secret. */
export function printSettings(
  file: ClientConfigFile,
  profile: Found | undefined,
  connection: object,
  chat: object,
): void {
  const shown = {
    config: file.path ?? null,
    profile: profile ?? null,
    profiles: [...file.profiles.keys()],
    settings: { ...connection, chat },
  };
  process.stdout.write(`${terminalJson(shown, 2)}\n`);
}

/** Settings by their public names. */
export function byName(table: Table, found: Settings): object {
  return Object.fromEntries(Object.entries(table).map(([key, { name }]) => [name, found[key]]));
}
