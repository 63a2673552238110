import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { eventually, quietroom } from '../../harness/quietroom.js';
import { BridgeScene } from './bridgeScene.js';
import { missing } from './ircServers.js';
import { IrcUser } from './ircUser.js';

suite('places of the bridge', { skip: missing('ngircd') }, () => {
  test('two bridges between the same places end no message in a loop', async () => {
    await using scene = await BridgeScene.open('ngircd');
    const alice = await scene.room.joinRoom('alice', '#ops');
    await using bob = await IrcUser.join(scene.irc.port, 'bob', '#ops');
    await using first = await scene.start();
    const settings = { cwd: scene.room.folder.path };
    await scene.room.folder.write(
      'second.toml',
      `store = "second-store"\n[irc]\nhost = "127.0.0.1"\nport = ${scene.irc.port}\ntls = false\nnick = "Other"\n[[links]]\nplace = "#ops"\nchannel = "#ops"\n`,
    );
    await using second = quietroom(
      [...scene.command, '--settings', 'second.toml', '--username', 'Other'],
      settings,
    );
    await second.untilError(/IRC: in #ops/);

    await alice.connector.sendRoomMessage('#ops', 'from the room');
    bob.say('#ops', 'from the channel');
    for (const [name, nick] of [
      ['Bridge', 'Bridge'],
      ['Other', 'Other'],
    ] as const) {
      await bob.hears(nick, '#ops', '<alice> from the room');
      await alice.reads('#ops', `${name}: <bob> from the channel`);
    }
    // Later messages have arrived: a loop would have gone on meanwhile.
    for (let turn = 0; turn < 3; turn++) {
      await alice.connector.sendRoomMessage('#ops', `turn ${turn}`);
      await bob.hears('Bridge', '#ops', `<alice> turn ${turn}`);
      await bob.hears('Other', '#ops', `<alice> turn ${turn}`);
    }
    const inChannel = bob.lines.filter((line) => line.includes('from the room'));
    const inRoom = alice.texts.filter((text) => text.includes('from the channel'));
    // Once by each bridge, and at most one turn more.
    assert.ok(inChannel.length <= 4 && inRoom.length <= 4, `${inChannel.length} and ${inRoom.length}`);
    assert.ok(first.isRunning && second.isRunning);
  });

  test('a 1.1 server, with one link', async () => {
    await using scene = await BridgeScene.open('ngircd', { chat: { protocolVersion: '1.1' } });
    const alice = await scene.room.joinRoom('alice', '#ops');
    await using bob = await IrcUser.join(scene.irc.port, 'bob', '#ops');
    await using bridge = await scene.start();
    await alice.connector.sendRoomMessage('#ops', 'hello');
    await bob.hears('Bridge', '#ops', '<alice> hello');
    bob.say('#ops', 'hi');
    await alice.hearsText(/Bridge: <bob> hi$/);
    assert.ok(bridge.isRunning);
  });

  test('a 1.1 server refuses two links, because it does not name the room of a message', async () => {
    await using scene = await BridgeScene.open('ngircd', {
      chat: { protocolVersion: '1.1' },
      links: [
        ['#ops', '#ops'],
        ['#dev', '#dev'],
      ],
    });
    await using bridge = quietroom(scene.command, { cwd: scene.room.folder.path });
    const { code, stderr } = await bridge.ended();
    assert.equal(code, 2);
    assert.match(stderr, /does not name the room of a message: set one link only/);
  });

  test('names of both sides are told to who asks', async () => {
    await using scene = await BridgeScene.open('ngircd');
    const alice = await scene.room.joinRoom('alice', '#ops');
    await using bob = await IrcUser.join(scene.irc.port, 'bob', '#ops');
    await using bridge = await scene.start();
    await eventually('bob is listed', async () => {
      await alice.connector.sendDm('Bridge', '!names');
      return alice.dms.includes('Bridge: #ops: bob');
    });
    bob.say('Bridge', 'names');
    await bob.reads(/^:Bridge!\S+ NOTICE bob :#ops: alice$/);
    assert.ok(bridge.isRunning);
  });
});
