import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// oxlint-disable no-restricted-imports -- The readers of configuration files are internals of the command.
import { Failure } from '../../packages/cli/dist/failures/failure.js';
import { readClientConfig } from '../../packages/cli/dist/settings/clientConfigFile.js';
import { readConfigFile } from '../../packages/cli/dist/settings/serverConfigFile.js';
// oxlint-enable no-restricted-imports
import { holds, type Target } from './target.js';

const folder = mkdtempSync(join(tmpdir(), 'quietroom-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A file is read, or refused by a Failure that names it in one line. */
function configTarget(
  name: string,
  file: string,
  read: (path: string) => unknown,
  seeds: readonly string[],
): Target {
  const path = join(folder, file);
  return {
    name,
    words: [
      '{',
      '}',
      '"',
      ':',
      ',',
      'null',
      'true',
      '1',
      '-1',
      '1e999',
      '[]',
      '"__proto__":',
      ...seeds.flatMap((seed) => seed.match(/"[a-zA-Z_]+"/g) ?? []),
    ],
    seeds: () => seeds.map((seed) => Buffer.from(seed)),
    run(input) {
      writeFileSync(path, input);
      try {
        read(path);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        holds('a refusal names the file', error.message.includes(file));
        holds('a refusal is one line', !error.message.includes('\n'));
      }
    },
  };
}

export const configTargets: readonly Target[] = [
  configTarget('server-config', 'server_config.json', () => readConfigFile(folder), [
    '{"port": 4000, "host": "::", "log_file": "-", "log_format": "text", "metrics_port": 9464, "generation": "1.2"}',
    '{"max_connections": 10, "idle_timeout_seconds": 5, "padding": "random", "security_log_file": null}',
    '{}',
  ]),
  configTarget('client-config', 'quietroom.config.json', readClientConfig, [
    '{"profile": "home", "profiles": {"home": {"host": "chat.example", "port": 1, "cert": "home.pem", "username": "alice"}}}',
    '{"host": "::1", "connectTimeout": 5, "chat": {"theme": "light", "bell": true, "quietHours": "22:00-07:00", "downloads": "x"}}',
    '{}',
  ]),
];
