import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import {
  junitXml,
  resultLines,
  testServer,
  totalsLines,
  type ConformanceReport,
} from '@quietroom/conformance';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity, secondIdentity } from '@quietroom/testing';

async function check(
  only: string,
  options: { readonly wrongPin?: boolean; readonly version?: '1.1' | '1.2' } = {},
): Promise<ConformanceReport> {
  const { wrongPin = false, version = '1.2' } = options;
  const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity, protocolVersion: '1.2' });
  try {
    const certPem = (wrongPin ? secondIdentity : firstIdentity).certPem;
    const { host, port } = server;
    return await testServer({ host, port, certPem, version, only: [only], timeoutMs: 2000 });
  } finally {
    await server.close();
  }
}

function failedOf(report: ConformanceReport): string[] {
  return report.results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
}

suite('Verdicts of the conformance suite', () => {
  test('a server with another certificate than the pin fails the cases of the pin and the signature', async () => {
    assert.deepEqual(failedOf(await check('keys', { wrongPin: true })), [
      'keys/signature',
      'keys/longest-salt',
    ]);
    assert.ok(failedOf(await check('transport', { wrongPin: true })).includes('transport/pin'));
    assert.ok(!failedOf(await check('transport')).includes('transport/pin'));
  });

  test('a 1.2 server that is said to be 1.1 fails what differs', async () => {
    const report = await check('lists', { version: '1.1' });
    assert.deepEqual(failedOf(report), [
      'lists/users-lobby-1.1',
      'lists/users-room-1.1',
      'lists/members-1.1',
    ]);
    const failure = report.results.find(({ id }) => id === 'lists/members-1.1');
    assert.ok(failure);
    const [head, expected, seen] = resultLines(failure);
    assert.match(head ?? '', /^fail +lists\/members-1\.1: on 1\.1 there is no \/members$/);
    assert.match(expected ?? '', /expected: "Unknown command: \/members\./);
    assert.match(seen ?? '', /seen: .*"Usage: \/members/);
    assert.match(junitXml(report), /<testsuite name="lists" tests="\d+" failures="3"/);
    assert.match(totalsLines(report).at(-1) ?? '', /^all +\d+ +3 /);
  });

  test('a server that is not there fails each case', async () => {
    const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
    const { host, port, certPem } = server;
    await server.close();
    const report = await testServer({
      host,
      port,
      certPem,
      version: '1.2',
      only: ['passwords'],
      timeoutMs: 2000,
    });
    assert.equal(report.totals.fail, report.results.length);
    assert.match(report.results[0]?.steps.at(-1)?.seen ?? '', /ECONNREFUSED/);
  });

  test('a run that is stopped skips what is left', async () => {
    const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
    const stop = new AbortController();
    const { host, port, certPem } = server;
    const report = await testServer({
      host,
      port,
      certPem,
      version: '1.2',
      only: ['dms'],
      timeoutMs: 5000,
      signal: stop.signal,
      onResult: () => stop.abort(),
    });
    await server.close();
    assert.equal(report.totals.pass, 1);
    assert.equal(report.totals.skipped, report.results.length - 1);
  });
});
