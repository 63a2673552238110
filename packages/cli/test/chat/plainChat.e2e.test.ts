import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { assertOneLine } from '../harness/quietroom.js';
import { Terminal, terminalSkip } from '../harness/terminal.js';
import { ChatScene } from './chatScene.js';

suite('quietroom chat line by line', () => {
  test('says the lines that it reads, prints what it hears, and ends when all is said', async () => {
    await using scene = await ChatScene.begin();
    await using bob = await scene.person('bob');
    await using alice = scene.plain();
    await alice.until(/^\* You are alice on 127\.0\.0\.1:\d+\./m);
    await bob.connector.sendDm('alice', 'psst \x1b[31mred');
    await bob.connector.sendLobbyMessage('hi\nall');
    await alice.until(/^\d\d:\d\d \[Lobby\] bob: hi\n {4}all$/m);
    alice.write('hello\n/msg bob bye\n');
    await bob.hears('alice: bye');
    await bob.hearsText(/alice: hello$/);
    alice.child.stdin?.end('/msg nobody are you there?\n');
    const { code, stdout, stderr } = await alice.ended();
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(stdout, /^\d\d:\d\d \[DM\] bob: psst \\x1b\[31mred$/m);
    assert.match(stdout, /^\* Not delivered: nobody is not online\. It was: are you there\?$/m);
    assert.match(stdout, /^\* You write to bob now\.$/m);
    assert.doesNotMatch(stdout, /[^\P{Cc}\n]/u);
  });

  test('thousands of lines from a pipe arrive, in order', async () => {
    await using scene = await ChatScene.begin();
    await using bob = await scene.person('bob');
    await using alice = scene.plain();
    const lines = Array.from({ length: 3000 }, (_, number) => `line ${number}`);
    alice.child.stdin?.end(`${lines.join('\n')}\n`);
    assert.equal((await alice.ended()).code, 0);
    await bob.hearsText(/line 2999$/);
    const received = bob.texts.flatMap((text) => /alice: (line \d+)$/.exec(text)?.[1] ?? []);
    assert.deepEqual(received, lines);
  });

  test('what is read while there is no connection is said when there is one, before it ends', async () => {
    await using scene = await ChatScene.begin();
    await using alice = scene.plain();
    await alice.until(/^\* You are alice/m);
    await scene.stopServer();
    await alice.until(/Connecting again; what you write waits\.$/m);
    alice.child.stdin?.end('hello\n');
    const received: string[] = [];
    await scene.restartServer();
    scene.server.onMessage(({ text }) => received.push(text));
    const { code, stdout } = await alice.ended();
    assert.equal(code, 0);
    assert.match(stdout, /^\* Connected again\.$/m);
    assert.deepEqual(received, ['hello']);
  });

  test('a line behind /join or /leave is said in the place that they lead to', async () => {
    await using scene = await ChatScene.begin();
    await using bob = await scene.person('bob');
    await bob.connector.joinRoom('#ops');
    await using alice = scene.plain();
    alice.child.stdin?.end('/join #ops\nin the room\n/leave\nin the lobby\n');
    assert.equal((await alice.ended()).code, 0);
    await bob.reads('#ops', 'alice: in the room');
    await bob.hearsText(/^\[[\d:]+\] alice: in the lobby$/);
  });

  test('with --room, nothing is said before the room is joined, and nothing at all when it cannot be', async () => {
    await using scene = await ChatScene.begin();
    await using bob = await scene.person('bob');
    await bob.connector.joinRoom('#ops');
    await bob.connector.joinRoom('#secret', 'password');
    await using alice = scene.plain(['--room', '#ops']);
    alice.child.stdin?.end('hello\n');
    assert.equal((await alice.ended()).code, 0);
    await bob.reads('#ops', 'alice: hello');
    await using refused = scene.plain(['--room', '#ops', '#secret']);
    refused.child.stdin?.end('for the secret room only\n');
    const { code, stderr } = await refused.ended();
    assert.equal(code, 8);
    assertOneLine(stderr, /#secret.* password/);
    assert.ok(!bob.texts.some((text) => text.includes('for the secret room only')));
  });

  test('SIGTERM ends it with 0, while it waits for input', async () => {
    await using scene = await ChatScene.begin();
    await using alice = scene.plain(['--plain']);
    await alice.until(/^\* You are alice/m);
    alice.signal('SIGTERM');
    assert.equal((await alice.ended()).code, 0);
  });

  test('a server that is another one ends it', async () => {
    await using scene = await ChatScene.begin();
    await using alice = scene.plain();
    await alice.until(/^\* You are alice/m);
    await scene.becomeAnother();
    const { code, stderr } = await alice.ended();
    assert.equal(code, 4);
    assert.match(stderr, /^quietroom: .* did not present the pinned certificate\.$/m);
  });

  test('what keeps it from connecting is told in one line', async () => {
    await using scene = await ChatScene.begin();
    await using other = await scene.person('alice');
    const taken = await scene.plain().ended();
    assert.equal(taken.code, 5);
    assertOneLine(taken.stderr, /alice/);
    assert.ok(other.connector.isConnected);
  });

  test('on a terminal, --plain leaves it as it is', { skip: terminalSkip }, async () => {
    await using scene = await ChatScene.begin();
    await using bob = await scene.person('bob');
    await using alice = await Terminal.start(scene.command(['--plain']), { cwd: scene.folder.path });
    await alice.until('You are alice');
    await alice.enter('hello');
    await bob.hearsText(/alice: hello$/);
    await bob.connector.sendLobbyMessage('hi');
    await alice.until('[Lobby] bob: hi');
    await alice.type('half a');
    await bob.connector.sendLobbyMessage('between');
    await alice.until(/half a\n\d\d:\d\d \[Lobby\] bob: between\nhalf a/);
    await alice.enter(' line');
    await bob.hearsText(/alice: half a line$/);
    assert.doesNotMatch(await alice.raw(), /[^\P{Cc}\r\n]/u);
    await alice.press('C-c');
    assert.deepEqual(await alice.ended(), { code: 0, signal: undefined });
  });
});
