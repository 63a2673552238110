import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { resultLines, SERVER_GROUP_NAMES, testServer, VERSIONS } from '@quietroom/conformance';
import { QuietRoomServer } from '@quietroom/server';

suite('Our server and the conformance suite', () => {
  for (const version of VERSIONS) {
    for (const group of SERVER_GROUP_NAMES) {
      test(`passes all cases of ${group} on ${version}`, async () => {
        const server = await QuietRoomServer.start({ port: 0, protocolVersion: version });
        try {
          const { host, port, certPem } = server;
          const only = [group];
          const report = await testServer({ host, port, certPem, version, only, timeoutMs: 30_000 });
          const others = report.results.filter(
            ({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable',
          );
          assert.deepEqual(others.flatMap(resultLines), []);
          assert.ok(report.totals.pass > 10, `${report.totals.pass} cases`);
        } finally {
          await server.close();
        }
      });
    }
  }
});
