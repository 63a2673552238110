// What the sources of a package import from each other, and whether that follows the order of layers.mjs. As a command:
// complains of imports that go upwards, and of folders of sources or tests that have grown too large.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAYERS, MAX_FILES } from './layers.mjs';
import { root } from './test-files.mjs';

/** The source files of a package, relative to its `src`. */
export function sourcesOf(name) {
  return filesBelow(sourceFolder(name));
}

/** Each folder of a package that holds files, with the folders that it imports from. */
export function folderImports(name) {
  const folders = new Map();
  for (const file of sourcesOf(name)) {
    const from = dirname(file);
    if (!folders.has(from)) folders.set(from, new Set());
    for (const target of importsOf(name, file))
      if (dirname(target) !== from) folders.get(from).add(dirname(target));
  }
  // The errors at the root are used everywhere; an arrow to the root would only tell that.
  for (const targets of folders.values()) targets.delete('.');
  return folders;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const complaints = Object.keys(LAYERS).flatMap((name) => [...upwardImports(name), ...largeFolders(name)]);
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}

function upwardImports(name) {
  const layers = LAYERS[name];
  const complaints = [];
  for (const file of sourcesOf(name)) {
    const path = `packages/${name}/src/${file}`;
    const from = layerOf(file, layers);
    if (from === undefined) {
      complaints.push(`${path} is in a folder that scripts/layers.mjs does not list.`);
      continue;
    }
    for (const target of importsOf(name, file)) {
      const to = layerOf(target, layers);
      if (to === undefined || to.height < from.height || to.folder === from.folder) continue;
      complaints.push(`${path} imports upwards: ${target}`);
    }
  }
  return complaints;
}

function largeFolders(name) {
  const folders = ['src', 'test'].flatMap((part) => {
    const folder = join(root, 'packages', name, part);
    return [folder, ...foldersBelow(folder)];
  });
  return folders.flatMap((folder) => {
    const { length } = readdirSync(folder).filter((file) => file.endsWith('.ts'));
    if (length <= MAX_FILES) return [];
    return [`${slashed(relative(root, folder))} has ${length} files; the most is ${MAX_FILES}.`];
  });
}

/** The layer that a file belongs to and its height in the list; undefined when no entry matches. */
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

/** The sources that a file imports from its own package, types and dynamic imports included. */
function importsOf(name, file) {
  const sources = sourceFolder(name);
  const text = readFileSync(join(sources, file), 'utf8');
  return [...text.matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)\.js'/gm)].map(([, target]) =>
    slashed(relative(sources, join(sources, dirname(file), `${target}.ts`))),
  );
}

function sourceFolder(name) {
  return join(root, 'packages', name, 'src');
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
