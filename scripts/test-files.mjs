// Finds the compiled tests whose source still exists: compiling does not remove what earlier sources left behind.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export const TIERS = ['fast', 'e2e', 'slow'];

/** The tiers of a test by the end of its name. Properties have few runs in the fast tier, and all in the slow one. */
const TIERS_BY_SUFFIX = { e2e: ['e2e'], slow: ['slow'], properties: ['fast', 'slow'] };

/** Every test as `{ package, tiers, source, compiled }`, the paths relative to the root, in a fixed order. */
export function findTests() {
  const folders = readdirSync(join(root, 'packages'))
    .sort()
    .map((name) => ({ folder: `packages/${name}`, sources: 'test', output: 'dist-test' }));
  for (const folder of ['testing', 'fuzz']) folders.push({ folder, sources: 'src', output: 'dist' });
  return folders.flatMap(({ folder, sources, output }) => {
    const manifest = join(root, folder, 'package.json');
    if (!existsSync(manifest) || !existsSync(join(root, folder, sources))) return [];
    const { name } = JSON.parse(readFileSync(manifest, 'utf8'));
    return readdirSync(join(root, folder, sources), { recursive: true })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.test.ts'))
      .sort()
      .map((file) => ({
        package: name,
        tiers: TIERS_BY_SUFFIX[/\.(\w+)\.test\.ts$/.exec(file)?.[1]] ?? ['fast'],
        source: `${folder}/${sources}/${file}`,
        compiled: `${folder}/${output}/${file.replace(/ts$/, 'js')}`,
      }));
  });
}
