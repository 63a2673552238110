import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { BridgeScene } from './bridgeScene.js';
import { missing } from './ircServers.js';
import { IrcUser } from './ircUser.js';

for (const ircd of ['ngircd', 'inspircd'] as const) {
  suite(`the bridge and ${ircd}`, { skip: missing(ircd) }, () => {
    test('texts, actions, formatting and names go both ways, and nothing comes back', async () => {
      await using scene = await BridgeScene.open(ircd, {
        links: [
          ['#ops', '#ops'],
          ['lobby', '#all'],
        ],
      });
      const alice = await scene.room.joinRoom('alice', '#ops');
      const jo = await scene.room.join('Jo Doe');
      await using bob = await IrcUser.join(scene.irc.port, 'bob', '#ops', '#all');
      await using bridge = await scene.start();
      await bridge.untilError(/IRC: in #all/);

      await alice.connector.sendRoomMessage('#ops', 'hello');
      await bob.hears('Bridge', '#ops', '<alice> hello');
      await alice.connector.sendRoomMessage('#ops', '/me waves');
      await bob.hears('Bridge', '#ops', '\x01ACTION alice waves\x01');
      await jo.connector.sendLobbyMessage('first\nsecond');
      await bob.reads(/PRIVMSG #all :<Jo_Doe~\S{6}> second$/);

      bob.say('#ops', '\x02bold\x02 \x0304,01red\x03 plain', '\x01ACTION waves\x01', '/quit', ': colon');
      await alice.reads('#ops', 'Bridge: <bob> bold red plain');
      await alice.reads('#ops', 'Bridge: * bob waves');
      await alice.reads('#ops', 'Bridge: <bob> /quit');
      await alice.reads('#ops', 'Bridge: <bob> : colon');
      bob.say('#all', 'to all');
      await jo.hearsText(/Bridge: <bob> to all$/);

      // Nothing of it came back.
      await alice.connector.sendRoomMessage('#ops', 'end');
      await bob.hears('Bridge', '#ops', '<alice> end');
      assert.deepEqual(bob.saidBy('Bridge', '#ops'), [
        '<alice> hello',
        '\x01ACTION alice waves\x01',
        '<alice> end',
      ]);
      assert.equal(bob.saidBy('Bridge', '#all').length, 2);
      bridge.signal('SIGTERM');
      assert.equal((await bridge.ended()).code, 0);
      await bob.reads(/^:Bridge!\S+ QUIT /);
    });
  });
}
