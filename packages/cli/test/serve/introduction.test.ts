import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import test, { suite } from 'node:test';
import { commandName } from '#src/serve/introduction.js';

const HOME = resolve('/home/ann');

suite('the command that serve prints can be run', () => {
  const ROWS = [
    {
      name: 'where npx runs it',
      script: join(HOME, 'node_modules', '.bin', 'quietroom'),
      npm: 'exec',
      is: 'npx quietroom',
    },
    { name: 'where it is installed', script: resolve('/usr/bin/quietroom'), is: 'quietroom' },
    {
      name: 'in a folder below',
      script: join(HOME, 'bin', 'quietroom.js'),
      is: `node ${join('bin', 'quietroom.js')}`,
    },
    {
      name: 'elsewhere',
      script: resolve('/opt/bin/quietroom.js'),
      is: `node ${resolve('/opt/bin/quietroom.js')}`,
    },
  ];
  for (const { name, script, npm, is } of ROWS) {
    test(name, () => {
      assert.equal(commandName(script, HOME, npm === undefined ? {} : { npm_command: npm }), is);
    });
  }
});
