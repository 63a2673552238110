// Finds links inside a folder that lead to no file or no anchor.

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** The folders without pages of ours. */
const SKIPPED = new Set(['node_modules', 'dist', 'dist-test', 'dist-bench', '.git', '.nodes']);

/** Paths of all files below `folder` that end in `suffix`. */
export function filesBelow(folder, suffix) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path, suffix);
    return entry.name.endsWith(suffix) ? [path] : [];
  });
}

/**
 * Prints each broken link and sets the exit code. `pages` maps the path of each page to `{ links, anchors }`: the
 * addresses that it links to, and the set of its anchors. Links to other hosts are not followed.
 */
export function reportBrokenLinks(root, pages) {
  let count = 0;
  for (const [path, { links }] of pages) {
    for (const link of links) {
      count++;
      const problem = problemOf(link, path, pages);
      if (problem === undefined) continue;
      console.error(`${relative(root, path)}: ${link}: ${problem}`);
      process.exitCode = 1;
    }
  }
  console.log(`${count} links on ${pages.size} pages checked.`);
}

function problemOf(link, path, pages) {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [address = '', anchor = ''] = link.split('#');
  const target = resolve(dirname(path), decodeURIComponent(address.split('?')[0]));
  if (address !== '' && !existsSync(target)) return 'there is no such file';
  if (anchor === '') return undefined;
  const page = pages.get(address === '' ? path : target) ?? pages.get(join(target, 'index.html'));
  if (page === undefined) return 'only pages have anchors';
  return page.anchors.has(decodeURIComponent(anchor)) ? undefined : 'the page has no such anchor';
}
