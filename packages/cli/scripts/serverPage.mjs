// The tables of docs/server.md that follow from definitions.

import { SERVER_METRICS } from '#src/serve/serverMetrics.js';
import { configKeyOf, SERVE_KEYS } from '#src/settings/serverKeys.js';
import { RELOADABLE_KEYS } from '#src/settings/serverReloadableKeys.js';
import { code, table, withTable } from './markdown.mjs';

/** The page with its tables made anew. */
export function serverPage(page) {
  return withTable(withTable(page, '### server_config.json', keysTable()), '### Metrics', metricsTable());
}

function keysTable() {
  return table(
    ['key', 'default', 'SIGHUP', 'meaning'],
    [
      ...Object.values(SERVE_KEYS).map(({ name, fallback, fallbackText, meaning }) => [
        code(configKeyOf(name)),
        fallbackText ?? JSON.stringify(fallback),
        'no',
        meaning,
      ]),
      ...RELOADABLE_KEYS.map(({ option, fallbackText, meaning }) => [
        code(configKeyOf(option)),
        fallbackText,
        'yes',
        meaning ?? `${code(option)}, see [Limits](#limits)`,
      ]),
    ],
  );
}

function metricsTable() {
  return table(
    ['metric', 'type', 'meaning'],
    SERVER_METRICS.map(({ name, type, help }) => [code(name), type, help]),
  );
}
