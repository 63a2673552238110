import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { firstIdentity, secondIdentity } from '@quietroom/testing';
import { STEPS } from '#src/doctor/steps.js';
import { eventually, MAIN, quietroom } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { freePort, Silent } from '../harness/silent.js';
import { Terminal, terminalSkip } from '../harness/terminal.js';
import { runHere } from '../harness/runHere.js';

interface ReportAsJson {
  readonly v: number;
  readonly ok: boolean;
  readonly exitCode: number;
  readonly host?: string;
  readonly steps: readonly { readonly step: string; readonly status: string }[];
}

/** What differs from run to run made alike. */
function settled(report: string): string {
  return report
    .replace(/^quietroom \S+, Node v\S+, \w+ \w+\n/, 'quietroom VERSION\n')
    .replaceAll(/port \d+/g, 'port N')
    .replace(/\S+ ms in the median of 5, from \S+ to \S+ ms/, 'N ms')
    .replace(/TLS_\w+/, 'CIPHER')
    .trimEnd();
}

const WELL = `\
quietroom VERSION

ok       pin file      1 certificate
ok       DNS           nothing to look up: an IPv4 address
ok       TCP           port N is open
ok       TLS           TLS 1.3, CIPHER
ok       pin           the server presents certificate 1 of 1 in the file
ok       signature     the server holds the key of the pinned certificate
ok       key exchange  a key for this connection is agreed on
ok       login         the server has let the name in
ok       echo          a direct message to ourselves came back as it was sent
ok       round trip    N ms
ok       version       1.2
ok       sizes         messages of up to 4050 bytes come back whole, and a text
                       of 16200 bytes in 4

This report holds no names, addresses or secrets, and can be pasted anywhere.
--full also says which host, addresses, user, file and fingerprints.`;

const TAKEN = `\
PROBLEM  login         the name is in use (doctor)
         cause:        Somebody else has it; or a connection that broke still
                       holds it, which can take minutes.
         next step:    Choose another by --username, or wait.
skipped  echo          needs login
skipped  round trip    needs login
skipped  version       needs login
skipped  sizes         needs echo

This report names host, addresses, user, file and fingerprints.`;

suite('quietroom doctor', () => {
  test('reports each step, exits with 0 when all checks pass, and logs out', async () => {
    await using room = await Room.open();
    const { code, stdout, stderr } = await runHere(room.args('doctor', '--username', 'doctor'));
    assert.equal(stderr, '');
    assert.equal(settled(stdout), WELL);
    assert.equal(code, 0);
    assert.equal(await room.farewell('doctor'), 'quit');
  });

  test('uses a random name by default', async () => {
    await using room = await Room.open();
    const { stdout } = await runHere(room.args('doctor', '--full'));
    assert.match(stdout, / as doctor-[\da-f]{6}, pinned by /);
    assert.match(stdout, /^ok {7}login .*\(doctor-[\da-f]{6}\)$/m);
  });

  test('exits with 5 and a remedy when the name is in use', async () => {
    await using room = await Room.open();
    await room.join('doctor');
    const { code, stdout, stderr } = await runHere(room.args('doctor', '--full', '--username', 'doctor'));
    assert.ok(stdout.trimEnd().endsWith(TAKEN), stdout);
    assert.equal(stderr, 'quietroom: 1 check failed: login.\n');
    assert.equal(code, 5);
  });

  test('exits with 4 when the pin is that of another server', async () => {
    await using room = await Room.open();
    const other = await room.folder.write('other.pem', secondIdentity.certPem);
    const { code, stdout, stderr } = await runHere(room.args('doctor', '--cert', other));
    assert.match(stdout, /^PROBLEM {2}pin /m);
    assert.equal(stderr, 'quietroom: 1 check failed: pin.\n');
    assert.equal(code, 4);
  });

  test('exits with 1 when there are only warnings', async () => {
    await using room = await Room.open();
    const cert = await room.folder.write('both.pem', firstIdentity.keyPem + firstIdentity.certPem);
    const { code, stdout, stderr } = await runHere(room.args('doctor', '--cert', cert));
    assert.match(stdout, /^WARNING {2}pin file /m);
    assert.match(stdout, /^ok {7}sizes /m);
    assert.equal(stderr, 'quietroom: 1 check failed: pin file.\n');
    assert.equal(code, 1);
  });

  test('exits with 3 when nothing listens on the port', async () => {
    await using room = await Room.open();
    const { code, stdout } = await runHere(room.args('doctor', '--port', await freePort()));
    assert.match(stdout, /^PROBLEM {2}TCP /m);
    assert.equal(code, 3);
  });

  test('reports the same as JSON, with names only when asked to', async () => {
    await using room = await Room.open();
    const { code, stdout } = await runHere(room.args('doctor', '--json'));
    const { v, ok, exitCode, host, steps }: ReportAsJson = JSON.parse(stdout);
    assert.deepEqual({ v, ok, exitCode, host }, { v: 1, ok: true, exitCode: 0, host: undefined });
    assert.deepEqual(
      steps,
      steps.map((step, index) => ({ ...step, step: STEPS[index], status: 'ok' })),
    );
    assert.equal(steps.length, STEPS.length);
    assert.equal(code, 0);
    const full: ReportAsJson = JSON.parse((await runHere(room.args('doctor', '--json', '--full'))).stdout);
    assert.equal(full.host, '127.0.0.1');
  });
});

suite('quietroom doctor, stopped', () => {
  test('ends at Ctrl-C in the middle, with 1 and without a report of what it did not do', async () => {
    await using silent = await Silent.listen();
    await using doctor = quietroom(['doctor', '--host', '127.0.0.1', '--port', silent.port]);
    await eventually('TLS is tried', () => silent.connections === 2);
    doctor.signal('SIGINT');
    const { code, stdout, stderr } = await doctor.ended();
    assert.equal(stderr, 'quietroom: Stopped before the end.\n');
    assert.doesNotMatch(stdout, /TLS|This report/);
    assert.equal(code, 1);
  });
});

suite('quietroom doctor on a terminal', { skip: terminalSkip }, () => {
  test('shows the whole report on 80 columns', async () => {
    await using room = await Room.open();
    // A program that has ended makes tmux move the screen up for a line of its own; the shell goes on.
    await using terminal = await Terminal.start([
      'sh',
      '-c',
      '"$0" "$@"; echo "exit code $?"; read line',
      process.execPath,
      MAIN,
      ...room.args('doctor', '--username', 'doctor'),
    ]);
    const screen = await terminal.until('exit code');
    assert.equal(settled(screen.join('\n')), `${WELL}\nexit code 0`);
  });
});
