import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { CELL_BYTES } from '@quietroom/protocol/internals';
import { FakeClock, propertyRuns, seededBytes } from '@quietroom/testing';
import fc from 'fast-check';
import { INTERVAL_MS, openSteady } from './steadyChannel.js';

const ticks = ({ cells, missedTicks }: { cells: number; missedTicks: number }): number => cells + missedTicks;

test('Whatever is sent and whenever the loop stalls, the records tell nothing of it, and texts arrive in order', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('send' as const), size: fc.integer({ min: 0, max: 2000 }) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ do: fc.constant('stall' as const), ms: fc.integer({ min: 1, max: 5000 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const [busyClock, idleClock] = [new FakeClock(), new FakeClock()];
      const [busy, idle] = [await openSteady(busyClock), await openSteady(idleClock)];
      const sent: string[] = [];
      for (const one of steps) {
        if (one.do === 'send') {
          const text = seededBytes(sent.length, one.size).toString('latin1').slice(0, one.size);
          sent.push(text);
          busy.channel.sendText(text);
          continue;
        }
        for (const clock of [busyClock, idleClock]) {
          if (one.do === 'pass') clock.advance(one.ms);
          else clock.stall(one.ms);
        }
        // TLS takes a write before the next tick.
        await turn();
      }
      // The phase of each is random: one tick more or less.
      assert.ok(Math.abs(ticks(busy.cover.counts) - ticks(idle.cover.counts)) <= 1);
      for (const { records } of [busy, idle]) assert.ok(records.every(({ length }) => length === CELL_BYTES));
      for (let left = busy.channel.queuedBytes; left >= 0; left -= CELL_BYTES) {
        busyClock.advance(INTERVAL_MS);
        await turn();
      }
      busyClock.advance(3 * INTERVAL_MS);
      await turn();
      busyClock.advance(INTERVAL_MS);
      await turn();
      assert.deepEqual(busy.texts, sent);
    }),
    { numRuns: propertyRuns(200) },
  );
});
