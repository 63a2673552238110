import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test, { suite } from 'node:test';
import { defineProgram } from '#src/program.js';

suite('docs/cli.md', () => {
  test('is what the definitions of the command line make; npm run docs:cli writes it', () => {
    const script = fileURLToPath(new URL('../../scripts/docs.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });

  test('has every command and every option', () => {
    const page = readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
    for (const command of defineProgram().commands) {
      const [, section = ''] = page.split(`\n## quietroom ${command.name()}\n`);
      assert.notEqual(section, '', command.name());
      const [own = ''] = section.split('\n## ');
      const told = own.includes('#options-of-the-connection') ? page : own;
      for (const { long } of command.options.filter(({ hidden }) => !hidden))
        assert.ok(told.includes(`${long}`), `${command.name()} ${long}`);
    }
  });
});
