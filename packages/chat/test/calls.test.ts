import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { findThread, MAX_HITS, wordRanges, type ChatState, type Place } from '#src/index.js';
import {
  actions,
  after,
  AT,
  BOB,
  entries,
  joins,
  lastEntry,
  lastNotice,
  presence,
  says,
  start,
  types,
  unread,
} from '@quietroom/testing/chat';

function dm(name: string): Place {
  return { kind: 'dm', name };
}

const OPS = { kind: 'room', room: '#ops' } as const;

/** The text of the entry that is looked at. */
function focused({ focus, threads }: ChatState): string | undefined {
  const entry = threads.flatMap((thread) => thread.entries).find(({ id }) => id === focus?.entry);
  return entry?.type === 'message' ? entry.text : undefined;
}

suite('search', () => {
  const state = after(
    start(),
    says('bob', 'the first Needle'),
    joins('#ops'),
    says('eve', 'hay', OPS),
    says('eve', 'needle again', OPS),
    says('needle', 'x', BOB),
  );

  test('goes through all places, newest first, and back', () => {
    const found = after(state, { type: 'search', text: 'NEEDLE' });
    assert.equal(found.search?.hits.length, 3);
    assert.deepEqual([found.shown, focused(found)], ['dm:bob', 'x']);
    const older = after(found, { type: 'searchStep', by: 1 });
    assert.deepEqual([older.shown, focused(older)], ['room:#ops', 'needle again']);
    const oldest = after(older, { type: 'searchStep', by: 1 }, { type: 'searchStep', by: 1 });
    assert.deepEqual([oldest.shown, focused(oldest)], ['lobby', 'the first Needle']);
    assert.equal(focused(after(oldest, { type: 'searchStep', by: -1 })), 'needle again');
  });

  test('each character narrows it; the end leaves the place shown', () => {
    const narrow = after(state, { type: 'search', text: 'needle a' });
    assert.deepEqual([narrow.search?.hits.length, narrow.shown], [1, 'room:#ops']);
    const ended = after(narrow, { type: 'searchEnd' });
    assert.deepEqual([ended.search, ended.focus, ended.shown], [undefined, undefined, 'room:#ops']);
    assert.equal(after(state, types('/search hay')).search?.hits.length, 1);
    assert.deepEqual(after(state, { type: 'search', text: '' }).search?.hits, []);
  });

  test('hits are limited', () => {
    const many = after(start(), ...Array.from({ length: MAX_HITS + 5 }, () => says('bob', 'x')));
    assert.equal(after(many, { type: 'search', text: 'x' }).search?.hits.length, MAX_HITS);
  });
});

suite('mentions', () => {
  test('are whole words: the name, and own highlights', () => {
    assert.deepEqual(wordRanges('Alice, malice; ALICE', ['alice']), [
      [0, 5],
      [15, 20],
    ]);
    const state = start({ highlights: ['deploy'] });
    const mentioned = (text: string): boolean => {
      const entry = lastEntry(after(state, says('bob', text)));
      return entry?.type === 'message' && entry.isMention === true;
    };
    assert.deepEqual(['hi alice', 'Deploy!', 'deployed', 'malice'].map(mentioned), [
      true,
      true,
      false,
      false,
    ]);
  });

  test('Alt-M shows the last one, then the ones before; /mentions lists them', () => {
    const state = after(start(), says('bob', 'alice: one'), joins('#ops'), says('eve', 'alice: two', OPS));
    const last = after(state, types('/go lobby'), { type: 'mention' });
    assert.deepEqual([last.shown, focused(last)], ['room:#ops', 'alice: two']);
    assert.equal(focused(after(last, { type: 'mention' })), 'alice: one');
    assert.match(
      lastNotice(after(state, types('/mentions'))) ?? '',
      /Lobby {2}bob: alice: one\n.*#ops {2}eve/,
    );
    assert.equal(lastNotice(after(start(), types('/mentions'))), 'There is no mention of you.');
  });

  test('a muted place calls no one and is passed by Alt-A, but counts what is unread', () => {
    const state = after(start(), joins('#ops'), types('/mute lobby'));
    assert.deepEqual(actions(state, says('bob', 'alice!')), []);
    const told = after(state, says('bob', 'alice!'));
    assert.deepEqual([unread(told).lobby, findThread(told, 'lobby')?.isMentioned], [1, false]);
    assert.equal(after(told, { type: 'step', by: 1, unreadOnly: true }).shown, 'room:#ops');
    const again = after(told, types('/mute lobby'));
    assert.equal(actions(again, says('bob', 'alice!')).length, 1);
  });
});

suite('ignoring', () => {
  test('hides messages, and calls for files, of a name until /unignore', () => {
    const state = after(start(), types('/ignore eve'));
    assert.match(lastNotice(state) ?? '', /What eve writes is not shown/);
    assert.equal(after(state, says('eve', 'x')), state);
    assert.deepEqual(actions(state, says('eve', 'alice', { kind: 'dm', name: 'eve' })), []);
    assert.match(lastNotice(after(state, types('/ignore'))) ?? '', /You ignore: eve\./);
    const again = after(state, types('/unignore eve'), says('eve', 'back'));
    assert.equal(lastEntry(again)?.type, 'message');
    assert.match(lastNotice(after(start(), types('/ignore alice'))) ?? '', /cannot ignore yourself/);
  });

  test('joins are hidden by command, and above a size', () => {
    const hidden = after(start(), types('/joins off'));
    assert.equal(entries(after(hidden, presence('bob', 'joined'))).length, entries(hidden).length);
    const shown = after(hidden, types('/joins on'), presence('bob', 'joined'));
    assert.equal(lastEntry(shown)?.type, 'presence');
    const online = { type: 'online', names: ['a', 'b', 'c'], isAsked: false, at: AT } as const;
    const crowded = after(start({ hideJoinsAbove: 3 }), online);
    assert.equal(entries(after(crowded, presence('d', 'joined'))).length, 0);
    assert.equal(entries(after(start({ hideJoinsAbove: 4 }), online, presence('d', 'joined'))).length, 1);
  });
});

suite('threads of direct messages', () => {
  const online = { type: 'online', names: ['alice', 'bob'], isAsked: false, at: AT } as const;

  test('/close closes one; /close dead those that are read, of users who are offline', () => {
    const state = after(
      start(),
      online,
      says('bob', 'x', BOB),
      says('eve', 'x', dm('eve')),
      says('mia', 'x', dm('mia')),
    );
    const read = after(state, types('/go eve'), types('/go lobby'), types('/close dead'));
    assert.deepEqual(Object.keys(unread(read)), ['lobby', 'dm:bob', 'dm:mia']);
    assert.equal(lastNotice(read), '1 thread was closed.');
    assert.deepEqual(Object.keys(unread(after(read, types('/close bob')))), ['lobby', 'dm:mia']);
    assert.match(lastNotice(after(read, types('/close'))) ?? '', /Lobby is not a thread/);
  });

  test('short-lived names that went without an answer share one thread', () => {
    const first = dm('bob-7kq2');
    const second = dm('eve-abcd');
    const state = after(
      start(),
      online,
      presence('bob-7kq2', 'joined'),
      says('bob-7kq2', 'backup done', first),
      presence('eve-abcd', 'joined'),
      says('eve-abcd', 'alarm', second),
    );
    assert.equal(state.threads.length, 3, 'they have threads while they are online');
    const gone = after(state, presence('bob-7kq2', 'left'), presence('eve-abcd', 'left'));
    assert.deepEqual(unread(gone), { lobby: 0, visitors: 2 });
    const texts = entries(gone, 'visitors').map((entry) => entry.type === 'message' && entry.text);
    assert.deepEqual(texts, ['backup done', 'alarm']);
    assert.match(lastNotice(after(gone, types('/go Visitors'), types('hi'))) ?? '', /cannot be answered/);
    const answered = after(
      state,
      types('/msg bob-7kq2 thanks'),
      types('/go lobby'),
      presence('bob-7kq2', 'left'),
    );
    assert.ok(findThread(answered, 'dm:bob-7kq2'), 'an answered one keeps its thread');
  });
});

suite('commands', () => {
  test('/me says what one does; commands are read in any case; /clear empties a place', () => {
    const state = after(start(), types('/ME waves'));
    const entry = lastEntry(state);
    assert.equal(entry?.type === 'message' && entry.text, '* waves');
    assert.equal(entries(after(state, types('/clear'))).length, 0);
  });

  test('an alias stands for the start of a line, once', () => {
    const state = start({
      aliases: new Map([
        ['w', '/msg bob'],
        ['loop', '/loop'],
      ]),
    });
    assert.equal(after(state, types('/w hello')).shown, 'dm:bob');
    assert.match(lastNotice(after(state, types('/loop'))) ?? '', /no command \/loop/);
  });

  test('/quit asks while a file is on its way', () => {
    const moving = after(start(), types('/msg bob'), types('/send a.pdf'));
    assert.deepEqual(actions(moving, types('/quit')), []);
    assert.match(lastNotice(after(moving, types('/quit'))) ?? '', /File 1, a\.pdf, is on its way/);
    assert.deepEqual(actions(moving, types('/quit now')), [{ type: 'quit' }]);
  });

  test('/pin, /reconnect and /connect ask the session', () => {
    assert.deepEqual(actions(start(), types('/pin')), [{ type: 'comparePin', answer: undefined }]);
    assert.deepEqual(actions(start(), types('/pin zoo zoo')), [{ type: 'comparePin', answer: 'zoo zoo' }]);
    assert.deepEqual(actions(start(), types('/reconnect')), [{ type: 'reconnect' }]);
    const state = start({ profiles: ['home', 'work'] });
    assert.deepEqual(actions(state, types('/connect work')), [{ type: 'connectTo', profile: 'work' }]);
    assert.match(lastNotice(after(state, types('/connect x'))) ?? '', /There are home, work\./);
  });

  test('a connection that is made anew joins the rooms again', () => {
    const ended = after(start(), joins('#ops'), {
      type: 'connection',
      status: { type: 'disconnected', reason: 'x' },
      at: AT,
    });
    const connected = { type: 'connection', status: { type: 'connected' }, at: AT } as const;
    assert.ok(actions(ended, connected).some((action) => action.type === 'rejoin' && action.room === '#ops'));
  });
});
