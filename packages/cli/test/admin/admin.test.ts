import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { suite, type TestContext } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';
import { listenForAdmin } from '#src/admin/adminServer.js';
import { parsePeriod } from '#src/admin/period.js';
import { Folder } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';

interface Fixture {
  readonly path: string;
  readonly server: QuietRoomServer;
}

/** A server and its admin socket, in this process. */
async function start(t: TestContext, connectionMs?: number): Promise<Fixture> {
  const folder = await Folder.make();
  t.after(() => folder[Symbol.asyncDispose]());
  const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
  const path = join(folder.path, 's');
  const target = { admin: server.admin, reload: () => ({ problem: null, restartNeeded: ['port'] }) };
  const socket = await listenForAdmin(path, target, connectionMs === undefined ? {} : { connectionMs });
  t.after(async () => {
    await server.close();
    await socket.close();
  });
  return { path, server };
}

/** All that comes back for this input. */
async function answers(path: string, input: string | Uint8Array): Promise<unknown[]> {
  const socket = connect(path);
  socket.end(input);
  const lines = (await text(socket)).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as unknown);
}

async function text(socket: Socket): Promise<string> {
  let received = '';
  for await (const chunk of socket.setEncoding('utf8')) received += String(chunk);
  return received;
}

suite('the admin socket', { skip: process.platform === 'win32' }, () => {
  const REFUSED = [
    { input: 'hello', code: -32700 },
    { input: '[]', code: -32600 },
    { input: '{"jsonrpc":"2.0","method":"v1.clients"}', code: -32600 },
    { input: '{"jsonrpc":"2.0","id":1,"method":"v2.clients"}', code: -32601 },
    { input: '{"jsonrpc":"2.0","id":1,"method":"v1.toString"}', code: -32601 },
    { input: '{"jsonrpc":"2.0","id":1,"method":"v1.kick"}', code: -32602 },
    { input: '{"jsonrpc":"2.0","id":1,"method":"v1.kick","params":{"name":1}}', code: -32602 },
    { input: '{"jsonrpc":"2.0","id":1,"method":"v1.clients","params":{"x":1}}', code: -32602 },
    { input: '{"jsonrpc":"2.0","id":1,"method":"v1.kick","params":{"name":"nobody"}}', code: -32000 },
  ];
  for (const { input, code } of REFUSED) {
    test(`answers ${input} with the error ${code}, and then the next request`, async (t) => {
      const { path } = await start(t);
      const [first, second] = await answers(path, `${input}\n{"jsonrpc":"2.0","id":2,"method":"v1.bans"}\n`);
      assert.equal((first as { error: { code: number } }).error.code, code);
      assert.deepEqual(second, { jsonrpc: '2.0', id: 2, result: { v: 1, bans: [] } });
    });
  }

  test('refuses a request that is too long', async (t) => {
    const { path } = await start(t);
    const [answer, ...more] = await answers(path, 'x'.repeat(40_000));
    assert.match(JSON.stringify(answer), /at most 32768 bytes/);
    assert.deepEqual(more, []);
  });

  test('closes a connection that sends nothing', async (t) => {
    const { path } = await start(t, 1);
    const silent = connect(path);
    await once(silent, 'close');
  });

  test('stops answering a client that does not read, and answers others', async (t) => {
    const { path } = await start(t);
    const deaf = connect(path);
    await once(deaf, 'connect');
    deaf.on('error', () => {});
    deaf.pause();
    const request = `{"jsonrpc":"2.0","id":"${'x'.repeat(30_000)}","method":"v1.bans"}\n`;
    // Far more than the buffers of the system hold.
    for (let count = 0; count < 1000; count++) deaf.write(request);
    for (let id = 0; id < 50; id++) {
      assert.equal((await answers(path, `{"jsonrpc":"2.0","id":${id},"method":"v1.bans"}\n`)).length, 1);
    }
    assert.ok(deaf.writableLength > 10_000_000, `${deaf.writableLength} bytes were not read`);
    deaf.destroy();
  });
});

suite('quietroom admin', { skip: process.platform === 'win32' }, () => {
  test('each subcommand prints its result', async (t) => {
    const { path, server } = await start(t);
    const prints = async (args: readonly string[], stdout: string | RegExp): Promise<void> => {
      const outcome = await runHere(['admin', ...args, '--socket', path]);
      if (typeof stdout === 'string') assert.equal(outcome.stdout, stdout);
      else assert.match(outcome.stdout, stdout);
      assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
    };
    await prints(['clients'], 'No clients.\n');
    await prints(['rooms'], 'No rooms.\n');
    await prints(['bans'], 'No bans.\n');
    await prints(['ban', 'mallory'], 'The name mallory is banned until it is lifted. Disconnected: 0.\n');
    await prints(
      ['ban', '192.0.2.0/24', '--for', '2h'],
      /^The network 192\.0\.2\.0\/24 is banned until 20\S+Z\. /,
    );
    await prints(['bans'], /^TARGET +KIND +UNTIL\nmallory +name +-\n192\.0\.2\.0\/24 +network +20\S+Z\n$/);
    await prints(['unban', 'mallory'], 'mallory is no longer banned.\n');
    await prints(['mute', 'bob', '--for', '10m'], 'bob is muted for 600 seconds.\n');
    await prints(['unmute', 'bob'], 'bob is no longer muted.\n');
    await prints(['announce', 'Backup', 'at noon.'], 'Sent to 0 users.\n');
    await prints(['reload'], 'The configuration was read again.\nThese keys need a restart: port\n');
    await prints(
      ['bans', '--json'],
      /^\{"v":1,"bans":\[\{"kind":"network","target":"192\.0\.2\.0\/24","until":"20/,
    );
    await prints(['drain', '--cancel'], 'The server was not draining.\n');
    await prints(['drain', '--within', '10m'], /Users still online: 0\./);
    await server.closed;
  });

  const FAILURES = [
    { args: ['kick', 'nobody'], code: 7, says: /"nobody" is not online/ },
    { args: ['unban', 'nobody'], code: 8, says: /no ban of "nobody"/ },
    { args: ['unmute', 'nobody'], code: 8, says: /"nobody" is not muted/ },
    { args: ['close-room', '#tea'], code: 8, says: /no room "#tea"/ },
    { args: ['ban', '192.0.2.0/33'], code: 2, says: /not a username, an IP address or a network/ },
    { args: ['ban', 'bob', '--for', 'soon'], code: 2, says: /--for must be a time such as/ },
    { args: ['drain', '--within', '8d'], code: 2, says: /at most 604800/ },
  ];
  for (const { args, code, says } of FAILURES) {
    test(`${args.join(' ')} ends with ${code}`, async (t) => {
      const { path } = await start(t);
      const outcome = await runHere(['admin', ...args, '--socket', path]);
      assert.match(outcome.stderr, says);
      assert.deepEqual([outcome.code, outcome.stdout], [code, '']);
    });
  }

  test('without a server it says what to do', async () => {
    await using folder = await Folder.make();
    const { code, stderr } = await runHere(['admin', 'clients', '--dir', folder.path]);
    assert.equal(code, 3);
    assert.match(stderr, /No server answers at .*admin\.sock.*"quietroom serve".*--dir.*--socket/);
  });

  test('a period is a number and a unit', () => {
    assert.deepEqual(['90s', '10m', '2h', '7d', '4w', '0s', '-1s', '10', 'm', '1.5h', ''].map(parsePeriod), [
      90,
      600,
      7200,
      604_800,
      2_419_200,
      ...Array.from({ length: 6 }, () => undefined),
    ]);
  });
});
