// Writes what is made from the definitions of the command line; with --check, fails when it is not up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { daemonSchema } from '#src/daemon/protocol/daemonSchema.js';
import { configSchema } from '#src/settings/clientSchema.js';
import { cliPage } from './cliPage.mjs';
import { daemonPage } from './daemonPage.mjs';
import { serverPage } from './serverPage.mjs';

const isCheck = process.argv.includes('--check');

await write('../quietroom.config.schema.json', `${JSON.stringify(configSchema(), undefined, 2)}\n`);
await write('../quietroom.daemon.schema.json', `${JSON.stringify(daemonSchema(), undefined, 2)}\n`);
await write('../../../docs/cli.md', cliPage());
await write('../../../docs/daemon.md', daemonPage(read('../../../docs/daemon.md')));
await write('../../../docs/server.md', serverPage(read('../../../docs/server.md')));

function read(path) {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

async function write(path, text) {
  const url = new URL(path, import.meta.url);
  const formatted = await format(text, { ...(await resolveConfig(url)), filepath: url.pathname });
  if (!isCheck) {
    writeFileSync(url, formatted);
  } else if (readFileSync(url, 'utf8') !== formatted) {
    console.error(`${path} is not up to date. Run: npm run docs:cli`);
    process.exitCode = 1;
  }
}
