import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { assertOneLine, Folder, Person, quietroom, runToEnd } from '../harness/quietroom.js';
import { configure, Serving } from './serving.js';

suite('server_config.json', () => {
  test('is taken from the folder, limits and all', async () => {
    await using serving = await Serving.start({ config: { generation: '1.1', max_message_bytes: 200 } });
    const alice = await serving.join('alice');
    void alice.connector.sendMessage('x'.repeat(200));
    await alice.hearsText(/^\*\*\* Your message is too long: \d+ bytes, of which 200 are allowed/);
    await alice.connector.sendCommand('/members lobby');
    await alice.hearsText(/^Unknown command: \/members/);
  });

  test('has less to say than the command line', async () => {
    const config = { port: 1, host: '203.0.113.7', generation: '1.1' };
    await using serving = await Serving.start({
      config,
      args: ['--host', '127.0.0.1', '--generation', '1.2'],
    });
    assert.notEqual(serving.port, '1');
    const alice = await serving.join('alice');
    await alice.connector.sendCommand('/members lobby');
    await alice.hearsText(/^Members of lobby/);
  });

  test('lets the network in, as existing servers do, unless it has a host', async () => {
    {
      await using serving = await Serving.start({ config: {} });
      assert.match(serving.host, /^(?:\[::\]|0\.0\.0\.0)$/);
      await serving.server.until(/^The network can connect, as there is a .*server_config\.json;/m);
      const alice = await serving.join('alice');
      await alice.connector.disconnect();
      await serving.server.until(/ closed client=1 name=alice reason=quit address=127\.0\.0\.1 /);
    }
    await using serving = await Serving.start({ config: { host: '127.0.0.1' } });
    assert.equal(serving.host, '127.0.0.1');
  });

  test('may have keys of other servers, which are named and ignored', async () => {
    await using serving = await Serving.start({ config: { max_users: 5, port: null } });
    await serving.server.until(/ configKeyUnknown key=max_users$/m);
    await serving.server.untilError(
      /^quietroom: .*server_config\.json: the key "max_users" means nothing here/,
    );
  });

  const BROKEN = [
    { name: 'no JSON', config: '{ "port": 1,\n\n "p', says: /server_config\.json is not JSON: / },
    { name: 'no object', config: '[]', says: /server_config\.json must hold an object, such as/ },
    { name: 'a port that is a text', config: { port: '1' }, says: /cannot be used: port must be a whole/ },
    {
      name: 'a host that is a number',
      config: { host: 1 },
      says: /cannot be used: host must be a host name or/,
    },
    {
      name: 'a limit out of range',
      config: { max_rooms: 0 },
      says: /cannot be used: max_rooms must be a whole number from 1 to 1000000, not 0\./,
    },
    {
      name: 'decoys of less than nothing',
      config: { decoy_min_bytes: 200, decoy_max_bytes: 100 },
      says: /cannot be used: decoy_max_bytes must be at least the minimum, which is 200, not 100\./,
    },
    {
      name: 'a duration of no time',
      config: { idle_timeout_seconds: 0 },
      says: /cannot be used: idle_timeout_seconds must be a number of seconds/,
    },
    { name: 'a log file that is none', config: { log_file: 5 }, says: /log_file must be the path of a file/ },
    {
      name: 'addresses that are neither on nor off',
      config: { log_addresses: 'no' },
      says: /log_addresses must be true or/,
    },
    { name: 'an unknown format', config: { log_format: 'xml' }, says: /log_format must be "json" or "text"/ },
    {
      name: 'a port for metrics that is none',
      config: { metrics_port: 70_000 },
      says: /metrics_port must be a whole number from 0 to 65535/,
    },
  ];
  for (const { name, config, says } of BROKEN) {
    test(`stops the start with one line when it holds ${name}`, async () => {
      await using folder = await Folder.withIdentity();
      await configure(folder, config);
      const { code, stdout, stderr } = await runToEnd(['serve'], { cwd: folder.path });
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assertOneLine(stderr, says);
    });
  }

  test('cannot be a folder', async () => {
    await using folder = await Folder.withIdentity();
    mkdirSync(join(folder.path, 'server_config.json'));
    const { code, stderr } = await runToEnd(['serve'], { cwd: folder.path });
    assert.equal(code, 1);
    assertOneLine(stderr, /server_config\.json cannot be read \(EISDIR\)\./);
  });
});

suite('the folder of an existing server', () => {
  test('is taken over with its identity, its configuration and its clients', async (t) => {
    await using folder = await Folder.make();
    if (!makeExistingIdentity(folder.path)) return t.skip('there is no openssl');
    const cert = readFileSync(join(folder.path, 'chat_public.pem'), 'utf8');
    const key = readFileSync(join(folder.path, 'server_private.pem'), 'utf8');
    await configure(folder, {
      port: 0,
      log_file: 'server.log',
      security_log_file: 'security.log',
      decoy_traffic: true,
      decoy_interval_seconds: 30,
      decoy_min_bytes: 100,
      decoy_max_bytes: 500,
    });
    await using server = quietroom(['serve'], { cwd: folder.path });
    const [, port] = await server.until(/^QuietRoom server \(1\.2\) on \S+:(\d+)\./m);
    const [, sha256] = await server.until(/^SHA-256: (.*)$/m);
    assert.equal(sha256, new X509Certificate(cert).fingerprint256);
    await using alice = await Person.connect({ serverPort: Number(port), cert, username: 'alice' });
    assert.equal(alice.connector.isConnected, true);
    assert.equal(readFileSync(join(folder.path, 'chat_public.pem'), 'utf8'), cert);
    assert.equal(readFileSync(join(folder.path, 'server_private.pem'), 'utf8'), key);
    assert.equal(statSync(join(folder.path, 'server_private.pem')).mode & 0o777, 0o600);
    assert.ok(existsSync(join(folder.path, 'server.log')) && existsSync(join(folder.path, 'security.log')));
  });
});

/** As an existing server makes it; false when there is no openssl. */
function makeExistingIdentity(folder: string): boolean {
  const args =
    'req -x509 -newkey rsa:4096 -nodes -days 3650 -set_serial 1 -keyout server_private.pem -out chat_public.pem' +
    ' -addext keyUsage=critical,digitalSignature,keyEncipherment -addext extendedKeyUsage=serverAuth';
  const subject = ['-subj', '/O=Private Chat/CN=Self-Hosted Chat Server'];
  try {
    execFileSync('openssl', [...args.split(' '), ...subject], { cwd: folder, stdio: 'ignore' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
