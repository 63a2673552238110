import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { eventually, Folder, quietroom, runToEnd } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';
import { Serving } from '../serve/serving.js';

/** Runs a subcommand on the server, in this process. */
function admin(serving: Serving, ...args: string[]): ReturnType<typeof runHere> {
  return runHere(['admin', ...args, '--dir', serving.folder.path]);
}

suite('quietroom admin and quietroom serve', { skip: process.platform === 'win32' }, () => {
  test('the socket has mode 0600 and is removed at the end', async () => {
    await using serving = await Serving.start();
    const path = join(serving.folder.path, 'admin.sock');
    await serving.server.until(/Ctrl-C ends it/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    serving.server.signal('SIGTERM');
    assert.equal((await serving.server.ended()).code, 0);
    assert.equal(existsSync(path), false);
  });

  test('the socket of a killed server is replaced, the one of a running server is not', async () => {
    await using serving = await Serving.start();
    const { path } = serving.folder;
    const args = ['serve', '--dir', path, '--port', '0', '--log-format', 'text'];
    const second = await runToEnd(args);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /admin\.sock" is in use by a running server.*--admin-socket/);
    assert.equal((await admin(serving, 'clients')).stdout, 'No clients.\n');
    serving.server.signal('SIGKILL');
    await serving.server.ended();
    assert.ok(existsSync(join(path, 'admin.sock')));
    await using third = quietroom(args);
    await third.until(/Ctrl-C ends it/);
    assert.equal((await admin(serving, 'clients')).stdout, 'No clients.\n');
  });

  test('a file that is not a socket is kept', async () => {
    await using folder = await Folder.withIdentity();
    const path = join(folder.path, 'admin.sock');
    writeFileSync(path, 'mine');
    const { code, stderr } = await runToEnd(['serve', '--dir', folder.path, '--port', '0']);
    assert.equal(code, 1);
    assert.match(stderr, /is another kind of file/);
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  test('a path that is too long stops the start, and --admin-socket helps', async () => {
    await using folder = await Folder.withIdentity();
    const dir = join(folder.path, 'x'.repeat(110));
    const args = ['serve', '--dir', dir, '--port', '0', '--log-format', 'text'];
    const { code, stderr } = await runToEnd(args);
    assert.equal(code, 1);
    assert.match(stderr, /has \d+ bytes; the system allows \d+\. Choose another path with --admin-socket/);
    assert.equal(existsSync(dir), false);
    const socket = join(folder.path, 's');
    await using serving = quietroom([...args, '--admin-socket', socket]);
    await serving.until(/Ctrl-C ends it/);
    assert.equal((await runHere(['admin', 'clients', '--socket', socket])).code, 0);
  });

  test('a kicked user is told why, and the security log has it', async () => {
    await using folder = await Folder.make();
    const securityLog = join(folder.path, 'security.log');
    await using serving = await Serving.start({ args: ['--security-log-file', securityLog] });
    const alice = await serving.join('alice');
    const { stdout } = await admin(serving, 'kick', 'alice', '--reason', 'Rules.');
    assert.equal(stdout, 'alice was disconnected.\n');
    await eventually('alice is told', () =>
      alice.texts.includes('*** You were disconnected by the operator: Rules. ***'),
    );
    await serving.server.until(/ admin act=kick name=alice$/m);
    await admin(serving, 'reload');
    serving.server.signal('SIGTERM');
    await serving.server.ended();
    const acts = readFileSync(securityLog, 'utf8').matchAll(/ admin (.*)$/gm);
    assert.deepEqual(
      Array.from(acts, ([, act]) => act),
      ['act=kick name=alice', 'act=reload'],
    );
  });

  test('a ban is kept over a restart', async () => {
    await using first = await Serving.start();
    assert.equal((await admin(first, 'ban', 'alice', '--for', '1h')).code, 0);
    first.server.signal('SIGTERM');
    await first.server.ended();
    await using second = await Serving.start({ folder: first.folder });
    assert.match((await admin(second, 'bans')).stdout, /^alice +name +20/m);
    await assert.rejects(second.join('alice'));
    await second.join('bob');
  });

  test('a drain ends the process with 0 when the last user has left', async () => {
    await using serving = await Serving.start();
    const alice = await serving.join('alice');
    assert.match((await admin(serving, 'drain')).stdout, /Users still online: 1\./);
    await eventually('alice is told', () =>
      alice.texts.some((text) => text.includes('New logins are refused')),
    );
    assert.ok(serving.server.isRunning);
    await alice.connector.disconnect();
    const { code, stderr } = await serving.server.ended();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  test('reload applies the configuration, and reports an invalid one', async () => {
    await using serving = await Serving.start({ config: { max_rooms: 7 } });
    await serving.folder.write('server_config.json', '{ "max_rooms": 8, "padding": "random" }');
    assert.equal(
      (await admin(serving, 'reload')).stdout,
      'The configuration was read again.\nThese keys need a restart: padding\n',
    );
    await serving.server.until(/ reloaded options=maxRooms$/m);
    await serving.folder.write('server_config.json', '{');
    const { code, stderr } = await admin(serving, 'reload');
    assert.equal(code, 1);
    assert.match(stderr, /server_config\.json is not JSON/);
  });
});
