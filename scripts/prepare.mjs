// Makes sure that the dependencies are installed and the tree is built. Says nothing when there is nothing to do.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`QuietRoom needs Node 20.19 or newer; this is Node ${process.versions.node}.`);
}

if (!isInstalled()) {
  console.error('Installing the dependencies ...');
  // Not `npm ci`, which fails where the registry lacks the tools' binaries for some other platform.
  // The development dependencies always: the build needs them, even where NODE_ENV is "production".
  const install = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund'];
  run('npm', install, 'The dependencies could not be installed.');
}
run(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], 'The build failed; the errors are above.');

/** Whether node_modules holds what package-lock.json asks for; npm notes in a file there what it installed. */
function isInstalled() {
  const wanted = packagesIn('package-lock.json');
  const installed = packagesIn('node_modules/.package-lock.json');
  return Object.entries(wanted ?? {}).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = installed?.[path];
    return found ? found.version === version : optional === true;
  });
}

function packagesIn(lockfile) {
  try {
    return JSON.parse(readFileSync(`${root}/${lockfile}`, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs without input, and with all output on stderr, so that the script that follows has stdout to itself. */
function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error) fail(`${failure} (${command}: ${error.message})`);
  if (status !== 0) fail(failure);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
