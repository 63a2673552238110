// Checks the links of the Markdown pages: each leads to a file, and to a heading of that file when it names one. A page
// that is packed with a package must not link to a file outside that package.

import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import { filesBelow, reportBrokenLinks } from './brokenLinks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const markdown = new MarkdownIt({ html: true });
const pages = new Map(filesBelow(root, '.md').map((path) => [path, read(path)]));

reportBrokenLinks(root, pages);
for (const [path, { links }] of pages) {
  const [top, name] = relative(root, path).split(sep);
  if (top !== 'packages') continue;
  for (const link of links) {
    if (/^[a-z][a-z+.-]*:|^#/i.test(link)) continue;
    if (resolve(dirname(path), link).startsWith(join(root, top, name) + sep)) continue;
    console.error(`${relative(root, path)}: ${link}: leads out of the package; name the file in backquotes`);
    process.exitCode = 1;
  }
}

function read(path) {
  const links = [];
  const anchors = new Set();
  const tokens = markdown.parse(readFileSync(path, 'utf8'), {});
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open') anchors.add(unique(slug(textOf(tokens[index + 1])), anchors));
    for (const child of token.children ?? []) {
      const link = child.attrGet('href') ?? child.attrGet('src');
      if (link !== null) links.push(link);
    }
  }
  return { links, anchors };
}

function textOf(inline) {
  return inline.children.map((child) => child.content).join('');
}

/** The anchor that GitHub gives to a heading. */
function slug(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

function unique(anchor, taken) {
  let candidate = anchor;
  for (let count = 1; taken.has(candidate); count++) candidate = `${anchor}-${count}`;
  return candidate;
}
