import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { TestContext } from 'node:test';

/** An empty folder that goes when the test ends. */
export function scratchFolder(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'quietroom-files-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What this process holds open in the folder; undefined where the system does not tell. */
export function openIn(folder: string): string[] | undefined {
  let descriptors;
  try {
    descriptors = readdirSync('/proc/self/fd');
  } catch {
    return undefined;
  }
  return descriptors.map(pathOf).filter((path) => path.startsWith(folder + sep));
}

function pathOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The one that listed the folder is closed again.
    return '';
  }
}
