import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { eventually, type Running, quietroom } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';

const MESSAGES = 1000;
/** Together with its JSON far more than a pipe holds. */
const TEXT = 'x'.repeat(500);

/** `quietroom listen` after all messages were delivered, with a reader that has not read a byte. */
async function withUnreadMessages(
  args: readonly string[],
  use: (listening: Running) => Promise<void>,
): Promise<void> {
  await using room = await Room.open();
  const alice = await room.join('alice');
  await using listening = quietroom(room.args('listen', '--username', 'monitor', '--json', ...args));
  listening.child.stdout?.pause();
  await listening.untilError(/Listening as monitor/);
  const receipts = await Promise.all(
    Array.from({ length: MESSAGES }, () => alice.connector.sendDm('monitor', TEXT)),
  );
  assert.ok(receipts.every(({ status }) => status === 'accepted'));
  await use(listening);
}

function lines({ stdout }: { readonly stdout: string }): number {
  return stdout.split('\n').length - 1;
}

suite('A reader that is late', () => {
  test('gets every line of a command that has reached its count', async () => {
    await withUnreadMessages(['--count', String(MESSAGES)], async (listening) => {
      await eventually('it has left the server', () => listening.stderr.includes('Listening'));
      listening.child.stdout?.resume();
      const outcome = await listening.ended();
      assert.equal(lines(outcome), MESSAGES);
      assert.equal(outcome.code, 0);
    });
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`gets every line that came before ${signal}`, async () => {
      await withUnreadMessages([], async (listening) => {
        listening.signal(signal);
        listening.child.stdout?.resume();
        const outcome = await listening.ended();
        assert.equal(lines(outcome), MESSAGES);
        assert.equal(outcome.code, 0);
      });
    });
  }

  test('does not hold up a second signal', async () => {
    await withUnreadMessages(['--count', String(MESSAGES)], async (listening) => {
      let exit: number | NodeJS.Signals | null = null;
      listening.child.once('exit', (code, signal) => (exit = code ?? signal));
      // The first signals may come while it still receives.
      await eventually('a second signal has ended it', () => {
        if (exit === null) listening.signal('SIGTERM');
        return exit !== null;
      });
      assert.equal(exit, 143);
      listening.child.stdout?.resume();
      const { stdout } = await listening.ended();
      assert.ok(lines({ stdout }) < MESSAGES);
    });
  });
});
