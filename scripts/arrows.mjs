// Checks what the linter cannot: imports between folders only go down the list of layers.mjs, and no folder of sources or
// tests has grown too large.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { LAYERS, MAX_FILES } from './layers.mjs';
import { root } from './test-files.mjs';

const complaints = [];
for (const [name, layers] of Object.entries(LAYERS)) {
  checkArrows(name, layers);
  for (const part of ['src', 'test']) checkSizes(join(root, 'packages', name, part));
}
for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;

function checkArrows(name, layers) {
  const sources = join(root, 'packages', name, 'src');
  for (const file of filesBelow(sources)) {
    const from = layerOf(file, layers);
    if (from === undefined) {
      complaints.push(`packages/${name}/src/${file} is in a folder that scripts/layers.mjs does not list.`);
      continue;
    }
    for (const imported of importsOf(join(sources, file))) {
      const target = slashed(relative(sources, join(sources, dirname(file), imported)));
      const to = layerOf(target, layers);
      if (to === undefined || to.height < from.height || to.folder === from.folder) continue;
      complaints.push(`packages/${name}/src/${file} imports upwards: ${target}`);
    }
  }
}

function checkSizes(folder) {
  for (const below of [folder, ...foldersBelow(folder)]) {
    const count = readdirSync(below).filter((file) => file.endsWith('.ts')).length;
    const path = slashed(relative(root, below));
    if (count > MAX_FILES)
      complaints.push(`${path} has ${count} files; more than ${MAX_FILES} hide the structure.`);
  }
}

/** The layer of a file, and its height in the list; undefined when no entry matches. */
function layerOf(file, layers) {
  let best;
  for (const [height, entry] of layers.entries()) {
    for (const folder of [entry].flat()) {
      const matches = folder === file || dirname(file) === folder || file.startsWith(`${folder}/`);
      if (matches && (best === undefined || folder.length > best.folder.length)) best = { folder, height };
    }
  }
  return best;
}

/** The relative imports of a file, types and dynamic ones included, as paths of sources. */
function importsOf(path) {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)\.js'/gm)].map(
    ([, target]) => `${target}.ts`,
  );
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map(slashed)
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

function foldersBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function slashed(path) {
  return path.replaceAll('\\', '/');
}
