import type { ClientConfigFile } from './clientConfigFile.js';
import { terminalJson } from '../output/terminalJson.js';
import type { Setting } from './clientSettings.js';

type Settings = Readonly<Record<string, Setting<string | number | boolean>>>;

/** Prints the settings with their sources as JSON. None of them is secret. */
export function printSettings(
  file: ClientConfigFile,
  profile: Setting<string> | undefined,
  connection: Settings,
  chat: Settings,
): void {
  const shown = {
    config: file.path ?? null,
    profile: profile ?? null,
    profiles: [...file.profiles.keys()],
    settings: { ...connection, chat },
  };
  process.stdout.write(`${terminalJson(shown, 2)}\n`);
}
