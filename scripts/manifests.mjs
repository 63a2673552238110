// Checks that the manifests and READMEs of the public packages agree with repository.mjs; with --write, makes them agree.
// In a README, a file of the repository is named in backquotes, by its path from the root: `docs/cli.md`. With an
// address of the repository such a name is a link to it, so that it also works on npm.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { REPOSITORY } from './repository.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const isWrite = process.argv.includes('--write');

for (const name of readdirSync(`${root}packages`)) {
  const folder = `packages/${name}`;
  if (!existsSync(`${root}${folder}/package.json`)) continue;
  const manifest = JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8'));
  if (manifest.private) continue;
  settle(`${folder}/package.json`, `${JSON.stringify(withAddresses(manifest, folder), undefined, 2)}\n`);
  settle(`${folder}/README.md`, withLinks(readFileSync(`${root}${folder}/README.md`, 'utf8')));
}

/** The manifest with the addresses right after its license, or without them. */
function withAddresses(manifest, directory) {
  const result = {};
  for (const [key, value] of Object.entries(manifest)) {
    if (!['repository', 'homepage', 'bugs'].includes(key)) result[key] = value;
    if (key !== 'license' || REPOSITORY === undefined) continue;
    result.repository = { type: 'git', url: `git+${REPOSITORY}.git`, directory };
    result.homepage = `${REPOSITORY}/tree/main/${directory}#readme`;
    result.bugs = `${REPOSITORY}/issues`;
  }
  return result;
}

/** The page with links at the names of files, or without them. */
function withLinks(page) {
  return page
    .replaceAll(/\[(`[^`\]]+`)\]\(https?:[^)]*\/blob\/main\/[^)]*\)/g, '$1')
    .replaceAll(/`([\w.-]+\/[\w./-]+|[A-Z]+\.md)`/g, (code, path) =>
      REPOSITORY !== undefined && existsSync(root + path)
        ? `[${code}](${REPOSITORY}/blob/main/${path})`
        : code,
    );
}

function settle(path, wanted) {
  const found = readFileSync(root + path, 'utf8');
  const agrees = path.endsWith('.json')
    ? isDeepStrictEqual(Object.entries(JSON.parse(found)), Object.entries(JSON.parse(wanted)))
    : found === wanted;
  if (agrees) return;
  if (isWrite) {
    writeFileSync(root + path, wanted);
  } else {
    console.error(
      `${path} does not agree with scripts/repository.mjs. Run: node scripts/manifests.mjs --write`,
    );
    process.exitCode = 1;
  }
}
