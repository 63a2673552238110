import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Passwords } from '#src/chat/passwords.js';

test('A password is recognised, another one is not, and equal ones have different hashes', async () => {
  const passwords = new Passwords();
  const [first, second] = await Promise.all([passwords.hash('open sesame'), passwords.hash('open sesame')]);
  assert.equal(await passwords.isCorrect('open sesame', first), true);
  assert.equal(await passwords.isCorrect('open sesame ', first), false);
  assert.equal(await passwords.isCorrect('', first), false);
  assert.notDeepEqual(first.hash, second.hash);
  assert.equal(first.hash.includes('open sesame'), false);
});

test('Many checks at once all end', async () => {
  const passwords = new Passwords();
  const hash = await passwords.hash('x');
  const guesses = ['x', 'y', 'x', 'y', 'x', 'y'];
  const answers = await Promise.all(guesses.map((guess) => passwords.isCorrect(guess, hash)));
  assert.deepEqual(answers, [true, false, true, false, true, false]);
});
