import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { TurnScheduler } from '#src/turns/turnScheduler.js';

/** A scheduler whose turns the test starts. */
function makeScheduler(now = () => 0) {
  const runs: (() => void)[] = [];
  const scheduler = new TurnScheduler((run) => runs.push(run), now);
  /** Runs one turn; false when none is wanted. */
  const turn = (): boolean => {
    const run = runs.shift();
    run?.();
    assert.ok(runs.length <= 1, 'one turn at a time');
    return run !== undefined;
  };
  return { scheduler, turn };
}

/** A client with so much work of one cost each. */
function addClient(scheduler: TurnScheduler, cost: number, pieces: number, log: string[], name: string) {
  const client = { left: pieces, wake: (): void => turns.wake(), end: (): void => turns.end() };
  const turns = scheduler.add(() => {
    if (client.left === 0) return 0;
    client.left--;
    log.push(name);
    return cost;
  });
  return client;
}

const COST_LIMIT = 4000;

suite('TurnScheduler', () => {
  test('does a bounded amount of work in a turn, and the rest in the next ones', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    addClient(scheduler, 25, 1000, log, 'a').wake();
    let turns = 0;
    while (turn()) {
      turns++;
      assert.ok(log.length * 25 <= COST_LIMIT + 25, `${log.length} pieces in turn ${turns}`);
      log.length = 0;
    }
    assert.ok(turns >= 7);
  });

  test('serves a client that had nothing to do before all that are busy', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    for (let index = 0; index < 60; index++) addClient(scheduler, 25, 1000, log, 'flood').wake();
    for (let round = 0; round < 30; round++) turn();
    const honest = addClient(scheduler, 25, 1, log, 'honest');
    honest.wake();
    log.length = 0;
    turn();
    // Behind the one whose share the last turn cut short, and at most one more.
    assert.ok(log.slice(0, 25).includes('honest'), log.join());
  });

  test('divides turns equally among busy clients, whatever one piece of work costs', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    const costs = { cheap: 10, dear: 1000 };
    for (const [name, cost] of Object.entries(costs)) addClient(scheduler, cost, 1e6, log, name).wake();
    for (let round = 0; round < 100; round++) turn();
    const spent = Object.entries(costs).map(
      ([name, cost]) => cost * log.filter((one) => one === name).length,
    );
    const [cheap = 0, dear = 0] = spent;
    assert.ok(cheap / dear > 0.9 && cheap / dear < 1.1, `${cheap} and ${dear}`);
  });

  test('going idle does not forgive what work has cost', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    const broadcaster = addClient(scheduler, 12_000, 1, log, 'broadcast');
    broadcaster.wake();
    turn();
    const other = addClient(scheduler, 25, 1000, log, 'other');
    other.wake();
    broadcaster.left = 1;
    broadcaster.wake();
    log.length = 0;
    turn();
    assert.ok(!log.includes('broadcast'));
    while (turn());
    assert.equal(log.filter((name) => name === 'broadcast').length, 1);
  });

  test('writes a bounded amount in a turn, and clients with little to be written first', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    for (let index = 0; index < 20; index++) {
      scheduler.write(() => (log.push('heavy'), 65_536), 1_000_000);
    }
    scheduler.write(() => (log.push('light'), 512), 512);
    turn();
    assert.equal(log[0], 'light');
    assert.ok(log.length < 10, `${log.length} writes`);
    while (turn());
    assert.equal(log.length, 21);
  });

  test('many with little to do or to be written do not stop those with much', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    addClient(scheduler, 25, 1e6, log, 'much').wake();
    const little = Array.from({ length: 200 }, () => addClient(scheduler, 25, 1e6, log, 'little'));
    let heavy = 0;
    const writeHeavy = (): number => {
      heavy++;
      scheduler.write(writeHeavy, 1_000_000);
      return 65_536;
    };
    writeHeavy();
    for (let round = 0; round < 50; round++) {
      for (const client of little) {
        client.left = 1;
        client.wake();
      }
      for (let index = 0; index < 300; index++) scheduler.write(() => 512, 512);
      turn();
    }
    assert.ok(heavy > 40, `${heavy} heavy writes`);
    assert.ok(log.filter((name) => name === 'much').length > 100, 'the busy client stands still');
  });

  test('writes that are added during a turn come after those that wait', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    scheduler.write(() => {
      scheduler.write(() => (log.push('c'), 512), 512);
      return (log.push('a'), 512);
    }, 512);
    scheduler.write(() => (log.push('b'), 512), 512);
    assert.deepEqual(log, []);
    while (turn());
    assert.deepEqual(log, ['a', 'b', 'c']);
  });

  test('lets input wait while writes are far behind, but not stand still', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    addClient(scheduler, 25, 1e6, log, 'input').wake();
    const writeForEver = (): number => {
      scheduler.write(writeForEver, 1_000_000);
      return 65_536;
    };
    for (let index = 0; index < 200; index++) writeForEver();
    for (let round = 0; round < 60; round++) turn();
    for (let round = 0; round < 10; round++) {
      log.length = 0;
      turn();
      assert.ok(log.length > 0 && log.length <= 24, `${log.length} pieces`);
    }
  });

  test('a handshake leaves less of the turn to input', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    addClient(scheduler, 25, 1e6, log, 'input').wake();
    scheduler.spend(4500);
    turn();
    assert.equal(log.length, 20);
    log.length = 0;
    turn();
    assert.equal(log.length, 160);
  });

  test('stops reading for the rest of the turn after a quarter of a mebibyte', () => {
    const { scheduler, turn } = makeScheduler();
    const resumed: number[] = [];
    const results = Array.from({ length: 600 }, (_, index) => scheduler.read(512, () => resumed.push(index)));
    assert.equal(results.filter(Boolean).length, 512);
    turn();
    assert.equal(resumed.length, 88);
    assert.equal(
      scheduler.read(512, () => {}),
      true,
    );
  });

  test('a client that has ended is not served', () => {
    const { scheduler, turn } = makeScheduler();
    const log: string[] = [];
    const client = addClient(scheduler, 25, 100, log, 'a');
    client.wake();
    client.end();
    client.wake();
    while (turn());
    assert.deepEqual(log, []);
  });

  test('a turn ends early when work takes longer than estimated, and the rest is done in the next ones', () => {
    let ms = 0;
    const { scheduler, turn } = makeScheduler(() => ms);
    let pieces = 0;
    const input = scheduler.add(() => {
      if (++pieces > 100) return 0;
      ms += 1;
      return 25;
    });
    let writes = 0;
    const addWrite = (): void =>
      scheduler.write(() => {
        writes++;
        ms += 1;
        return 512;
      }, 512);
    for (let index = 0; index < 100; index++) addWrite();
    input.wake();
    for (let turns = 1; turn(); turns++) {
      const before = ms;
      assert.ok(turns <= 200);
      turn();
      assert.ok(ms - before <= 8, `${ms - before} ms in turn ${turns}`);
    }
    assert.deepEqual([pieces, writes], [101, 100]);
  });

  test('reading ends early when it takes long, and input then has less of the turn', () => {
    let ms = 0;
    const { scheduler, turn } = makeScheduler(() => ms);
    let pieces = 0;
    scheduler
      .add(() => {
        pieces++;
        ms += 1;
        return 1;
      })
      .wake();
    const read = (): boolean => {
      ms += 1;
      return scheduler.read(512, () => {});
    };
    assert.deepEqual(Array.from({ length: 6 }, read), [true, true, true, true, false, false]);
    turn();
    assert.equal(pieces, 2);
    assert.equal(read(), true);
  });
});
