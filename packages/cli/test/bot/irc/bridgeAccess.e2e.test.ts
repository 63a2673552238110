import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { quietroom } from '../../harness/quietroom.js';
import { BridgeScene } from './bridgeScene.js';
import { missing } from './ircServers.js';
import { IrcServices } from './ircServices.js';
import { IrcUser } from './ircUser.js';

const SASL = 'sasl_account = "bridge-account"\nsasl_password_env = "IRC_PASSWORD"\n';

suite('access to IRC servers', { skip: missing('inspircd') }, () => {
  test(
    'SASL logs the bridge in, and without it the bridge joins nothing',
    { skip: missing('atheme') },
    async () => {
      await using scene = await BridgeScene.open('inspircd', {
        irc: SASL,
        tls: true,
        ircd: { services: true },
      });
      await using services = await IrcServices.start(scene.irc);
      await services.register(scene.irc.port, 'bridge-account', 'right-password');
      await using bob = await IrcUser.join(scene.irc.port, 'bob', '#ops');
      {
        await using bridge = quietroom(scene.command, {
          cwd: scene.room.folder.path,
          env: { IRC_PASSWORD: 'wrong-password' },
        });
        await bridge.untilError(/IRC: SASL failed: fail .*\bTrying again in/);
        assert.doesNotMatch(bridge.stderr, /connected to|in #ops|wrong-password/);
      }
      await using bridge = await scene.start({ IRC_PASSWORD: 'right-password' });
      bob.write('WHOIS Bridge');
      await bob.reads(/ 330 bob Bridge bridge-account /);
      assert.ok(bridge.isRunning);
      assert.ok(!(bridge.stdout + bridge.stderr).includes('right-password'));
    },
  );

  test('a server without SASL gets no password and is left', async () => {
    await using scene = await BridgeScene.open('inspircd', { irc: SASL, tls: true });
    await using bridge = quietroom(scene.command, {
      cwd: scene.room.folder.path,
      env: { IRC_PASSWORD: 'secret' },
    });
    await bridge.untilError(/IRC: SASL failed: capability_missing Trying again in/);
    assert.doesNotMatch(bridge.stderr, /in #ops/);
  });

  const certificates: readonly [what: string, irc: string, error: RegExp][] = [
    ['of no known authority', '', /IRC: self[- ]signed certificate.* Trying again in/],
    [
      'with another fingerprint',
      `tls_fingerprint = "${'ab'.repeat(32)}"\n`,
      /IRC: The server's certificate has the fingerprint [\da-f]{64}, which is not pinned\. Trying again in/,
    ],
  ];
  for (const [what, irc, error] of certificates) {
    test(`a certificate ${what} is refused`, async () => {
      await using scene = await BridgeScene.open('inspircd', { irc, tls: 'unpinned' });
      await using bridge = quietroom(scene.command, { cwd: scene.room.folder.path });
      await bridge.untilError(error);
      assert.doesNotMatch(bridge.stderr, /connected to/);
    });
  }
});
