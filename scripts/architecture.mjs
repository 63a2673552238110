// Draws the folders of each package and the imports between them, from the sources: docs/images/architecture-NAME.svg.
// An arrow that others imply is left out. With --check it writes nothing, and fails when ARCHITECTURE.md names a file
// that does not exist, leaves one out, or a picture is out of date.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instance } from '@viz-js/viz';
import { folderImports, sourcesOf } from './arrows.mjs';
import { LAYERS } from './layers.mjs';
import { root } from './test-files.mjs';

const isCheck = process.argv.includes('--check');
const images = join(root, 'docs/images');
const viz = await instance();
const complaints = [];

for (const name of Object.keys(LAYERS)) {
  const path = join(images, `architecture-${name}.svg`);
  const svg = viz.renderString(graphOf(name), { format: 'svg' });
  if (!isCheck) {
    mkdirSync(images, { recursive: true });
    writeFileSync(path, svg);
  } else if (readIfAny(path) !== svg) {
    complaints.push(`docs/images/architecture-${name}.svg is out of date. Run npm run docs:architecture.`);
  }
}
if (isCheck) checkPage();
for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;

/** A package's folders as a graph for Graphviz. */
function graphOf(name) {
  const imports = folderImports(name);
  const lines = [...imports.keys()].map((folder) => {
    const { length } = sourcesOf(name).filter((file) => folderOf(file) === folder);
    const title = folder === '.' ? `packages/${name}/src` : folder;
    return `"${folder}" [label="${title}\\n${length} ${length === 1 ? 'file' : 'files'}"]`;
  });
  for (const [folder, targets] of withoutImplied(imports)) {
    for (const target of targets) lines.push(`"${folder}" -> "${target}"`);
  }
  return `digraph "${name}" {
    bgcolor=white; rankdir=TB; nodesep=0.25; ranksep=0.4;
    node [shape=box style="rounded,filled" fillcolor="#eef3f8" color="#7a8ca0" fontname="Helvetica" fontsize=11];
    edge [color="#7a8ca0" arrowsize=0.6];
    ${lines.join(';\n    ')};
  }`;
}

/** Leaves out each arrow whose target is also reached by way of another. */
function withoutImplied(imports) {
  const reached = new Map();
  const reach = (folder) => {
    const known = reached.get(folder);
    if (known) return known;
    const targets = new Set(imports.get(folder));
    reached.set(folder, targets);
    for (const target of imports.get(folder) ?? []) for (const further of reach(target)) targets.add(further);
    return targets;
  };
  return [...imports].map(([folder, targets]) => [
    folder,
    [...targets].filter(
      (target) => ![...targets].some((other) => other !== target && reach(other).has(target)),
    ),
  ]);
}

function folderOf(file) {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.';
}

/** Each table row of the page names one file, in the section of its package and below the heading of its folder. */
function checkPage() {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  for (const name of Object.keys(LAYERS)) {
    const section = page.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? '';
    const named = new Set();
    for (const [, title, rows] of section.matchAll(
      /^### `([^`]+)`[^\n]*\n([\s\S]*?)(?=^### |(?![\s\S]))/gm,
    )) {
      const folder = title === 'src' ? '' : `${title}/`;
      for (const [, file] of rows.matchAll(/^\| `([\w.-]+\.ts)`/gm)) named.add(folder + file);
    }
    const files = new Set(sourcesOf(name));
    for (const file of files) {
      if (!named.has(file)) complaints.push(`ARCHITECTURE.md has no row for packages/${name}/src/${file}.`);
    }
    for (const file of named) {
      if (!files.has(file))
        complaints.push(`ARCHITECTURE.md names packages/${name}/src/${file}, which does not exist.`);
    }
  }
}

function readIfAny(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
