import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { resultLines, SERVER_GROUP_NAMES, testServer, type Version } from '@quietroom/conformance';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';

/** Defines a test for each group of cases, which our server passes with its default limits. */
export function testGroups(version: Version): void {
  suite(`Our server and the conformance suite, ${version}`, () => {
    for (const group of SERVER_GROUP_NAMES) {
      test(`passes all cases of ${group}`, async () => {
        // A short key costs less, but only a generated certificate is like those of existing servers.
        const identity = group === 'transport' ? {} : { identity: firstIdentity };
        const server = await QuietRoomServer.start({ port: 0, protocolVersion: version, ...identity });
        try {
          const { host, port, certPem } = server;
          const report = await testServer({ host, port, certPem, version, only: [group], timeoutMs: 30_000 });
          const others = report.results.filter(
            ({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable',
          );
          assert.deepEqual(others.flatMap(resultLines), []);
          assert.ok(report.totals.pass >= 10, `${report.totals.pass} cases`);
        } finally {
          await server.close();
        }
      });
    }
  });
}
