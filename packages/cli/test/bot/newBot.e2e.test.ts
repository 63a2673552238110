import assert from 'node:assert/strict';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { Folder, Running } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { runHere } from '../harness/runHere.js';

const NODE_MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

test('the project passes its test and runs, with the packages of this repository', async () => {
  await using room = await Room.open();
  const { path } = room.folder;
  const made = await runHere(['bot', 'new', 'tea-time'], { cwd: path });
  assert.deepEqual([made.code, made.stderr], [0, '']);
  const project = `${path}/tea-time`;
  await symlink(NODE_MODULES, `${project}/node_modules`);

  await using testing = new Running('npm', ['test'], { cwd: project, env: { NODE_TEST_CONTEXT: undefined } });
  const { code, stdout, stderr } = await testing.ended();
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /pass 1$/m);

  const alice = await room.join('alice');
  // What npm starts: npm itself does not hand signals on.
  const { scripts } = JSON.parse(await readFile(`${project}/package.json`, 'utf8')) as Record<
    string,
    unknown
  >;
  assert.equal(Object.entries(scripts ?? {}).find(([name]) => name === 'start')?.[1], 'node dist/main.js');
  await using bot = new Running(process.execPath, ['dist/main.js'], {
    cwd: project,
    env: {
      QUIETROOM_HOST: room.server.host,
      QUIETROOM_PORT: `${room.server.port}`,
      QUIETROOM_CERT: `${path}/chat_public.pem`,
    },
  });
  await bot.until(/^Connected as "TeaTime"\.$/m);
  await alice.connector.sendDm('TeaTime', '!greet you');
  await alice.hears('TeaTime: Hello you!');
  bot.signal('SIGTERM');
  assert.equal((await bot.ended()).code, 0);
  const unit = await readFile(`${project}/tea-time.service`, 'utf8');
  assert.match(unit, /^ExecStart=\/usr\/bin\/node \/opt\/tea-time\/dist\/main\.js$/m);
});

test('a folder that exists is not touched, and a name that npm refuses is refused', async () => {
  await using folder = await Folder.make();
  await folder.write('taken', 'text');
  const taken = await runHere(['bot', 'new', 'taken'], { cwd: folder.path });
  assert.deepEqual([taken.code, taken.stderr], [2, 'quietroom: taken exists already.\n']);
  const wrong = await runHere(['bot', 'new', 'My Bot'], { cwd: folder.path });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /begin with a small letter/);
  const deep = await runHere(['bot', 'new', 'no/such/bot'], { cwd: folder.path });
  assert.match(deep.stderr, /no\/such\/bot cannot be written \(ENOENT\)/);
  assert.deepEqual(await readdir(folder.path), ['taken']);
});
