import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { update, type ChatEvent, type ChatState } from '@quietroom/chat';
import { after, BOB, entries, says, start, types, unread } from '@quietroom/testing/chat';
import { ChatLog } from '#src/chat/session/chatLog.js';
import { Folder } from '../harness/quietroom.js';

/** The state after events that the log has recorded. */
function logged(log: ChatLog, ...events: readonly ChatEvent[]): ChatState {
  return events.reduce((before, event) => {
    const { state } = update(before, event);
    log.record(state, event, before);
    return state;
  }, start());
}

suite('ChatLog', () => {
  test('keeps a file for each place, for the user only, and shows it again without calling', async () => {
    await using folder = await Folder.make();
    const path = join(folder.path, 'log');
    logged(
      new ChatLog({ folder: path, format: 'json' }),
      says('bob', 'one\ntwo'),
      says('bob', 'psst', BOB),
      types('hi'),
    );
    assert.deepEqual((await readdir(path)).sort(), ['dm%3Abob.json', 'lobby.json']);
    assert.equal((await stat(path)).mode & 0o777, 0o700);
    assert.equal((await stat(join(path, 'lobby.json'))).mode & 0o777, 0o600);
    await appendFile(join(path, 'lobby.json'), '{"half":');

    const state = after(start(), ...new ChatLog({ folder: path, format: 'json' }).backlog());
    assert.deepEqual(unread(state), { lobby: 0, 'dm:bob': 0 });
    const texts = entries(state, 'lobby').map((entry) => entry.type === 'message' && [entry.text, entry.own]);
    assert.deepEqual(texts, [
      ['one\ntwo', false],
      ['hi', true],
    ]);
  });

  test('rooms come when they are joined; names of rooms cannot lead out of the folder', async () => {
    await using folder = await Folder.make();
    const log = new ChatLog({ folder: folder.path, format: 'json' });
    const room = { kind: 'room', room: '#../../x' } as const;
    logged(log, says('bob', 'hi', room));
    assert.deepEqual(log.backlog(), []);
    assert.equal(log.backlog(room)[0]?.messages.length, 1);
    assert.equal((await readdir(folder.path)).length, 1);
  });

  test('plain text is one message with indented lines', async () => {
    await using folder = await Folder.make();
    logged(new ChatLog({ folder: folder.path, format: 'text' }), says('bob', 'one\n\x1b[2J'));
    const text = await readFile(join(folder.path, 'lobby.log'), 'utf8');
    assert.match(text, /^\S+Z \[Lobby\] bob: one\n {4}\\x1b\[2J\n$/);
  });

  test('a file beyond its size is rotated', async () => {
    await using folder = await Folder.make();
    const log = new ChatLog({ folder: folder.path, format: 'json', maxBytes: 100 });
    logged(log, says('bob', 'x'.repeat(100)), says('bob', 'y'));
    assert.deepEqual((await readdir(folder.path)).sort(), ['lobby.json', 'lobby.json.1']);
    assert.match(await readFile(join(folder.path, 'lobby.json'), 'utf8'), /"text":"y"/);
  });
});
