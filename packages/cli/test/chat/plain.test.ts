import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { choiceOf } from '#src/chat/chooseProfile.js';
import { type ChatEvent, type ChatState, update } from '@quietroom/chat';
import { plainLines } from '#src/chat/plain/plainText.js';
import { after, AT, BOB, joins, presence, says, start, types } from '@quietroom/testing/chat';

function lines(state: ChatState, event: ChatEvent): string[] {
  return plainLines(update(state, event).state, event, state);
}

suite('the chat in lines', () => {
  test('a message has its time, its place and its sender', () => {
    assert.deepEqual(lines(start(), says('bob', 'hi')), ['12:30 [Lobby] bob: hi']);
    assert.deepEqual(lines(start(), says('bob', 'psst', BOB)), ['12:30 [DM] bob: psst']);
  });

  test('lines within a message cannot imitate others, nor control a terminal', () => {
    assert.deepEqual(
      lines(start(), says('bob', 'hi\n12:30 [DM] eve: x\x1b[2J', { kind: 'room', room: '#o\x1bps' })),
      [String.raw`12:30 [#o\x1bps] bob: hi`, String.raw`    12:30 [DM] eve: x\x1b[2J`],
    );
  });

  test('what is typed is not repeated, but what did not arrive is told of', () => {
    assert.deepEqual(lines(start(), types('hello')), []);
    const sent = after(start(), types('hello'));
    const delivery = { type: 'delivery', at: AT, place: 'lobby', entry: 1 } as const;
    assert.deepEqual(lines(sent, { ...delivery, delivery: 'accepted' }), []);
    assert.deepEqual(lines(sent, { ...delivery, delivery: 'refused', note: 'Not delivered.' }), [
      '* Not delivered. It was: hello',
    ]);
  });

  test('joins, leaves, notices, and where the next line goes', () => {
    assert.deepEqual(lines(start(), presence('bob', 'joined')), ['12:30 [Lobby] bob joined.']);
    assert.deepEqual(lines(start(), presence('bob', 'left', '#ops')), ['12:30 [#ops] bob left.']);
    assert.deepEqual(lines(start(), joins('#ops')), ['* You joined #ops.', '* You write to #ops now.']);
    assert.deepEqual(lines(start(), { type: 'notice', tone: 'info', text: 'a\nb', at: AT }), ['* a', '  b']);
  });

  test('a file is told of when it is offered, and at its end', () => {
    const offered = after(start(), { type: 'fileOffered', sender: 'bob', name: 'a.pdf', at: AT });
    assert.deepEqual(lines(start(), { type: 'fileOffered', sender: 'bob', name: 'a.pdf', at: AT }), [
      '* From bob: File 1: a.pdf is offered. /accept 1 or /decline 1',
    ]);
    const moving = { type: 'file', at: AT, number: 1, bytes: 1, totalBytes: 2 } as const;
    assert.deepEqual(lines(offered, { ...moving, status: 'transferring' }), []);
    assert.deepEqual(lines(offered, { ...moving, status: 'failed', note: 'It broke.' }), [
      '* File 1: a.pdf (2 B) failed. It broke.',
    ]);
  });
});

suite('choosing a server', () => {
  const profiles = [
    { name: 'home', host: 'a', port: 1 },
    { name: '3', host: 'b', port: 2 },
    { name: 'work', host: 'c', port: 3 },
  ];
  for (const [answer, name] of [
    ['', 'home'],
    ['2', '3'],
    ['3', '3'],
    [' work ', 'work'],
    ['0', undefined],
    ['4', undefined],
    ['1.5', undefined],
    ['x', undefined],
  ] as const) {
    test(`${JSON.stringify(answer)} is ${name ?? 'none of them'}`, () =>
      assert.equal(choiceOf(answer, profiles)?.name, name));
  }
});
