import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { suite } from 'node:test';
import { HELP, KEY_HELP, MAX_DM_THREADS, MAX_SCROLLBACK_BYTES, MAX_ENTRIES } from '@quietroom/chat';

/** The rows of the first table below a heading, as they are in the help. */
function table(page: string, heading: string): string[][] {
  const [, below = ''] = page.split(`\n## ${heading}\n`);
  const [, ...lines] = /\n(\|[^]*?)\n\n/.exec(below)?.[1]?.split('\n') ?? [];
  return lines.slice(1).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, 3)
      .map((cell) =>
        cell
          .trim()
          .replaceAll('`', '')
          .replaceAll(String.raw`\|`, '|'),
      ),
  );
}

function helpRows(help: string): string[][] {
  return help
    .split('\n')
    .slice(1)
    .map((line) => /^ {2}(.*?) {2,}(.*)$/.exec(line)?.slice(1, 3) ?? []);
}

suite('docs/chat.md', () => {
  test('has the commands, keys and limits that there are', async () => {
    const page = await readFile(new URL('../../../../docs/chat.md', import.meta.url), 'utf8');
    assert.deepEqual(table(page, 'Commands'), helpRows(HELP));
    assert.deepEqual(table(page, 'Keys'), helpRows(KEY_HELP));
    assert.match(page, new RegExp(`last ${MAX_ENTRIES.toLocaleString('en')} entries`));
    assert.match(page, new RegExp(`at most ${MAX_SCROLLBACK_BYTES / 1_000_000} MB`));
    assert.match(page, new RegExp(`at most\\s+${MAX_DM_THREADS}, `));
  });
});
