import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { listenOnFirst } from '#src/serve/listenOnFirst.js';

suite('listenOnFirst', () => {
  for (const code of ['EAFNOSUPPORT', 'EADDRNOTAVAIL']) {
    test(`takes the next address when the machine answers ${code}`, async () => {
      assert.equal(await listenOnFirst(['::', '0.0.0.0'], lacking(code)), '0.0.0.0');
    });
  }

  test('takes the first that works', async () => {
    assert.equal(await listenOnFirst(['::', '0.0.0.0'], (host) => Promise.resolve(host)), '::');
  });

  test('tries no other address when something else is wrong', async () => {
    await assert.rejects(listenOnFirst(['::', '0.0.0.0'], lacking('EADDRINUSE')), { code: 'EADDRINUSE' });
  });

  test('fails as the last one does', async () => {
    await assert.rejects(listenOnFirst(['::'], lacking('EAFNOSUPPORT')), { code: 'EAFNOSUPPORT' });
  });
});

/** A machine without IPv6. */
function lacking(code: string): (host: string) => Promise<string> {
  return (host) =>
    host === '::' ? Promise.reject(Object.assign(new Error(code), { code })) : Promise.resolve(host);
}
