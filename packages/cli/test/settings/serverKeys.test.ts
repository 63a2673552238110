import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { RELOADABLE_DEFAULTS } from '@quietroom/server';
import { CHAT_KEYS, CONNECTION_KEYS } from '#src/settings/clientKeys.js';
import { configKeyOf, SERVE_KEYS } from '#src/settings/serverKeys.js';
import { RELOADABLE_KEYS } from '#src/settings/serverReloadableKeys.js';
import { readConfigFile } from '#src/settings/serverConfigFile.js';
import { serveSettings } from '#src/settings/serverSettings.js';
import { SERVER_METRICS } from '#src/serve/serverMetrics.js';
import { Folder } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';

const PAGE = readFileSync(new URL('../../../../docs/server.md', import.meta.url), 'utf8');

suite('the keys of server_config.json', () => {
  test('are those of existing servers, and one for each option that can be changed', () => {
    const keys = [
      ...Object.values(SERVE_KEYS).map(({ name }) => configKeyOf(name)),
      ...RELOADABLE_KEYS.map(({ option }) => configKeyOf(option)),
    ];
    const existing =
      'port log_file security_log_file decoy_traffic decoy_interval_seconds decoy_min_bytes decoy_max_bytes';
    const made = 'idle_timeout_seconds password_lockout_seconds max_rooms';
    for (const key of `${existing} ${made}`.split(' ')) {
      assert.ok(keys.includes(key), key);
    }
    assert.equal(new Set(keys).size, keys.length);
    const options = RELOADABLE_KEYS.map(({ option }) => option);
    assert.deepEqual(new Set(options), new Set(Object.keys(RELOADABLE_DEFAULTS)));
  });

  test('are in docs/server.md, as a table', () => {
    const rows = tableUnder('### server_config.json');
    assert.deepEqual(
      rows.slice(1).map(([key]) => key),
      [
        ...Object.values(SERVE_KEYS).map(({ name }) => `\`${configKeyOf(name)}\``),
        ...RELOADABLE_KEYS.map(({ option }) => `\`${configKeyOf(option)}\``),
      ],
    );
    const meanings = rows.map(([, , , meaning]) => meaning);
    for (const { meaning } of Object.values(SERVE_KEYS)) assert.ok(meanings.includes(meaning), meaning);
  });

  test('have deprecated names; the current name counts when both are given', async () => {
    await using folder = await Folder.make();
    const versionOf = async (config: object): Promise<string> => {
      await folder.write('server_config.json', JSON.stringify(config));
      const file = readConfigFile(folder.path);
      assert.deepEqual(file.unknownKeys, []);
      return serveSettings({ dir: folder.path }, file).protocolVersion;
    };
    assert.equal(await versionOf({}), '1.2');
    assert.equal(await versionOf({ generation: '1.1' }), '1.1');
    assert.equal(await versionOf({ protocol_version: '1.1' }), '1.1');
    assert.equal(await versionOf({ generation: '1.1', protocol_version: '1.2' }), '1.2');
    await assert.rejects(versionOf({ generation: '2' }), /generation must be "1\.1" or "1\.2"/);
  });
});

test('Each default is a valid value of its setting', () => {
  for (const { name, kind, fallback } of [CONNECTION_KEYS, CHAT_KEYS, SERVE_KEYS].flatMap((table) =>
    Object.values(table),
  )) {
    if (fallback !== undefined) assert.equal(kind.fromJson(fallback), fallback, name);
  }
});

test('Deprecated options are accepted, and hidden in the help', async () => {
  const { stdout } = await runHere(['serve', '--help']);
  assert.match(stdout, /--protocol-version/);
  assert.doesNotMatch(stdout, /--generation/);
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
