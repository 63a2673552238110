import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { CLIENT_GROUP_NAMES, resultLines, testClient } from '@quietroom/conformance';
import { firstIdentity, secondIdentity } from '@quietroom/testing';
import { startEchoClient, type EchoClient } from './echoClient.js';

suite('Our connector and the conformance suite', () => {
  for (const group of CLIENT_GROUP_NAMES) {
    test(`passes all cases of ${group}`, async () => {
      let client: EchoClient | undefined;
      const report = await testClient({
        host: '127.0.0.1',
        port: 0,
        identity: firstIdentity,
        otherIdentity: secondIdentity,
        version: '1.2',
        only: [group],
        timeoutMs: 30_000,
        connectTimeoutMs: 60_000,
        onListening: (port) => {
          client = startEchoClient(port);
        },
      });
      await client?.stop();
      const others = report.results.filter(({ verdict }) => verdict !== 'pass');
      assert.deepEqual(others.flatMap(resultLines), []);
      assert.ok(report.totals.pass > 0);
    });
  }
});
