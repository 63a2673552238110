import type { ClientConfigFile } from './clientConfigFile.js';
import { terminalJson } from '../output/terminalJson.js';
import type { Setting } from './clientSettings.js';

type Settings = Readonly<Record<string, Setting<string | number | boolean>>>;

/** Prints the settings as JSON, each with where it comes from. There is no secret among them. */
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
