// Runs the tests. Arguments narrow them to a package or to a part of a path; options go to `node --test`:
//   npm test -- @quietroom/protocol        npm test -- decoder --test-name-pattern=garbage

import { spawnSync } from 'node:child_process';
import { findTests, root } from './test-files.mjs';

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('-'));
const filters = args.filter((arg) => !arg.startsWith('-'));

const tests = findTests().filter(
  (test) =>
    filters.length === 0 || filters.some((filter) => test.package === filter || test.source.includes(filter)),
);
if (tests.length === 0) {
  console.error(filters.length === 0 ? 'No tests found.' : `No tests found for: ${filters.join(' ')}`);
  process.exit(1);
}

const { status } = spawnSync(
  process.execPath,
  [
    '--enable-source-maps',
    '--test',
    ...(options.some((option) => option.startsWith('--test-reporter')) ? [] : ['--test-reporter=spec']),
    '--test-timeout=300000',
    ...options,
    ...tests.map((test) => test.compiled),
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
