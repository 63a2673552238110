import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test, { type TestContext } from 'node:test';
import { Running } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const PACKAGES = ['protocol', 'connector', 'server', 'conformance', 'bot', 'chat', 'cli'];

async function succeeds(command: string, args: readonly string[], cwd: string): Promise<string> {
  await using running = new Running(command, args, { cwd, env: { NODE_TEST_CONTEXT: undefined } });
  const { code, stdout, stderr } = await running.ended();
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

const ANALYZE = '/usr/bin/systemd-analyze';
const QUIET = ['--no-audit', '--no-fund', '--silent'];

/** The bot answers on the server; SIGTERM to its process group ends it. */
async function answers(room: Room, command: string, args: readonly string[], cwd: string): Promise<void> {
  const env = { QUIETROOM_HOST: room.server.host, QUIETROOM_PORT: `${room.server.port}` };
  // In a group of its own, because npm does not hand signals on.
  await using bot = new Running('setsid', [command, ...args], { cwd, env });
  await bot.until(/^Connected as "MyBot"\.$/m);
  const alice = await room.join('alice');
  await alice.connector.sendDm('MyBot', '!greet you');
  await alice.hears('MyBot: Hello you!');
  await alice.connector.disconnect();
  process.kill(-(bot.child.pid ?? Number.NaN), 'SIGTERM');
  await bot.ended();
}

test('packed packages are enough: install the command, make a bot, install, test and start it', async (t) => {
  await using room = await Room.open();
  const { path } = room.folder;
  const packages = `${path}/packages`;
  await mkdir(packages);
  const packed = PACKAGES.flatMap((name) => ['-w', `packages/${name}`]);
  await succeeds('npm', ['pack', '--silent', '--pack-destination', packages, ...packed], ROOT);
  const tarballs = (await readdir(packages)).map((name) => `${packages}/${name}`);
  assert.equal(tarballs.length, PACKAGES.length);

  await succeeds('npm', ['install', ...QUIET, '--prefix', `${path}/tools`, ...tarballs], path);
  await succeeds(`${path}/tools/node_modules/.bin/quietroom`, ['bot', 'new', 'my-bot'], path);
  const project = `${path}/my-bot`;
  const libraries = tarballs.filter((file) => /-(protocol|connector|bot)-/.test(file));
  const server = tarballs.filter((file) => /-server-/.test(file));
  await succeeds('npm', ['install', ...QUIET, ...libraries, ...server], project);
  assert.match(await succeeds('npm', ['test'], project), /pass 1$/m);
  await copyFile(`${path}/chat_public.pem`, `${project}/chat_public.pem`);
  await answers(room, 'npm', ['start'], project);

  await t.test('the steps of its Dockerfile build a bot that runs', () => buildsImage(room, project));
  await t.test(
    'systemd takes its unit',
    { skip: !existsSync(ANALYZE) && 'systemd-analyze is not installed' },
    (subtest) => verifiesUnit(subtest, project),
  );
});

async function buildsImage(room: Room, project: string): Promise<void> {
  const build = `${room.folder.path}/build`;
  const app = `${room.folder.path}/app`;
  const data = `${room.folder.path}/data`;
  await Promise.all([mkdir(build), mkdir(app), mkdir(data)]);
  const steps = (await readFile(`${project}/Dockerfile`, 'utf8'))
    .split('\n')
    .filter((line) => /^(?:COPY|RUN|CMD)/.test(line));
  assert.deepEqual(steps, [
    'COPY package.json package-lock.json tsconfig.json ./',
    'RUN npm ci',
    'COPY src src',
    'RUN npm run build && npm prune --omit=dev',
    'COPY --from=build /app/package.json /app/package.json',
    'COPY --from=build /app/node_modules /app/node_modules',
    'COPY --from=build /app/dist /app/dist',
    'CMD ["node", "/app/dist/main.js"]',
  ]);
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'src']) {
    await cp(`${project}/${file}`, `${build}/${file}`, { recursive: true });
  }
  await succeeds('npm', ['ci', ...QUIET], build);
  await succeeds('npm', ['run', 'build'], build);
  await succeeds('npm', ['prune', ...QUIET, '--omit=dev'], build);
  for (const file of ['package.json', 'node_modules', 'dist']) {
    await cp(`${build}/${file}`, `${app}/${file}`, { recursive: true });
  }
  assert.ok(!existsSync(`${app}/node_modules/typescript`));
  await copyFile(`${room.folder.path}/chat_public.pem`, `${data}/chat_public.pem`);
  await answers(room, 'node', [`${app}/dist/main.js`], data);
}

async function verifiesUnit(t: TestContext, project: string): Promise<void> {
  const unit = `${project}/my-bot.service`;
  // The verification wants that the program is there.
  await writeFile(unit, (await readFile(unit, 'utf8')).replace('/usr/bin/node', process.execPath));
  t.diagnostic(await succeeds(ANALYZE, ['verify', unit], project));
}
