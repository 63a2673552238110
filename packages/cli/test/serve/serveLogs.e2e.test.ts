import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import {
  assertOneLine,
  eventually,
  Folder,
  MAIN,
  quietroom,
  Running,
  runToEnd,
} from '../harness/quietroom.js';
import { configure, Serving } from './serving.js';

const SECRET = 'xyzzy-plugh';

suite('the logs of quietroom serve', () => {
  test('are JSON on standard output that is no terminal, and nothing else is', async () => {
    await using folder = await Folder.withIdentity();
    await using server = quietroom(['serve', '--port', '0', '--metrics-port', '0'], { cwd: folder.path });
    await server.until(/"event":"serving"/);
    server.signal('SIGTERM');
    const { stdout } = await server.ended();
    const entries = parse(stdout);
    assert.deepEqual(
      entries.map(({ level, event }) => `${level} ${event}`),
      ['info listening', 'info metrics', 'info adminSocket', 'info serving', 'info stopped'],
    );
    assert.match(entries[0]?.time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(entries[3]?.sha256 ?? '', /^[0-9A-F:]{95}$/);
  });

  test('go to files that only their owner can read, and hold nothing that anyone writes', async () => {
    const config = { log_file: 'logs/server.log', security_log_file: 'security.log', max_message_bytes: 300 };
    await using serving = await Serving.start({ config, args: ['--log-format', 'json'] });
    const { folder, server } = serving;
    const alice = await serving.join('alice');
    const bob = await serving.join('bob');
    await bob.connector.sendCommand(`/join #${SECRET} ${SECRET}`);
    await bob.hearsText(/^Created and joined room/);
    await alice.connector.sendMessage(SECRET);
    await alice.connector.sendDm('bob', SECRET);
    void alice.connector.sendMessage(SECRET.repeat(30));
    await alice.connector.sendCommand(`/join #${SECRET} wrong ${SECRET}`);
    await alice.connector.sendCommand(`/${SECRET}`);
    await bob.hears(`alice: ${SECRET}`);
    await alice.hearsText(/^Incorrect password/);
    await alice.hearsText(/^Unknown command/);
    connect(Number(serving.port), '127.0.0.1')
      .on('error', () => {})
      .write(`GET /${SECRET} HTTP/1.1\r\n\r\n`);
    const security = join(folder.path, 'security.log');
    await eventually('the security log has it all', () => /tlsFailed/.test(readFileSync(security, 'utf8')));
    server.signal('SIGTERM');
    const { stdout, stderr } = await server.ended();
    const main = join(folder.path, 'logs', 'server.log');
    for (const file of [main, security]) {
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.doesNotMatch(readFileSync(file, 'utf8'), new RegExp(SECRET, 'i'));
    }
    assert.doesNotMatch(stdout + stderr, new RegExp(`${SECRET}|joined`));
    const logged = parse(readFileSync(main, 'utf8'));
    const secured = parse(readFileSync(security, 'utf8'));
    assert.deepEqual(
      secured.map(({ level, event, reason }) => `${level} ${event} ${reason}`),
      ['warn refused messageBytes', 'warn refused passwordWrong', 'warn closed tlsFailed'],
    );
    for (const entry of secured) {
      const { time: _time, ...rest } = entry;
      assert.ok(
        logged.some(({ time: _other, ...one }) => JSON.stringify(one) === JSON.stringify(rest)),
        'the main log has it too',
      );
    }
    assert.deepEqual(logged.at(-1)?.event, 'stopped');
    assert.ok(logged.some(({ event, name }) => event === 'joined' && name === 'alice'));
  });

  test('--log-file - goes to standard output, whatever the file says', async () => {
    await using serving = await Serving.start({
      config: { log_file: 'server.log' },
      args: ['--log-file', '-'],
    });
    await serving.join('alice');
    await serving.server.until(/ joined client=1 name=alice$/m);
    assert.ok(!existsSync(join(serving.folder.path, 'server.log')));
  });

  test('a log file that cannot be opened stops the start with one line', async () => {
    await using folder = await Folder.withIdentity();
    const args = ['serve', '--port', '0', '--log-file', 'chat_public.pem/x.log'];
    const { code, stderr } = await runToEnd(args, { cwd: folder.path });
    assert.equal(code, 1);
    assertOneLine(
      stderr,
      /The log file ".*x\.log" cannot be opened \(\w+\)\. Choose another with --log-file\./,
    );
  });
});

suite('SIGHUP', () => {
  test('opens the log files anew, and changes what can be changed', async () => {
    const config = { log_file: 'server.log', security_log_file: 'security.log', max_message_bytes: 4000 };
    await using serving = await Serving.start({ config });
    const { folder, server } = serving;
    const log = join(folder.path, 'server.log');
    const alice = await serving.join('alice');
    for (const name of ['server.log', 'security.log']) {
      renameSync(join(folder.path, name), join(folder.path, `${name}.1`));
    }
    await configure(folder, { ...config, port: 1, max_message_bytes: 200, strange: true });
    server.signal('SIGHUP');
    await eventually(
      'the new log tells',
      () => existsSync(log) && /reloaded/.test(readFileSync(log, 'utf8')),
    );
    assert.match(
      readFileSync(log, 'utf8'),
      /^\S+ configRead file=\S+ isThere=true\n\S+ configKeyUnknown key=strange\n\S+ reloaded options=maxMessageBytes\n/,
    );
    assert.doesNotMatch(readFileSync(`${log}.1`, 'utf8'), /configRead/);
    void alice.connector.sendMessage('x'.repeat(200));
    await alice.hearsText(/of which 200 are allowed/);
    const security = join(folder.path, 'security.log');
    await eventually('the new one has it', () =>
      / refused reason=messageBytes /.test(readFileSync(security, 'utf8')),
    );
  });

  test('tells what only a start can change, but nothing that the command line has fixed', async () => {
    await using serving = await Serving.start({ config: {}, args: ['--host', '127.0.0.1'] });
    const changed = { port: 5, host: '::1', padding: 'random', metrics_port: 0, log_file: 'new.log' };
    await configure(serving.folder, changed);
    serving.server.signal('SIGHUP');
    await serving.server.until(/ restartNeeded keys="log_file metrics_port padding"$/m);
  });

  test('with a broken file leaves the server as it was, and says so', async () => {
    await using serving = await Serving.start({ config: { max_message_bytes: 200 } });
    const { server, folder } = serving;
    const alice = await serving.join('alice');
    for (const [config, problem] of [
      ['{', /is not JSON/],
      [{ max_message_bytes: 300, max_rooms: -1 }, /max_rooms must be/],
      [{ max_message_bytes: 300, port: 'x' }, /port must be/],
    ] as const) {
      await configure(folder, config);
      server.signal('SIGHUP');
      const [line] = await server.until(new RegExp(`^.* configInvalid .*${problem.source}.*$`, 'm'));
      assert.match(line, problem);
    }
    void alice.connector.sendMessage('x'.repeat(200));
    await alice.hearsText(/of which 200 are allowed/);
    assert.doesNotMatch(server.stdout, /reloaded/);
  });

  test('returns to the defaults when the file is gone', async () => {
    await using serving = await Serving.start({ config: { max_rooms: 5, host: '127.0.0.1' } });
    renameSync(join(serving.folder.path, 'server_config.json'), join(serving.folder.path, 'old.json'));
    serving.server.signal('SIGHUP');
    await serving.server.until(/ configRead file=\S+ isThere=false\n\S+ reloaded options=maxRooms$/m);
  });

  test('keeps the old log file when the new one cannot be opened', async () => {
    await using serving = await Serving.start({ config: { log_file: 'logs/server.log', host: '127.0.0.1' } });
    const folder = join(serving.folder.path, 'logs');
    renameSync(folder, `${folder}.old`);
    serving.server.signal('SIGHUP');
    const old = join(`${folder}.old`, 'server.log');
    await eventually('the old one tells', () =>
      / reopenFailed file=\S+ code=ENOENT\n.* configRead /.test(readFileSync(old, 'utf8')),
    );
    await serving.join('alice');
    await eventually('the old one goes on', () => / joined .*name=alice/.test(readFileSync(old, 'utf8')));
  });

  test('while the identity is made waits until the server runs', async () => {
    await using folder = await Folder.make();
    await using server = quietroom(['serve', '--port', '0', '--log-format', 'text'], { cwd: folder.path });
    await server.until(/^Making/);
    server.signal('SIGHUP');
    await server.until(/ configRead file=\S+ isThere=false$/m);
  });

  test('of a terminal that is gone ends it in good order', async (t) => {
    if (process.platform !== 'linux' || !existsSync('/usr/bin/script'))
      return t.skip('there is no script(1)');
    await using folder = await Folder.withIdentity();
    const log = join(folder.path, 'server.log');
    const command = `exec ${process.execPath} ${MAIN} serve --port 0 --log-file server.log`;
    await using terminal = new Running('script', ['-qc', command, '/dev/null'], { cwd: folder.path });
    await terminal.until(/^Only this machine/m);
    terminal.signal('SIGKILL');
    await eventually('the log ends', () => readFileSync(log, 'utf8').endsWith('"event":"stopped"}\n'));
    assert.doesNotMatch(readFileSync(log, 'utf8'), /configRead/);
  });
});

/** The fields that tests look at are all texts. */
function parse(log: string): Record<string, string>[] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
}
