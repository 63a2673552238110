import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { ClientInput } from '#src/client/clientInput.js';
import { TurnScheduler } from '#src/turns/turnScheduler.js';

/** Input whose records hold one request each; the words `block` and `slow` make the next one wait. */
function makeInput(mostBytes = 1_000_000) {
  const runs: (() => void)[] = [];
  const scheduler = new TurnScheduler(
    (run) => runs.push(run),
    () => 0,
  );
  const log: string[] = [];
  const delays: (() => void)[] = [];
  let kept = 0;
  const flow = { pause: () => void log.push('pause'), resume: () => void log.push('resume') };
  const wait = (): Promise<void> => new Promise((resolve) => delays.push(resolve));
  const input = new ClientInput<{ bytes: Uint8Array }>(scheduler, flow, wait, {
    decode: (record) => {
      input.addRequest({ bytes: record });
      return 3;
    },
    delayMs: ({ bytes }) => (String(bytes) === 'slow' ? 100 : 0),
    handle: ({ bytes }) => {
      log.push(String(bytes));
      if (String(bytes) === 'block') input.block();
      return 9;
    },
    mostBytes: () => mostBytes,
    kept: (bytes) => {
      kept += bytes;
    },
  });
  const add = (...texts: string[]): void => {
    for (const text of texts) input.addRecord(Buffer.from(text));
  };
  const run = (): string[] => {
    for (let next = runs.shift(); next; next = runs.shift()) next();
    return log.splice(0);
  };
  return { input, add, run, delays, kept: () => kept };
}

suite('ClientInput', () => {
  test('handles requests in order, in a later turn', () => {
    const { add, run, kept } = makeInput();
    add('a', 'b', 'c');
    assert.ok(kept() > 0);
    assert.deepEqual(run(), ['a', 'b', 'c']);
    assert.equal(kept(), 0);
  });

  test('keeps what comes while a request is pending, and reads on', () => {
    const { input, add, run } = makeInput();
    add('a', 'block', 'b');
    assert.deepEqual(run(), ['a', 'block']);
    add('c');
    assert.deepEqual(run(), []);
    input.unblock();
    assert.deepEqual(run(), ['b', 'c']);
  });

  test('stops reading when too much is kept, and reads again when half is handled', () => {
    const { input, add, run } = makeInput(2000);
    add('block');
    assert.deepEqual(run(), ['block']);
    add('1', '2', '3', '4', '5', '6', '7');
    assert.deepEqual(run(), []);
    add('8');
    assert.deepEqual(run(), ['pause']);
    input.unblock();
    const log = run();
    assert.ok(log.includes('resume') && log.indexOf('resume') > log.indexOf('2'), log.join());
    assert.equal(log.at(-1), '8');
  });

  test('a delayed request waits once, and those behind it with it', async () => {
    const { add, run, delays } = makeInput();
    add('slow', 'b');
    assert.deepEqual(run(), []);
    delays.shift()?.();
    await Promise.resolve();
    assert.deepEqual(run(), ['slow', 'b']);
    assert.equal(delays.length, 0);
  });

  test('tells once when all is handled', () => {
    const { input, add, run } = makeInput();
    let idle = 0;
    add('a', 'block', 'b');
    run();
    input.whenIdle(() => idle++);
    run();
    assert.equal(idle, 0);
    input.unblock();
    run();
    assert.equal(idle, 1);
  });

  test('drops all when it is closed, and lets the client be read', () => {
    const { input, add, run, kept } = makeInput(300);
    add('block', 'b', 'c');
    run();
    input.close();
    assert.equal(kept(), 0);
    assert.deepEqual(run(), ['resume']);
    input.unblock();
    add('d');
    assert.deepEqual(run(), []);
  });
});
