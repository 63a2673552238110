import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { Room } from '../harness/room.js';
import { runHere } from '../harness/runHere.js';

suite('quietroom conformance', () => {
  test('prints each case and the totals, and ends with 0 when nothing failed', async () => {
    await using room = await Room.open();
    const { code, stdout, stderr } = await runHere(
      room.args('conformance', '--only', 'dms').concat('--only', 'chat'),
    );
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(stdout, /^pass +dms\/arrives: a direct message arrives, and its sender gets the echo$/m);
    assert.match(stdout, /^group +pass +fail +known-loss +not-applicable +skipped\n/m);
    assert.match(stdout, /^all +\d\d +0 +0 +1 +0$/m);
  });

  test('ends with 1 when a case failed, and writes JSON and JUnit', async () => {
    await using room = await Room.open();
    const junit = `${room.folder.path}/report.xml`;
    const args = room.args('conformance', '--protocol', '1.1', '--only', 'lists', '--timeout', '1');
    const { code, stdout, stderr } = await runHere([...args, '--json', '--junit', junit]);
    assert.equal(code, 1);
    assert.match(stderr, /^quietroom: 3 of \d+ cases failed\.$/m);
    const report: unknown = JSON.parse(stdout);
    assert.ok(typeof report === 'object' && report !== null && 'totals' in report && 'results' in report);
    assert.match(JSON.stringify(report.totals), /"fail":3/);
    assert.match(readFileSync(junit, 'utf8'), /<testsuite name="lists" tests="\d+" failures="3"/);
  });

  test('refuses a group that does not exist, and names those that do', async () => {
    await using room = await Room.open();
    const { code, stderr } = await runHere(room.args('conformance', '--only', 'nosuch'));
    assert.equal(code, 2);
    assert.match(stderr, /There is no group "nosuch"\. The groups are transport, keys, /);
  });

  test('names the certificate that cannot be read', async () => {
    const { code, stderr } = await runHere(['conformance', '--cert', '/nosuch.pem']);
    assert.equal(code, 1);
    assert.match(stderr, /The certificate in \/nosuch\.pem cannot be read \(ENOENT/);
  });
});
