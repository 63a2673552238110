// Reports what the tests of packages/protocol cover, and fails below the thresholds.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTests, root } from './test-files.mjs';

if (Number(process.versions.node.split('.')[0]) < 24) {
  fail(`Coverage needs Node 24 or newer; this is Node ${process.versions.node}. To get one and use it:
  node scripts/nodes.mjs 24 -- npm run coverage`);
}

const tests = findTests().filter((test) => test.package === '@quietroom/protocol');
if (tests.length === 0) fail('No tests found for @quietroom/protocol.');

const lcov = 'packages/protocol/dist-test/coverage.lcov';
const { status } = spawnSync(
  process.execPath,
  [
    '--enable-source-maps',
    '--test',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=lcov',
    `--test-reporter-destination=${lcov}`,
    '--test-timeout=300000',
    '--experimental-test-coverage',
    // Both: a file counts when the compiled one and its source match.
    '--test-coverage-include=packages/protocol/dist/**',
    '--test-coverage-include=packages/protocol/src/**',
    '--test-coverage-lines=98',
    '--test-coverage-branches=95',
    '--test-coverage-functions=98',
    ...tests.map((test) => test.compiled),
  ],
  { cwd: root, stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);

// A report without files counts as full coverage.
if (!readFileSync(join(root, lcov), 'utf8').includes('SF:')) fail('The coverage report holds no file.');

function fail(message) {
  console.error(message);
  process.exit(1);
}
