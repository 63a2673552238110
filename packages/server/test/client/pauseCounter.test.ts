import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PauseCounter } from '#src/client/pauseCounter.js';

test('A source flows again when the last of those who paused it lets it', () => {
  const calls: string[] = [];
  const gate = new PauseCounter({ pause: () => calls.push('pause'), resume: () => calls.push('resume') });
  gate.pause();
  gate.pause();
  gate.resume();
  assert.deepEqual(calls, ['pause']);
  gate.resume();
  gate.pause();
  gate.resume();
  assert.deepEqual(calls, ['pause', 'resume', 'pause', 'resume']);
});
