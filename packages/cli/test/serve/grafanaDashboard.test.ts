import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { serverMetrics } from '#src/serve/serverMetrics.js';

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}

const TEXT = readFileSync(new URL('../../../../deploy/grafana-dashboard.json', import.meta.url), 'utf8');

suite('deploy/grafana-dashboard.json', () => {
  test('queries metrics and labels of the server, and no others', async () => {
    const { panels, templating } = JSON.parse(TEXT) as Dashboard; // a wrong shape fails below
    await using server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
    const samples = serverMetrics(server.stats()).flatMap(({ name, samples: those }) =>
      those.map(({ suffix = '', labels = {} }) => ({
        name: `${name}${suffix}`,
        labels: Object.keys(labels),
      })),
    );
    const names = new Set(samples.map(({ name }) => name));
    const labels = new Set(samples.flatMap((sample) => sample.labels));

    const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
    assert.ok(queries.length >= panels.length && panels.length > 0);
    for (const { title, expr } of queries) {
      const named = expr.match(/\b(?:quietroom|process)_\w+/g) ?? [];
      assert.equal(named.length, 1, `${title}: ${expr}`);
      for (const name of named) assert.ok(names.has(name), `${title}: there is no metric ${name}`);
      for (const [, label = ''] of expr.matchAll(/ by \((\w+)\)/g)) {
        assert.ok(labels.has(label), `${title}: there is no label ${label}`);
      }
    }
    for (const { query } of templating.list) {
      for (const name of query.match(/\bquietroom_\w+/g) ?? []) assert.ok(names.has(name), name);
    }
  });
});
