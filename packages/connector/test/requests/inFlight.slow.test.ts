import assert from 'node:assert/strict';
import { test } from 'node:test';
import { burst } from './busyServer.js';

test('100,000 messages at once are all accepted by a server that drops echoes past 4,096 waiting packets', async () => {
  assert.deepEqual(await burst(100_000, {}), { counts: { accepted: 100_000 }, dropped: 0 });
});
