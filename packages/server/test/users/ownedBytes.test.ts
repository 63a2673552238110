import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Broadcaster } from '#src/users/broadcaster.js';
import { Counters } from '#src/observe/counters.js';
import { CurrentOptions } from '#src/options/currentOptions.js';
import { Rejections } from '#src/observe/rejections.js';
import { resolveOptions } from '#src/options/options.js';
import type { User } from '#src/users/user.js';

/** Of so many texts one waits. */
const ONE_OF = 200;

const WAITING = 500;

/** Bytes that the memory budget counts for a small text. */
const COUNTED_BYTES = 512;

test('Texts that wait hold no more memory than is counted', () => {
  const rejections = new Rejections(() => {});
  const broadcaster = new Broadcaster(new CurrentOptions(resolveOptions({})), new Counters(), rejections);
  const waiting: Uint8Array[] = [];
  let sent = 0;
  // A user is nothing but where texts go here.
  const user = { send: (text: Uint8Array) => sent++ % ONE_OF === 0 && waiting.push(text) } as unknown as User;
  for (let index = 0; index < WAITING * ONE_OF; index++) {
    const text = 'x'.repeat(index % 100);
    broadcaster.tell([user], { type: 'lobby', time: '12:34:56', name: 'alice', text });
  }
  assert.equal(waiting.length, WAITING);
  // All of a buffer stays in memory while a text in it waits.
  const buffers = new Set(waiting.map(({ buffer }) => buffer));
  const held = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(held < WAITING * COUNTED_BYTES, `${held} bytes for ${WAITING} texts`);
});
