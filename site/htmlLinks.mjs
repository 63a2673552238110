// Checks the links of the built site: each leads to a file of the site, and to an element of it when it names one.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filesBelow, reportBrokenLinks } from './brokenLinks.mjs';

const root = fileURLToPath(new URL('dist', import.meta.url));
const pages = new Map(filesBelow(root, '.html').map((path) => [path, read(path)]));

// The icons are symbols in a file of their own.
for (const path of filesBelow(root, '.svg')) pages.set(path, read(path));
reportBrokenLinks(root, pages);

function read(path) {
  const html = readFileSync(path, 'utf8');
  return {
    links: valuesOf(html, /\s(?:href|src)="([^"]*)"/g),
    anchors: new Set(valuesOf(html, /\sid="([^"]*)"/g)),
  };
}

function valuesOf(html, attribute) {
  return [...html.matchAll(attribute)].map(([, value]) =>
    value.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'"),
  );
}
