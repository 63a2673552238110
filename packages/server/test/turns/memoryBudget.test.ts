import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBudget } from '#src/turns/memoryBudget.js';

test('Memory is tight above three quarters of the limit', () => {
  const memory = new MemoryBudget(() => 800);
  memory.add(600);
  assert.equal(memory.isTight, false);
  memory.add(1);
  assert.equal(memory.isTight, true);
  memory.add(-1);
  assert.equal(memory.isTight, false);
});

test('Growing while memory is tight is told, shrinking is not', () => {
  const memory = new MemoryBudget(() => 800);
  let told = 0;
  memory.onTight(() => told++);
  memory.add(600);
  assert.equal(told, 0);
  memory.add(100);
  assert.equal(told, 1);
  memory.add(-50);
  assert.equal(told, 1);
});
