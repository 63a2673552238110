import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { ConnectionLostError } from 'quietroom-connector';
import { firstIdentity } from '@quietroom/testing';
import {
  assertOneLine,
  eventually,
  Folder,
  Person,
  quietroom,
  Running,
  runToEnd,
} from '../harness/quietroom.js';
import { client, Serving } from './serving.js';

const TEXT = ['--log-format', 'text'];

suite('quietroom serve', () => {
  test('makes an identity at the first start, and keeps it', async () => {
    await using folder = await Folder.make();
    const dir = join(folder.path, 'new', 'chat');
    const fingerprints: (string | undefined)[] = [];
    for (const start of ['first', 'second']) {
      await using server = quietroom(['serve', '--port', '0', '--dir', dir, ...TEXT]);
      const [, fingerprint] = await server.until(/^SHA-256: ([0-9A-F:]{95})$/m);
      assert.equal(server.stdout.startsWith('Making a key and a certificate ...'), start === 'first');
      fingerprints.push(fingerprint);
      server.signal('SIGINT');
      assert.equal((await server.ended()).code, 0);
    }
    const kept = new X509Certificate(readFileSync(join(dir, 'chat_public.pem')));
    assert.deepEqual(fingerprints, [kept.fingerprint256, kept.fingerprint256]);
  });

  test('SIGINT while it makes its identity ends it with 0', async () => {
    await using folder = await Folder.make();
    await using server = quietroom(['serve', '--port', '0', ...TEXT], { cwd: folder.path });
    await server.until(/^Making/);
    server.signal('SIGINT');
    assert.equal((await server.ended()).code, 0);
  });

  test('prints what a client needs, and the command that it prints works', async () => {
    await using folder = await Folder.make();
    await folder.write('chat_public.pem', firstIdentity.certPem);
    await folder.write('server_private.pem', firstIdentity.keyPem);
    await using server = quietroom(['serve', '--port', '0', ...TEXT], { cwd: folder.path });
    const [, port] = await server.until(
      /^QuietRoom server \(1\.2\) on 127\.0\.0\.1:(\d+)\. Ctrl-C ends it\.$/m,
    );
    const [, command] = await server.until(/^ {2}(node \S+ echo .*)$/m);
    const [, file] = await server.until(/^Certificate: (.*)$/m);
    assert.equal(readFileSync(file ?? '', 'utf8'), firstIdentity.certPem);
    await server.until(/^Only this machine can connect; --host 0\.0\.0\.0 opens/m);

    await using bot = new Running('/bin/sh', ['-c', `exec ${command}`]);
    await bot.until(/^EchoBot answers/);
    await using alice = await Person.connect(client(port ?? ''));
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
  });

  test('quotes the path in the command that it prints, where a shell would not take it', async () => {
    await using folder = await Folder.make();
    const dir = join(folder.path, "Ann's chat");
    await using server = quietroom(['serve', '--port', '0', '--dir', dir, ...TEXT]);
    const [, command] = await server.until(/^ {2}(node \S+ echo .*)$/m);
    await using bot = new Running('/bin/sh', ['-c', `exec ${command}`]);
    await bot.until(/^EchoBot answers/);
  });

  test('logs who comes and goes, and nothing that anyone writes', async () => {
    await using serving = await Serving.start();
    const { server } = serving;
    const alice = await serving.join('alice');
    const bob = await serving.join('Bob the 2nd');
    await alice.connector.sendMessage('a word for all');
    await bob.connector.sendDm('alice', 'a word in private');
    await alice.hears('Bob the 2nd: a word in private');
    await alice.connector.sendCommand('/join #den hush');
    await alice.connector.disconnect();
    await bob.connector.disconnect();
    await server.until(/closed client=\d+ name="Bob the 2nd"/);
    const [time] = await server.until(/^\S+ joined client=\d+ name=alice$/m);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /);
    await server.until(/ connected client=1 address=127\.0\.0\.1 port=\d+$/m);
    await server.until(/ joined client=\d+ name="Bob the 2nd"$/m);
    await server.until(/ closed client=\d+ name=alice reason=quit address=127\.0\.0\.1 seconds=[\d.]+$/m);
    assert.doesNotMatch(server.stdout, /word|hush|den/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} tells everyone, and ends it with 0`, async () => {
      await using serving = await Serving.start();
      const alice = await serving.join('alice');
      let reason: unknown;
      alice.connector.onDisconnect((lost) => void (reason = lost));
      serving.server.signal(signal);
      const { code, stdout, stderr } = await serving.server.ended();
      assert.equal(stderr, '');
      assert.equal(code, 0);
      assert.match(stdout, / closed client=1 name=alice reason=shutdown .*\n.* stopped\n$/);
      await eventually('alice is told', () => reason !== undefined);
      assert.ok(reason instanceof ConnectionLostError);
      assert.equal(reason.code, 'SERVER_SHUTDOWN');
    });
  }

  test('SIGTERM ends it although a client that is online does not read', async () => {
    await using serving = await Serving.start();
    const where = ['--host', '127.0.0.1', '--port', serving.port];
    const cert = ['--cert', join(serving.folder.path, 'chat_public.pem')];
    await using deaf = quietroom(['echo', '--username', 'deaf', ...where, ...cert]);
    await deaf.until(/^deaf answers/);
    const alice = await serving.join('alice');
    deaf.signal('SIGSTOP');
    const echoed = eventually('all is sent on', () =>
      alice.texts.some((text) => text.startsWith('[DM to deaf]: last')),
    );
    for (let count = 0; count < 300; count++) void alice.connector.sendDm('deaf', 'x'.repeat(4000));
    await alice.connector.sendDm('deaf', 'last');
    await echoed;
    serving.server.signal('SIGTERM');
    const { code, stdout } = await serving.server.ended();
    assert.equal(code, 0);
    assert.match(stdout, / closed client=1 name=deaf reason=shutdown /);
    assert.ok(alice.texts.includes('*** Server is shutting down. Goodbye! ***'));
  });

  test('--generation 1.1 answers as 1.1 does', async () => {
    await using serving = await Serving.start({ args: ['--protocol-version', '1.1'] });
    const alice = await serving.join('alice');
    await alice.connector.sendCommand('/members lobby');
    await eventually('the answer has come', () =>
      alice.texts.some((text) => text.startsWith('Unknown command: /members')),
    );
  });
});

suite('quietroom serve says in one line why it does not start', () => {
  test('the port is in use', async () => {
    await using folder = await Folder.withIdentity();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await runToEnd(['serve', '--port', `${port}`], { cwd: folder.path });
    other.close();
    assert.equal(code, 1);
    assertOneLine(
      stderr,
      new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is in use\\. Choose another with --port`),
    );
  });

  const HOSTS = [
    { host: '203.0.113.7', says: /does not have the address 203\.0\.113\.7\. Check --host/ },
    { host: 'nothing.invalid', says: /"nothing\.invalid" cannot be looked up\. .*--host/ },
  ];
  for (const { host, says } of HOSTS) {
    test(`the host is ${host}`, async () => {
      await using folder = await Folder.withIdentity();
      const { code, stderr } = await runToEnd(['serve', '--port', '0', '--host', host], { cwd: folder.path });
      assert.equal(code, 1);
      assertOneLine(stderr, says);
    });
  }

  test('the folder is a file', async () => {
    await using folder = await Folder.withIdentity();
    const dir = join(folder.path, 'chat_public.pem');
    const { code, stderr } = await runToEnd(['serve', '--port', '0', '--dir', dir]);
    assert.equal(code, 1);
    assertOneLine(stderr, /The folder ".*chat_public\.pem" cannot hold .* Choose another with --dir/);
  });

  test('half of the identity is missing', async () => {
    await using folder = await Folder.withIdentity();
    rmSync(join(folder.path, 'server_private.pem'));
    const { code, stderr } = await runToEnd(['serve', '--port', '0'], { cwd: folder.path });
    assert.equal(code, 1);
    assertOneLine(stderr, /has chat_public\.pem but no server_private\.pem\. Put the missing file back/);
  });
});
