// Packs every public package and checks what its users would get.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));

for (const folder of readdirSync(packages).sort()) {
  const pkgDir = `${packages}${folder}`;
  if (!existsSync(`${pkgDir}/package.json`)) continue;
  const manifest = JSON.parse(readFileSync(`${pkgDir}/package.json`, 'utf8'));
  if (manifest.private) continue;

  const { messages } = await publint({ pkgDir, pack: 'npm', strict: true });
  for (const message of messages) complain(folder, formatMessage(message, manifest));
  for (const file of ['README.md', 'LICENSE']) {
    if (!existsSync(`${pkgDir}/${file}`)) complain(folder, `has no ${file} to be packed with it`);
  }
}

function complain(folder, text) {
  console.error(`packages/${folder}: ${text}`);
  process.exitCode = 1;
}
