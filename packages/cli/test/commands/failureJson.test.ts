import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { FAILURE_FIELDS } from '#src/failures/failureJson.js';
import { Folder } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';
import { freePort } from '../harness/silent.js';

suite('--json of a command that fails', () => {
  for (const [command, reason, code] of [
    [['users'], 'ECONNREFUSED', 3],
    [['rooms'], 'ECONNREFUSED', 3],
    [['members', '#ops'], 'ECONNREFUSED', 3],
    [['listen'], 'ECONNREFUSED', 3],
    [['pin', 'show', '--live'], 'ECONNREFUSED', 3],
    [['pin', 'verify'], 'ECONNREFUSED', 3],
    [['users', '--port', 'x'], 'USAGE', 2],
  ] as const) {
    test(`quietroom ${command.join(' ')} prints ${reason} on one line`, async () => {
      await using folder = await Folder.withIdentity();
      const target = ['--host', '127.0.0.1', '--port', await freePort()];
      const outcome = await runHere([...command, ...target, '--json'], {
        cwd: folder.path,
      });
      assert.equal(outcome.code, code);
      const lines = outcome.stdout.trimEnd().split('\n');
      assert.equal(lines.length, 1);
      const result: Record<string, unknown> = JSON.parse(lines[0] ?? '');
      assert.deepEqual(Object.keys(result), Object.keys(FAILURE_FIELDS));
      assert.deepEqual([result.status, result.reason, result.exitCode], ['failed', reason, code]);
      assert.ok(outcome.stderr.includes(String(result.message).slice(0, 20)));
    });
  }

  test('send prints its own result only', async () => {
    const { stdout } = await runHere(['send', '--to', 'bob', 'x', '--json', '--port', await freePort()]);
    assert.equal(stdout.trimEnd().split('\n').length, 1);
  });
});
