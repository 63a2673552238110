import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { ConnectorError } from 'quietroom-connector';
import { connectFailure } from '#src/client/connectFailure.js';

const TARGET = { host: 'chat.example', port: 37842, cert: 'chat_public.pem' };

suite('connectFailure', () => {
  const NETWORK = [
    { code: 'ECONNREFUSED', syscall: 'connect', says: /Nothing listens on chat\.example:37842/ },
    { code: 'ENOTFOUND', syscall: 'getaddrinfo', says: /"chat\.example" does not exist/ },
    { code: 'EAI_AGAIN', syscall: 'getaddrinfo', says: /cannot be looked up\./ },
    { code: 'ECONNRESET', syscall: 'read', says: /chat\.example:37842 closed the connection/ },
    { code: 'EHOSTUNREACH', syscall: 'connect', says: /cannot be reached \(EHOSTUNREACH\)/ },
    { code: 'ETIMEDOUT', syscall: 'connect', says: /cannot be reached \(ETIMEDOUT\)/ },
  ];
  for (const { code, syscall, says } of NETWORK) {
    test(`${code} is said in words, with exit code 3`, () => {
      const failure = connectFailure(Object.assign(new Error('low'), { code, syscall }), TARGET);
      assert.equal(failure.exitCode, 3);
      assert.match(failure.message, says);
    });
  }

  test('a host of several addresses, none of which answers, is like one of a single address', () => {
    const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    const failure = connectFailure(error, TARGET);
    assert.equal(failure.exitCode, 3);
    assert.match(failure.message, /Nothing listens on chat\.example:37842/);
  });

  test('an unknown kind of connector error keeps its message, with exit code 1', () => {
    const failure = connectFailure(new ConnectorError('QUEUE_FULL', 'Too much waits.'), TARGET);
    assert.equal(failure.exitCode, 1);
    assert.equal(failure.message, 'Too much waits.');
  });

  test('a mistake of ours is not dressed up as a failure to connect', () => {
    assert.throws(() => connectFailure(new TypeError('x is not a function'), TARGET), TypeError);
  });
});
