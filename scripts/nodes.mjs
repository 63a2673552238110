// Runs a command on several versions of Node, each taken from npm and kept in .nodes/:
//   node scripts/nodes.mjs [major ...] [-- command ...]        by default: 20 22 24 26 -- npm test

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const args = process.argv.slice(2);
const split = args.includes('--') ? args.indexOf('--') : args.length;
const majors = split > 0 ? args.slice(0, split) : ['20', '22', '24', '26'];
const [command = 'npm', ...commandArgs] = split < args.length - 1 ? args.slice(split + 1) : ['npm', 'test'];

const wrong = majors.find((major) => !/^\d+$/.test(major));
if (wrong !== undefined) fail(`"${wrong}" is not a major version of Node, such as 24.`);
if (process.platform === 'win32') fail('On Windows, use a version manager for Node instead.');

const failed = [];
for (const major of majors) {
  const node = versionOf(process.execPath).major === major ? process.execPath : fetchNode(major);
  console.log(`\n== Node ${versionOf(node).full}: ${[command, ...commandArgs].join(' ')}`);
  const { status, error } = spawnSync(command, commandArgs, {
    stdio: 'inherit',
    env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH },
  });
  if (error) fail(`${command}: ${error.message}`);
  if (status !== 0) failed.push(major);
}
if (failed.length > 0) fail(`\nFailed on Node ${failed.join(', ')}.`);

/** The path of a Node of this major version, installed if need be. */
function fetchNode(major) {
  // The plain name stops at Node 18 on this platform.
  const target = `${process.platform}-${process.arch}`;
  const name = target === 'darwin-arm64' ? `node-bin-${target}` : `node-${target}`;
  const prefix = join(root, '.nodes', major);
  const node = join(prefix, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) {
    console.log(`Installing ${name}@${major} ...`);
    mkdirSync(prefix, { recursive: true });
    const install = [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--prefix',
      prefix,
      `${name}@${major}`,
    ];
    const { status } = spawnSync('npm', install, { cwd: prefix, stdio: ['ignore', 2, 2] });
    if (status !== 0) fail(`Node ${major} could not be installed (${name}@${major}).`);
  }
  const found = versionOf(node);
  if (found.major !== major)
    fail(`${node} is Node ${found.full}, not ${major}. Remove ${prefix} and try again.`);
  return node;
}

function versionOf(node) {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  const full = (stdout ?? '').trim().replace(/^v/, '');
  return { full, major: full.split('.')[0] };
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
