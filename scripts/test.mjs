// Runs the tests. Arguments narrow them to a package or to a part of a path:
//   npm test -- @quietroom/protocol        npm test -- decoder --test-name-pattern=garbage
// Without `--tier` it runs the tests of every tier. `--test-reporter` is `spec` by default, or `tap`, `dot` or `junit`.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { dot, junit, spec, tap } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { findTests, root, TIERS } from './test-files.mjs';

/** The seconds that each file took when it last ran, by source. */
const timesFile = join(root, 'node_modules/.cache/test-times.json');

const REPORTERS = { spec: new spec(), tap, dot, junit };

const { options, filters } = readArguments();
const tests = findTests().filter(
  (test) =>
    (options.tier === undefined || test.tiers.includes(options.tier)) &&
    (filters.length === 0 ||
      filters.some((filter) => test.package === filter || test.source.includes(filter))),
);
if (tests.length === 0)
  fail(filters.length === 0 ? 'No tests found.' : `No tests found for: ${filters.join(' ')}`);

const times = readTimes();
// The longest first, so that no core waits at the end; a file that never ran may be long.
tests.sort((a, b) => (times[b.source] ?? Infinity) - (times[a.source] ?? Infinity) || 0);

process.env.QUIETROOM_TEST_TIER = options.tier ?? ''; // for propertyRuns() of testing
process.execArgv.push('--enable-source-maps'); // the runner hands them on to the process of each file
const events = run({
  files: tests.map((test) => join(root, test.compiled)),
  // Most tests wait for a socket or for a child process.
  concurrency: 2 * availableParallelism(),
  // For each file.
  timeout: tests.some(({ tiers }) => tiers.includes('slow')) ? 900_000 : 300_000,
  testNamePatterns: options['test-name-pattern'],
});

const sources = new Map(
  tests.flatMap(({ source, compiled }) => [source, compiled].map((file) => [join(root, file), source])),
);
const measured = {};
events.on('test:pass', measure);
events.on('test:fail', (event) => {
  if (event.todo === undefined) process.exitCode = 1;
  measure(event);
});
if (options['test-name-pattern'] === undefined)
  events.once('end', () => writeTimes({ ...times, ...measured }));

events.compose(REPORTERS[options['test-reporter']]).pipe(process.stdout);

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        tier: { type: 'string' },
        'test-name-pattern': { type: 'string', multiple: true },
        'test-reporter': { type: 'string', default: 'spec' },
      },
    });
    mustBeOneOf('--tier', values.tier, TIERS);
    mustBeOneOf('--test-reporter', values['test-reporter'], Object.keys(REPORTERS));
    return { options: values, filters: positionals };
  } catch (error) {
    return fail(error.message);
  }
}

function mustBeOneOf(option, value, allowed) {
  if (value !== undefined && !allowed.includes(value))
    fail(`${option} must be one of ${allowed.join(', ')}, not "${value}".`);
}

function measure({ nesting, file, details }) {
  const source = sources.get(file);
  if (nesting === 0 && source !== undefined)
    measured[source] = (measured[source] ?? 0) + Math.round(details.duration_ms) / 1000;
}

function readTimes() {
  try {
    return JSON.parse(readFileSync(timesFile, 'utf8'));
  } catch {
    return {}; // nothing has run yet, or another run is writing
  }
}

function writeTimes(all) {
  mkdirSync(dirname(timesFile), { recursive: true });
  writeFileSync(timesFile, JSON.stringify(all, undefined, 2));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
