import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, Folder, Running } from '../harness/quietroom.js';
import { Serving } from './serving.js';

const BIN = fileURLToPath(new URL('../../bin/quietroom.js', import.meta.url));

/** Sends SIGHUP when the command begins to load its modules. */
const EARLY_HANGUP = `
  import { register } from 'node:module';
  const hooks = \`export async function resolve(specifier, context, next) {
    if (specifier === '#src/main.js') process.kill(process.pid, 'SIGHUP');
    return next(specifier, context);
  }\`;
  register('data:text/javascript,' + encodeURIComponent(hooks));
`;

suite('quietroom serve', { skip: process.platform === 'win32' }, () => {
  test('takes a SIGHUP while it loads for a request to reload', async () => {
    await using folder = await Folder.withIdentity();
    const args = ['serve', '--dir', folder.path, '--port', '0', '--log-format', 'json'];
    await using server = new Running(process.execPath, [
      `--import=data:text/javascript,${encodeURIComponent(EARLY_HANGUP)}`,
      BIN,
      ...args,
    ]);
    await server.until(/"event":"configRead"/);
    server.signal('SIGTERM');
    assert.equal((await server.ended()).code, 0);
  });

  test('opens no debugger at SIGUSR1', async () => {
    await using serving = await Serving.start();
    serving.server.signal('SIGUSR1');
    const alice = await serving.join('alice');
    await eventually('it answers', () => alice.connector.isConnected);
    serving.server.signal('SIGTERM');
    const { code, stderr } = await serving.server.ended();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  test('reads a configuration with a byte order mark', async () => {
    await using serving = await Serving.start({ config: '\ufeff{ "max_rooms": 7 }' });
    assert.ok(serving.server.isRunning);
  });
});
