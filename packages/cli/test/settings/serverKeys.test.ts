import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { RELOADABLE_DEFAULTS } from '@quietroom/server';
import { CONFIG_KEYS, isReloadable } from '#src/settings/serverKeys.js';
import { SERVER_METRICS } from '#src/serve/serverMetrics.js';

const PAGE = readFileSync(new URL('../../../../docs/server.md', import.meta.url), 'utf8');

suite('the keys of server_config.json', () => {
  test('are those of existing servers, and one for each option that can be changed', () => {
    const keys = CONFIG_KEYS.map(({ key }) => key);
    const existing =
      'port log_file security_log_file decoy_traffic decoy_interval_seconds decoy_min_bytes decoy_max_bytes';
    const made = 'idle_timeout_seconds password_lockout_seconds max_rooms';
    for (const key of `${existing} ${made}`.split(' ')) {
      assert.ok(keys.includes(key), key);
    }
    assert.equal(new Set(keys).size, keys.length);
    const options = CONFIG_KEYS.filter(isReloadable).map(({ option }) => option);
    assert.deepEqual(new Set(options), new Set(Object.keys(RELOADABLE_DEFAULTS)));
  });

  test('are in docs/server.md, as a table', () => {
    const rows = CONFIG_KEYS.map((one) => [
      `\`${one.key}\``,
      one.fallback,
      isReloadable(one) ? 'yes' : 'no',
      one.meaning ?? `\`${one.option}\`, see [Limits](#limits)`,
    ]);
    assert.deepEqual(tableUnder('### server_config.json'), [
      ['key', 'default', 'SIGHUP', 'meaning'],
      ...rows,
    ]);
  });
});

test('The metrics are in docs/server.md, as a table', () => {
  const rows = SERVER_METRICS.map(({ name, type, help }) => [`\`${name}\``, type, help]);
  assert.deepEqual(tableUnder('### Metrics'), [['metric', 'type', 'meaning'], ...rows]);
});

/** The cells of the first table behind the heading. */
function tableUnder(heading: string): string[][] {
  const section = PAGE.slice(PAGE.indexOf(`\n${heading}\n`) + 1);
  const start = section.indexOf('\n|') + 1;
  const lines = section.slice(start, section.indexOf('\n\n', start)).split('\n');
  return lines
    .filter((line) => !line.startsWith('| -'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}
