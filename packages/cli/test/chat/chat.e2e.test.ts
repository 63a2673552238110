import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { eventually } from '../harness/quietroom.js';
import { Terminal, terminalSkip } from '../harness/terminal.js';
import { ChatScene, steady } from './chatScene.js';

const WOMAN_DOCTOR = '\u{1f469}\u{1f3fd}\u200d\u2695\ufe0f';

suite('quietroom chat on a terminal', { skip: terminalSkip }, () => {
  test('shows places, people, messages and the state of the connection on 80 by 24', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--room', '#ops']);
    await using bob = await scene.person('bob');
    await bob.connector.joinRoom('#ops');
    await bob.connector.sendRoomMessage('#ops', 'Deploy at five?');
    await bob.connector.sendDm('alice', 'psst');
    await bob.connector.sendLobbyMessage('hi all');
    await alice.until('Deploy at five?');
    await alice.until(/Lobby +1/);
    await alice.enter('Yes.');
    await alice.until(/✓ Yes\./);
    const rows = steady(await alice.until(/ \d+ ms/));
    assert.deepEqual(rows, [
      ' #ops  2 people',
      ' Lobby         1  │',
      ' #ops             │',
      '                  │',
      ' Direct           │',
      ' ● bob         1  │',
      '                  │',
      ' Here (2)         │',
      ' alice            │',
      ' bob              │',
      ...Array.from({ length: 8 }, () => '                  │'),
      '                  │ hh:mm  * You made #ops.',
      '                  │ hh:mm    bob joined',
      '                  │ hh:mm    bob   Deploy at five?',
      '                  │ hh:mm  alice ✓ Yes.',
      rows[22],
      '› Write to #ops',
    ]);
    assert.match(rows[22] ?? '', /^ ● connected · status {2,}\/help$/);
    assert.ok(await alice.isFullScreen());
  });

  test('follows the size of the terminal, down to a few characters and back', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await bob.connector.sendLobbyMessage('a text that is longer than a narrow terminal is wide');
    await alice.until('a text that');
    await alice.resize(30, 8);
    const narrow = await alice.until(/^bob: a text that is longer/m);
    assert.deepEqual(steady(narrow), [
      ' Lobby  2 people',
      '  what can be done.',
      '  bob joined',
      'bob: a text that is longer',
      '  than a narrow terminal is',
      '  wide',
      narrow[6],
      '› Write to Lobby',
    ]);
    assert.match(narrow[6] ?? '', /^ ● connected.* \/help$/);
    await alice.resize(7, 2);
    await alice.untilScreen('the text is all there is room for', (rows) => rows.length === 2);
    await alice.type('ab');
    await alice.until('› ab');
    await alice.resize(120, 30);
    const wide = await alice.until(/│ \d\d:\d\d +bob +a text that is longer than a narrow terminal is wide/);
    assert.equal(wide.length, 30);
  });

  test('wide characters and emoji take their columns, shown and typed', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await bob.connector.sendLobbyMessage(`日本語 ${WOMAN_DOCTOR} e\u0301 |`);
    await alice.until(/日本語 .* e\u0301 \|/);
    await alice.type('日本x');
    await alice.until('› 日本x');
    assert.deepEqual(await alice.cursor(), { column: 7, row: 23 });
    await alice.press('Left', 'Left', 'BSpace');
    await alice.until('› 本x');
    assert.deepEqual(await alice.cursor(), { column: 2, row: 23 });
  });

  test('nothing that others send controls the terminal', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using mallory = await scene.person('mallory');
    const attack = '\x1b[2J\x1b]0;pwned\x07\x1b[31m\u009b1m\x1bP\x1b\\';
    await mallory.connector.sendLobbyMessage(`${attack}lobby\n12:00  alice ✓ I never said this`);
    await mallory.connector.sendDm('alice', `${attack}direct`);
    await mallory.connector.joinRoom('#\x1b[2J');
    await alice.press('C-n');
    await alice.until('direct');
    await alice.press('C-p');
    await alice.until(/^ {18}│ {17,}12:00 {2}alice ✓ I never said this$/m);
    await alice.enter('/rooms');
    await alice.until(String.raw`#\x1b[2J`);
    const raw = await alice.raw();
    assert.ok(!raw.includes('pwned\x07'));
    assert.ok(!raw.includes('\x07'));
    assert.ok(!raw.includes('\u009b'));
    assert.ok(!raw.includes('\x1bP'));
    // Once, when it takes the terminal over.
    assert.equal(raw.split('\x1b[2J').length - 1, 1);
  });

  test('keys go through the places, and what is read is not counted any more', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--room', '#ops']);
    await using bob = await scene.person('bob');
    await alice.press('C-p');
    await alice.until('› Write to Lobby');
    await bob.connector.sendDm('alice', 'one');
    await bob.connector.sendDm('alice', 'two');
    await alice.until(/● bob +2 /);
    await alice.press('M-a');
    await alice.until('› Write to bob');
    await alice.until(/── new ─[^]*one[^]*two/);
    await alice.until(/● bob +│/);
    await alice.press('M-2');
    await alice.until('› Write to #ops');
    await alice.press('M-Up');
    await alice.until('› Write to Lobby');
  });

  test('Tab completes commands, names and rooms; Up brings back what was written', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--room', '#operations']);
    await using bob = await scene.person('bob');
    await using bert = await scene.person('bert');
    await alice.press('C-p');
    await alice.until(/ bert +│[^]*› Write to Lobby/);
    await alice.type('/le');
    await alice.press('Tab');
    await alice.type('#');
    await alice.press('Tab');
    await alice.until('› /leave #operations');
    await alice.press('C-u');
    await alice.type('b');
    await alice.press('Tab');
    await alice.until(/bert: {2}bob:[^]*› bert:/);
    await alice.press('Tab');
    await alice.until('› bob:');
    await alice.enter('hello');
    await bob.hearsText(/alice: bob: hello$/);
    await alice.until(/✓ bob: hello/);
    await alice.press('Up');
    await alice.until('› bob: hello');
    await bert.hearsText(/alice: bob: hello$/);
  });

  test('text that is pasted is not sent before Enter, and its lines arrive as one message', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await alice.paste('one\n/quit\nthree');
    await alice.until(/› one\n {2}\/quit\n {2}three/);
    await alice.press('Enter');
    await bob.hearsText(/alice: one\n\/quit\nthree$/);
    await alice.until(/✓ one\n.*\/quit\n.*three/);
  });

  test('a message that does not arrive says so', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await alice.enter('/msg nobody hello');
    await alice.until(/! hello\n.*Not delivered: nobody is not online\./);
    await alice.enter('/join ops');
    await alice.until('"ops" is no room name: it begins with #');
  });

  test('a server that restarts is found again, and gets what was written meanwhile', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--room', '#ops']);
    await scene.stopServer();
    await alice.until(/◌ connecting again, attempt \d/);
    await alice.enter('are you back?');
    await alice.until(/· are you back\?/);
    await scene.restartServer();
    await alice.until(/Connected again\.[^]*● connected/);
    await alice.until(/✓ are you back\?/);
    await using bob = await scene.person('bob');
    await bob.connector.joinRoom('#ops');
    await bob.connector.sendRoomMessage('#ops', 'hi again');
    await alice.until('hi again');
  });

  test('rings for direct messages only when the bell is on, and not in quiet hours', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await bob.connector.sendDm('alice', 'silent');
    await alice.until(/● bob +1 /);
    assert.ok(!(await alice.raw()).includes('\x07'));
    await alice.enter('/bell on');
    await alice.until('The bell is on.');
    await bob.connector.sendDm('alice', 'loud');
    await alice.until(/● bob +2 /);
    await eventually('it has rung', async () => (await alice.raw()).includes('\x07'));
    await alice.enter('/quit');
    await alice.ended();

    await using quiet = await scene.chat(['--bell', '--quiet-hours', '00:00-23:59']);
    await bob.connector.sendDm('alice', 'quiet');
    await quiet.until(/● bob +1 /);
    assert.ok(!(await quiet.raw()).includes('\x07'));
  });

  test('themes: another by command; none with NO_COLOR', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat([], { env: { COLORFGBG: '15;0' } });
    assert.match(await alice.raw(), /48;5;236m/);
    await alice.enter('/theme light');
    await alice.until('The theme is light.');
    assert.match(await alice.raw(), /48;5;254m/);
    await alice.enter('/quit');
    await alice.ended();
    await using plain = await scene.chat(['--theme', 'light'], { env: { NO_COLOR: '1' } });
    assert.doesNotMatch(await plain.raw(), /\[[\d;]*[34]8;5/);
  });

  test('5,000 messages at once are read without a pause, and the last is shown', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    const sent = Array.from({ length: 5000 }, (_, number) =>
      bob.connector.sendLobbyMessage(`line ${number}`),
    );
    await alice.type('still here');
    await alice.until('› still here');
    await Promise.all(sent);
    await alice.until('line 4999');
    await alice.press('PageUp');
    await alice.until(/↓ \d+ below/);
  });

  test('a 1.1 server: chat goes to the room joined last', async () => {
    await using scene = await ChatScene.begin({ protocolVersion: '1.1' });
    await using alice = await scene.chat(['--room', '#ops']);
    await using bob = await scene.person('bob');
    await bob.connector.joinRoom('#ops');
    await alice.enter('hello');
    await alice.until(/✓ hello/);
    await bob.connector.sendMessage('hi');
    await alice.until(/bob +hi/);
    await bob.hearsText(/alice: hello$/);
  });

  test('asks which server, when there are several and nothing says which', async () => {
    await using scene = await ChatScene.begin();
    const profiles = {
      home: { host: '127.0.0.1', port: 1 },
      work: { host: '127.0.0.1', port: scene.port, cert: 'chat_public.pem', username: 'alice' },
    };
    await scene.folder.write('quietroom.config.json', JSON.stringify({ profiles }));
    await using alice = await Terminal.quietroom(['chat'], { cwd: scene.folder.path });
    await alice.until(
      /Servers:\n {2}1 {2}home {2}127\.0\.0\.1:1\n {2}2 {2}work {2}127\.0\.0\.1:\d+\nWhich one\? \[1\]/,
    );
    await alice.enter('3');
    await alice.until('Type a number from 1 to 2, or a name.');
    await alice.enter('work');
    await alice.until(/● connected/);
    await alice.until(`You are alice on 127.0.0.1:${scene.port}.`);
    await alice.enter('/quit');
    assert.deepEqual(await alice.ended(), { code: 0, signal: undefined });
  });
});
