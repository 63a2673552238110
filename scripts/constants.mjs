// Each constant once: fails when a number of the protocol is written again in another package, or when two packages
// declare the same constant. Comments and tests do not count. The conformance cases are exempt: they judge the protocol package too.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Numbers that mean one thing wherever they are written, and the constant that holds each. */
const NUMBERS = new Map([
  [37842, 'DEFAULT_PORT'],
  [4068, 'MAX_CLIENT_TEXT_BYTES'],
  [32740, 'MAX_PLAINTEXT_BYTES'],
]);

const COMMENT = /\/\*[^]*?\*\/|(?<![:'"`])\/\/.*/g;
const NUMBER = /\b\d[\d_]*\b/g;
const DECLARATION = /^(?:export )?const ([A-Z][A-Z\d_]*)(?:: [\w<>, ]+)? = ([^;{[(]+);/gm;

const files = execFileSync('git', ['ls-files', 'packages/*/src/*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.startsWith('packages/conformance/') && !file.endsWith('.test.ts'));

const problems = [];
const declared = new Map();
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(COMMENT, '');
  if (!file.startsWith('packages/protocol/')) {
    for (const [digits] of text.matchAll(NUMBER)) {
      const name = NUMBERS.get(Number(digits.replaceAll('_', '')));
      if (name) problems.push(`${file}: ${digits} is ${name} of @quietroom/protocol`);
    }
  }
  for (const [, name, value] of text.matchAll(DECLARATION)) {
    const key = `${name} = ${value}`;
    const first = declared.get(key);
    if (first && packageOf(first) !== packageOf(file) && /\d|'/.test(value))
      problems.push(`${file}: ${key} is declared in ${first}, too`);
    else declared.set(key, file);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function packageOf(file) {
  return file.split('/', 2)[1];
}
