import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { ScriptedPeer } from '@quietroom/testing';
import { logIn } from '../fixtures.js';
import { answerLike1x } from './joiningRuntime.js';

const run = promisify(execFile);

const COUNT = 300;

const CONNECTOR = new URL('../../dist/index.js', import.meta.url).href;

/** Two bursts, one before and one after the runtime can have shown what it does; prints the receipts by status. */
const PROGRAM = `
  const { QuietRoomConnector } = await import(${JSON.stringify(CONNECTOR)});
  const bot = new QuietRoomConnector({ ...JSON.parse(process.env.CONFIG), username: 'bot', decoyTraffic: false });
  const counts = {};
  await bot.connect();
  for (let round = 0; round < 2; round++) {
    await Promise.all(Array.from({ length: ${COUNT} }, async (_, index) => {
      const { status } = await bot.sendDm('bob', round + ' ' + index);
      counts[status] = (counts[status] ?? 0) + 1;
    }));
  }
  await bot.disconnect();
  console.log(JSON.stringify(counts));
`;

const RUNTIMES = [
  { program: process.execPath, name: 'Node', args: ['--input-type=module', '--eval'] },
  { program: 'bun', name: 'Bun', args: ['--eval'] },
  { program: 'deno', name: 'Deno', args: ['eval', '--no-lock'] },
];

/** False when the program is there, else why the test is skipped. */
function missing(program: string, name: string): false | string {
  const { error } = spawnSync(program, ['--version'], { shell: process.platform === 'win32' });
  return error === undefined ? false : `${name} is not installed`;
}

for (const { program, name, args } of RUNTIMES) {
  for (const padding of ['uniform', 'random'] as const) {
    const skip = missing(program, name);
    test(
      `${name}: a burst of ${COUNT} messages through a 1.x server is accepted whole (${padding})`,
      { skip },
      async () => {
        await using peer = await ScriptedPeer.start(async (connection) => {
          await answerLike1x(connection, await logIn(connection));
        });
        const { stdout } = await run(program, [...args, PROGRAM], {
          cwd: fileURLToPath(new URL('../..', import.meta.url)),
          env: { ...process.env, CONFIG: JSON.stringify({ ...peer.config, padding }) },
        });
        assert.deepEqual(JSON.parse(stdout), { accepted: 2 * COUNT });
      },
    );
  }
}
