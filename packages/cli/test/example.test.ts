import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { fileURLToPath } from 'node:url';
import { QuietRoomServer } from '@quietroom/server';
import { Folder, Person, Running } from './quietroom.js';

const EXAMPLE = fileURLToPath(new URL('../../../examples/dist/echo-bot.js', import.meta.url));

suite('examples/echo-bot.ts', () => {
  test('answers a direct message, and ends with 0 at Ctrl-C', async () => {
    await using folder = await Folder.withIdentity();
    await using server = await QuietRoomServer.start({ port: 0, identityFolder: folder.path });
    await using bot = new Running(process.execPath, [EXAMPLE], {
      env: {
        QUIETROOM_HOST: server.host,
        QUIETROOM_PORT: `${server.port}`,
        QUIETROOM_CERT: `${folder.path}/chat_public.pem`,
      },
    });
    await bot.until(/^EchoBot is online\.$/m);
    await using alice = await Person.connect({
      username: 'alice',
      serverHost: server.host,
      serverPort: server.port,
      cert: server.certPem,
    });
    await alice.connector.sendDm('EchoBot', 'hello');
    await alice.hears('EchoBot: Echo: hello');
    bot.signal('SIGINT');
    const { code, stdout, stderr } = await bot.ended();
    assert.equal(stderr, '');
    assert.equal(stdout, 'EchoBot is online.\nGoodbye.\n');
    assert.equal(code, 0);
  });
});

suite('examples/testing-a-bot.ts', () => {
  test('passes as a test of its own', async () => {
    const example = fileURLToPath(new URL('../../../examples/dist/testing-a-bot.js', import.meta.url));
    await using run = new Running(process.execPath, ['--test-reporter=tap', example], {
      env: { NODE_TEST_CONTEXT: '' },
    });
    const { code, stdout } = await run.ended();
    assert.match(stdout, /^# pass 1$/m);
    assert.equal(code, 0);
  });
});
