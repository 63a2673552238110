import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import {
  findThread,
  isOnline,
  MAX_DM_THREADS,
  MAX_KEPT_NAMES,
  type ChatState,
  presenceText,
  withinLimit,
  MAX_ENTRIES,
} from '#src/index.js';
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

/** Whether a line in the lobby, while another place is shown, is a mention. */
function mentioned(text: string): boolean | undefined {
  return findThread(after(start(), joins('#ops'), says('bob', text)), 'lobby')?.isMentioned;
}

/** What is said in the lobby of those who came and went last. */
function lastPresence(state: ChatState): string | undefined {
  const entry = lastEntry(state, 'lobby');
  return entry?.type === 'presence' ? presenceText(entry) : undefined;
}

suite('failures', () => {
  const refused = {
    type: 'delivery',
    place: 'lobby',
    entry: 1,
    delivery: 'refused',
    note: 'Not delivered.',
    at: AT,
  } as const;

  test('the failure of a message in another place is told in the place that is shown', () => {
    const sent = after(start(), types('hello'));
    assert.equal(entries(after(sent, refused)).length, 1);
    assert.equal(lastNotice(after(sent, joins('#ops'), refused)), 'To Lobby: Not delivered.');
  });

  test('the failure of a file in another place is told in the place that is shown', () => {
    const sent = after(start(), types('/msg bob'), types('/send a.pdf'));
    const failed = { type: 'file', number: 1, status: 'failed', note: 'It is gone.', at: AT } as const;
    assert.equal(entries(after(sent, failed)).length, 1);
    assert.equal(lastNotice(after(sent, types('/go lobby'), failed)), 'File 1, a.pdf, failed. It is gone.');
  });
});

suite('messages in the chat', () => {
  test('what comes in the place that is shown is read, elsewhere it is counted', () => {
    const state = after(start(), says('bob', 'hi'), says('bob', 'psst', BOB), says('eve', 'x', BOB));
    assert.deepEqual(unread(state), { lobby: 0, 'dm:bob': 2 });
    assert.deepEqual(unread(after(state, { type: 'show', place: 'dm:bob' })), { lobby: 0, 'dm:bob': 0 });
  });

  test('the first that is not read is marked until the thread is left, or answered', () => {
    const state = after(start(), says('bob', 'one', BOB), says('bob', 'two', BOB), {
      type: 'show',
      place: 'dm:bob',
    });
    assert.equal(findThread(state, 'dm:bob')?.newFrom, entries(state, 'dm:bob')[0]?.id);
    const left = after(state, { type: 'show', place: 'lobby' });
    assert.equal(findThread(left, 'dm:bob')?.newFrom, undefined);
    assert.equal(findThread(after(state, types('hello')), 'dm:bob')?.newFrom, undefined);
  });

  test('a message that says our name as a word is a mention, in any case', () => {
    assert.equal(mentioned('Alice: are you there?'), true);
    assert.equal(mentioned('malice alices'), false);
    assert.equal(mentioned('malice and @alice'), true);
    assert.equal(mentioned('hello'), false);
  });

  test('the user is called for direct messages, mentions and files', () => {
    const on = start({ bell: true });
    assert.deepEqual(actions(on, says('bob', 'psst', BOB)), [
      { type: 'notify', place: BOB, sender: 'bob', text: 'psst' },
    ]);
    assert.deepEqual(actions(on, says('bob', 'alice?')), [
      { type: 'notify', place: { kind: 'lobby' }, sender: 'bob', text: 'alice?' },
    ]);
    assert.deepEqual(actions(on, { type: 'fileOffered', sender: 'bob', name: 'a.txt', at: AT }), [
      { type: 'notify', place: BOB, sender: 'bob', text: 'offers the file a.txt' },
    ]);
    assert.deepEqual(actions(on, says('bob', 'hello')), []);
    assert.deepEqual(actions(on, says('alice', 'alice', { kind: 'dm', name: 'alice' })), []);
  });

  test('all scrollback together drops the oldest entries of the largest place beyond its limit', () => {
    const long = 'x'.repeat(1000);
    const state = after(
      start(),
      ...Array.from({ length: 10 }, () => says('bob', long)),
      says('bob', 'hi', BOB),
    );
    const less = withinLimit(state, 10_000);
    assert.ok(less.scrollbackBytes <= 10_000);
    assert.deepEqual([entries(less, 'lobby').length, entries(less, 'dm:bob').length], [4, 1]);
    assert.match(lastNotice(after(state, types('/status'))) ?? '', /11 entries, 0\.0 MB of 64\.0 MB/);
  });

  test('a place drops its oldest entries beyond its limit', () => {
    let state = start();
    for (let number = 0; number < MAX_ENTRIES + 5; number++) state = after(state, says('bob', `${number}`));
    assert.equal(entries(state).length, MAX_ENTRIES);
    assert.deepEqual(
      [entries(state)[0]].map((entry) => entry?.type === 'message' && entry.text),
      ['5'],
    );
  });

  test('too many people who write take the place of the one who is quiet for longest', () => {
    let state = after(start(), says('first', 'x', { kind: 'dm', name: 'first' }), says('bob', 'x', BOB));
    state = after(state, { type: 'show', place: 'dm:first' });
    for (let number = 0; number < MAX_DM_THREADS - 1; number++) {
      state = after(state, says(`p${number}`, 'x', { kind: 'dm', name: `p${number}` }));
    }
    assert.equal(state.threads.length, MAX_DM_THREADS + 1);
    assert.equal(findThread(state, 'dm:bob'), undefined);
    assert.ok(findThread(state, 'dm:first'), 'the one that is shown stays');
  });
});

suite('sending in the chat', () => {
  test('a line goes to the place that is shown, and is marked by what becomes of it', () => {
    const state = after(start(), types(' hello '));
    assert.deepEqual(actions(start(), types(' hello ')), [
      { type: 'say', place: { kind: 'lobby' }, entry: 1, text: 'hello' },
    ]);
    const delivered = after(state, {
      type: 'delivery',
      at: AT,
      place: 'lobby',
      entry: 1,
      delivery: 'refused',
      note: 'No.',
    });
    assert.deepEqual(lastEntry(delivered), {
      type: 'message',
      id: 1,
      at: AT,
      sender: 'alice',
      text: 'hello',
      own: true,
      delivery: 'refused',
      note: 'No.',
    });
  });

  test('what becomes of a message that is forgotten changes nothing', () => {
    const state = after(start(), types('hello'));
    assert.equal(
      after(state, { type: 'delivery', at: AT, place: 'lobby', entry: 9, delivery: 'accepted' }),
      state,
    );
  });

  test('/msg opens the thread of a person, and writes there', () => {
    const state = after(start(), types('/msg bob are  you there?'));
    assert.equal(state.shown, 'dm:bob');
    assert.deepEqual(actions(start(), types('/msg bob are  you there?')), [
      { type: 'say', place: BOB, entry: 1, text: 'are  you there?' },
    ]);
    assert.deepEqual(actions(start(), types('/msg bob')), []);
    assert.equal(after(start(), types('/msg bob')).shown, 'dm:bob');
  });

  test('text that begins with two slashes is said, without the first', () => {
    assert.deepEqual(actions(start(), types('//quit')), [
      { type: 'say', place: { kind: 'lobby' }, entry: 1, text: '/quit' },
    ]);
  });

  test('an unknown command is not said, but told of', () => {
    assert.deepEqual(actions(start(), types('/exec rm')), []);
    assert.match(lastNotice(after(start(), types('/exec rm'))) ?? '', /no command \/exec.*\/help/);
    assert.match(lastNotice(after(start(), types('/constructor'))) ?? '', /no command \/constructor/);
  });
});

suite('places in the chat', () => {
  test('a room that is joined is shown, before the direct messages', () => {
    const state = after(start(), says('bob', 'x', BOB), joins('#ops'), joins('#dev'));
    assert.deepEqual(
      state.threads.map(({ id }) => id),
      ['lobby', 'room:#ops', 'room:#dev', 'dm:bob'],
    );
    assert.equal(state.shown, 'room:#dev');
  });

  test('/join asks the server, or shows a room that we are in', () => {
    assert.deepEqual(actions(start(), types('/join #ops two words')), [
      { type: 'join', room: '#ops', password: 'two words' },
    ]);
    const inside = after(start(), joins('#ops'), { type: 'show', place: 'lobby' });
    assert.deepEqual(actions(inside, types('/join #ops')), []);
    assert.equal(after(inside, types('/join #ops')).shown, 'room:#ops');
  });

  test('/leave leaves the room that is shown, or the one that is named', () => {
    const state = after(start(), joins('#ops'));
    assert.deepEqual(actions(state, types('/leave')), [{ type: 'leave', room: '#ops' }]);
    assert.deepEqual(actions(start(), types('/leave #dev')), [{ type: 'leave', room: '#dev' }]);
    const left = after(state, { type: 'leftRoom', room: '#ops', at: AT });
    assert.equal(left.shown, 'lobby');
    assert.equal(findThread(left, 'room:#ops'), undefined);
    assert.match(lastNotice(after(start(), types('/leave'))) ?? '', /lobby cannot be left/);
  });

  test('/leave closes a thread of direct messages, and asks nobody', () => {
    const state = after(start(), types('/msg bob'));
    assert.deepEqual(actions(state, types('/leave')), []);
    assert.deepEqual(after(state, types('/leave')).threads.length, 1);
  });

  test('/go shows a place, or says how to get there', () => {
    const state = after(start(), joins('#ops'), says('bob', 'x', BOB));
    assert.equal(after(state, types('/go lobby')).shown, 'lobby');
    assert.equal(after(state, types('/go bob')).shown, 'dm:bob');
    assert.equal(after(state, types('/go lobby'), types('/go #ops')).shown, 'room:#ops');
    assert.match(lastNotice(after(state, types('/go #x'))) ?? '', /\/join #x/);
    assert.match(lastNotice(after(state, types('/go eve'))) ?? '', /\/msg eve/);
  });

  test('steps go round, and to what is unread', () => {
    const state = after(start(), joins('#a'), joins('#b'), says('bob', 'x', BOB));
    const step = (by: 1 | -1, unreadOnly: boolean): string =>
      after(state, { type: 'step', by, unreadOnly }).shown;
    assert.equal(step(1, false), 'dm:bob');
    assert.equal(step(-1, false), 'room:#a');
    assert.equal(step(-1, true), 'dm:bob');
    assert.equal(after(state, types('/go bob'), { type: 'step', by: 1, unreadOnly: false }).shown, 'lobby');
    const read = after(state, types('/go bob'));
    assert.equal(after(read, { type: 'step', by: 1, unreadOnly: true }).shown, 'dm:bob');
  });
});

suite('who is there', () => {
  test('joins and leaves are told by name, or by number when they are many', () => {
    let state = after(start(), presence('bob', 'joined'));
    assert.equal(lastPresence(state), 'bob joined');
    state = after(state, presence('bob', 'left'), presence('eve', 'joined'));
    assert.equal(lastPresence(state), 'bob joined, bob left, eve joined');
    state = after(state, presence('carol', 'joined'));
    assert.equal(lastPresence(state), '3 joined, 1 left');
    assert.equal(entries(state).length, 1);
    state = after(state, says('eve', 'hi'), presence('dave', 'joined'));
    assert.equal(lastPresence(state), 'dave joined');
    assert.equal(entries(state).length, 3);
  });

  test('all names of joins and leaves are kept, and shown when unfolded', () => {
    const names = Array.from({ length: 5 }, (_, number) => `u${number}`);
    const state = after(start(), ...names.map((name) => presence(name, 'joined')), presence('u0', 'left'));
    const entry = lastEntry(state, 'lobby');
    assert.ok(entry?.type === 'presence');
    assert.equal(presenceText(entry), '5 joined, 1 left');
    assert.equal(presenceText(entry, true), 'u0, u1, u2, u3, u4 joined; u0 left');
  });

  test('of very many names some are kept, and the others counted', () => {
    const names = Array.from({ length: MAX_KEPT_NAMES + 7 }, (_, number) => `u${number}`);
    const entry = lastEntry(after(start(), ...names.map((name) => presence(name, 'joined'))), 'lobby');
    assert.ok(entry?.type === 'presence');
    assert.equal(entry.names.length, MAX_KEPT_NAMES);
    assert.match(presenceText(entry, true), / joined; and 7 more$/);
  });

  test('a user who is missing from a partial list may be online', () => {
    const online = { type: 'online', names: ['bob'], isAsked: false, at: AT } as const;
    assert.equal(isOnline(after(start(), online), 'eve'), false);
    const partial = after(start(), { ...online, isPartial: true });
    assert.deepEqual([isOnline(partial, 'bob'), isOnline(partial, 'eve')], [true, undefined]);
  });

  test('lists follow joins and leaves; who quits is in no room any more', () => {
    const state = after(
      start(),
      joins('#ops'),
      { type: 'online', names: ['alice', 'bob'], isAsked: false, at: AT },
      { type: 'members', room: '#ops', names: ['alice', 'bob'], isAsked: false, at: AT },
      presence('eve', 'joined'),
      presence('eve', 'joined', '#ops'),
      presence('bob', 'left'),
    );
    assert.deepEqual([...state.online], ['alice', 'eve']);
    assert.deepEqual([...(findThread(state, 'room:#ops')?.members ?? [])], ['alice', 'eve']);
  });

  test('a list is shown to whom asks, and else only kept', () => {
    const names = ['bob', 'alice'];
    assert.equal(
      lastNotice(after(start(), { type: 'online', names, isAsked: true, at: AT })),
      'Online (2): alice, bob',
    );
    assert.equal(entries(after(start(), { type: 'online', names, isAsked: false, at: AT })).length, 0);
    const rooms = [
      { name: '#a', users: 1, isProtected: false },
      { name: '#ops', users: 3, isProtected: true },
    ];
    assert.equal(
      lastNotice(after(start(), { type: 'rooms', rooms, isAsked: true, at: AT })),
      'Rooms (2):\n  #ops  3 people, with a password\n  #a    1 person',
    );
    assert.deepEqual(actions(start(), types('/users')), [{ type: 'listOnline', isAsked: true }]);
    assert.deepEqual(actions(after(start(), joins('#a')), types('/members')), [
      { type: 'listMembers', room: '#a', isAsked: true },
    ]);
  });
});

suite('the connection of the chat', () => {
  test('its end and its return are told once, and then everything is asked for again', () => {
    const lost = { type: 'reconnecting', attempt: 1, reason: 'It broke.' } as const;
    let state = after(start(), joins('#ops'), { type: 'roundTrip', seconds: 0.1 });
    state = after(state, { type: 'connection', status: lost, at: AT });
    assert.match(lastNotice(state) ?? '', /^It broke\. Connecting again; what you write waits\.$/);
    assert.equal(state.roundTrip, undefined);
    const count = entries(state).length;
    state = after(state, { type: 'connection', status: { ...lost, attempt: 2 }, at: AT });
    assert.equal(entries(state).length, count);
    const again = { type: 'connection', status: { type: 'connected' }, at: AT } as const;
    assert.equal(lastNotice(after(state, again)), 'Connected again.');
    assert.deepEqual(actions(state, again), [
      { type: 'listOnline', isAsked: false },
      { type: 'listRooms', isAsked: false },
      { type: 'listMembers', room: '#ops', isAsked: false },
    ]);
  });
});

suite('files in the chat', () => {
  const offered = after(start(), { type: 'fileOffered', sender: 'bob', name: 'a.pdf', at: AT });

  test('an offer stands in the thread of who makes it, and waits for an answer', () => {
    assert.deepEqual(unread(offered), { lobby: 0, 'dm:bob': 1 });
    assert.deepEqual(actions(offered, types('/accept')), [{ type: 'acceptFile', number: 1 }]);
    assert.deepEqual(actions(offered, types('/decline 1')), [{ type: 'declineFile', number: 1 }]);
    assert.match(lastNotice(after(offered, types('/accept 2'))) ?? '', /no file 2 to accept/);
  });

  test('an offer is answered once', () => {
    const declined = after(offered, types('/decline'));
    assert.deepEqual(actions(declined, types('/accept')), []);
    const accepted = after(offered, types('/accept'));
    assert.deepEqual(actions(accepted, types('/accept')), []);
    assert.deepEqual(actions(accepted, types('/cancel')), [{ type: 'cancelFile', number: 1 }]);
  });

  test('/send offers a file to the person whose thread is shown, and to no room', () => {
    const state = after(offered, types('/msg bob'));
    assert.deepEqual(actions(state, types('/send ~/my report.pdf')), [
      { type: 'sendFile', number: 2, recipient: 'bob', path: '~/my report.pdf' },
    ]);
    const sent = after(
      state,
      types('/send ~/my report.pdf'),
      { type: 'file', at: AT, number: 2, status: 'transferring', bytes: 5, totalBytes: 10 },
      { type: 'file', at: AT, number: 2, status: 'failed', note: 'It broke.' },
    );
    assert.deepEqual(lastEntry(sent), {
      type: 'file',
      id: 2,
      at: AT,
      number: 2,
      direction: 'out',
      name: 'my report.pdf',
      status: 'failed',
      bytes: 5,
      totalBytes: 10,
      note: 'It broke.',
    });
    assert.match(lastNotice(after(start(), types('/send x'))) ?? '', /\/msg NAME/);
  });
});
