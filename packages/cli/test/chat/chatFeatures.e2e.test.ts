import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { secondIdentity } from '@quietroom/testing';
import { X509Certificate } from 'node:crypto';
import { wordPairs } from '#src/pin/fingerprint.js';
import { eventually } from '../harness/quietroom.js';
import { terminalSkip } from '../harness/terminal.js';
import { ChatScene } from './chatScene.js';

suite('quietroom chat as a daily program', { skip: terminalSkip }, () => {
  test('a new certificate is compared by words and accepted, and the room is joined again', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--room', '#ops'], { columns: 100, rows: 40 });
    await alice.until('Write to #ops');
    await scene.becomeAnother();
    await alice.until('not connected: /reconnect');
    await alice.enter('hello?');
    await alice.until('There is no connection. /reconnect makes one.');
    await alice.enter('/reconnect');
    await alice.enter('/pin');
    const rows = await alice.until(/type \/pin and pair \d+/);
    const number = Number(/type \/pin and pair (\d+)/.exec(rows.join('\n'))?.[1]);
    const pairs = wordPairs(new X509Certificate(secondIdentity.certPem).fingerprint256);
    const answer = pairs[number - 1] ?? '';
    assert.ok(!rows.join('\n').includes(answer));
    await alice.enter(`/pin ${answer}`);
    await alice.until('● connected');
    await alice.enter('back again');
    await alice.until('✓ back again');
    const pins = await readFile(join(scene.folder.path, 'chat_public.pem'), 'utf8');
    assert.ok(pins.includes(secondIdentity.certPem.trim()));
  });

  test('a wrong pair adds nothing', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat([], { columns: 100, rows: 50 });
    const before = await readFile(join(scene.folder.path, 'chat_public.pem'), 'utf8');
    await scene.becomeAnother();
    await alice.until('not connected: /reconnect');
    await alice.enter('/pin');
    await alice.until(/type \/pin and pair \d+/);
    await alice.enter('/pin zoo zoo');
    await alice.until('That is not pair');
    assert.equal(await readFile(join(scene.folder.path, 'chat_public.pem'), 'utf8'), before);
  });

  test('Alt-S finds what was said elsewhere, and marks it', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--room', '#ops'], { env: { COLORFGBG: '15;0' } });
    await using bob = await scene.person('bob');
    await bob.connector.sendLobbyMessage('the needle is here');
    await alice.until(/Lobby +1/);
    await alice.press('M-s');
    await alice.type('need');
    await alice.until('1 of 1: Up, Down, Escape');
    await alice.until('bob   the needle is here');
    assert.match((await alice.captureStyled()).join('\n'), /48;5;214mneed/);
    await alice.press('Enter');
    await alice.until('› Write to Lobby');
  });

  test('a mention is marked, found by Alt-M, and notified', async () => {
    await using scene = await ChatScene.begin();
    const command = await scene.folder.write(
      'notify.sh',
      '#!/bin/sh\nprintf "%s|%s" "$1" "$2" > "$(dirname "$0")/told"\n',
    );
    const { chmod } = await import('node:fs/promises');
    await chmod(command, 0o755);
    await using alice = await scene.chat(
      ['--room', '#ops', '--notify', 'osc9', '--notify-command', command, '--highlight', 'deploy'],
      { env: { COLORFGBG: '15;0' } },
    );
    await alice.until('Write to #ops');
    await using bob = await scene.person('bob');
    await bob.connector.sendLobbyMessage('Deploy at $(five) o`clock;');
    await eventually('the command has run', async () => {
      const told = await readFile(join(scene.folder.path, 'told'), 'utf8').catch(() => '');
      return told === 'bob in Lobby|Deploy at $(five) o`clock;';
    });
    assert.ok((await alice.raw()).includes('\x1b]9;bob in Lobby: Deploy at'));
    await alice.press('M-m');
    await alice.until('› Write to Lobby');
    assert.match((await alice.captureStyled()).join('\n'), /38;5;221m?[^m]*mDeploy|1;38;5;221mDeploy/);
    await eventually('the title says what is unread', async () =>
      (await alice.raw()).includes('\x1b]2;(1) #ops'),
    );
  });

  test('the wheel scrolls and a click chooses a place, where the mouse is wanted; an alias is a command', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--mouse', '--room', '#ops', '--aliases', 'w=/msg bob'], {
      rows: 12,
    });
    await alice.until('Write to #ops');
    assert.ok((await alice.raw()).includes('\x1b[?1006h'));
    // The second row is the first of the list.
    await alice.answer('\x1b[<0;3;2M');
    await alice.until('Write to Lobby');
    await alice.enter('/help');
    await alice.until('/quit');
    await alice.answer('\x1b[<64;40;5M\x1b[<64;40;5M');
    await alice.until(/\/theme(?![^]*\/quit)/);
    await alice.enter('/w hello');
    await alice.until('Write to bob');
  });

  test('addresses are links', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await bob.connector.sendLobbyMessage('see https://a.example/x.');
    await alice.until('a.example');
    assert.ok((await alice.raw()).includes('\x1b]8;;https://a.example/x\x1b\\'));
  });

  test('the list counts what is unread beyond its edges', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat([], { rows: 12 });
    const rooms = Array.from({ length: 12 }, (_, number) => `#room-${number}`);
    for (const room of rooms) await alice.enter(`/join ${room}`);
    await alice.until('Write to #room-11');
    await alice.enter('/go lobby');
    await using bob = await scene.person('bob');
    await bob.connector.joinRoom('#room-11');
    await bob.connector.sendRoomMessage('#room-11', 'far below');
    await alice.until(/↓ \d+, 1 unread/);
    await alice.press('M-a');
    await alice.until('Write to #room-11');
    await alice.until(/↑ \d+ more/);
  });
});
