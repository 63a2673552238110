import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatClientRequest,
  guardChat,
  parseClientRequest,
  PROTOCOL_VERSIONS,
  unguardChat,
  type ClientRequest,
  type FormattableRequest,
} from '@quietroom/protocol';
import { trimWhiteSpace } from '@quietroom/protocol/internals';
import fc from 'fast-check';

interface Row {
  readonly text: string;
  readonly request: ClientRequest;
  /** Where 1.1 differs. */
  readonly v11?: ClientRequest;
}

const lobby = (text: string): ClientRequest => ({ type: 'lobby', text });

/** By hand from docs/protocol.md 5. */
const ROWS: readonly Row[] = [
  {
    text: '/file bob a.txt 00ff more',
    request: { type: 'file', user: 'bob', name: 'a.txt', sha256: '00ff' },
  },
  { text: '/FILE bob a.txt', request: { type: 'usage', command: 'file' } },
  { text: '/accept a_b_1 x', request: { type: 'accept', id: 'a_b_1' } },
  { text: '/accept', request: { type: 'usage', command: 'accept' } },
  { text: '/decline a_b_1', request: { type: 'decline', id: 'a_b_1' } },
  { text: '/decline ', request: { type: 'usage', command: 'decline' } },
  { text: '/features', request: { type: 'features' } },

  { text: '', request: { type: 'empty' } },
  { text: ' \t\n\u0085\u00A0', request: { type: 'empty' } },
  { text: '  hello\nworld \u0085', request: lobby('hello\nworld') },
  { text: '\uFEFF', request: lobby('\uFEFF') },
  { text: '\u200B/quit', request: lobby('\u200B/quit') },
  { text: 'quit', request: lobby('quit') },
  { text: 'see /quit', request: lobby('see /quit') },

  {
    text: '[#general] hi [#b] there',
    request: { type: 'room', room: '#general', text: 'hi [#b] there' },
    v11: lobby('[#general] hi [#b] there'),
  },
  {
    text: '\u0085 [#a]   hi ',
    request: { type: 'room', room: '#a', text: '  hi' },
    v11: lobby('[#a]   hi'),
  },
  { text: '[#a]b] hi', request: { type: 'room', room: '#a]b', text: 'hi' }, v11: lobby('[#a]b] hi') },
  { text: '[#] hi', request: { type: 'room', room: '#', text: 'hi' }, v11: lobby('[#] hi') },
  { text: '[#]] hi', request: { type: 'room', room: '#]', text: 'hi' }, v11: lobby('[#]] hi') },
  { text: '[#a] hi] x', request: { type: 'room', room: '#a', text: 'hi] x' }, v11: lobby('[#a] hi] x') },
  { text: '[#a] /quit', request: { type: 'room', room: '#a', text: '/quit' }, v11: lobby('[#a] /quit') },
  {
    text: '[#a] one\ntwo',
    request: { type: 'room', room: '#a', text: 'one\ntwo' },
    v11: lobby('[#a] one\ntwo'),
  },
  {
    text: '[#a] \nhi',
    request: { type: 'room', room: '#a', text: '\nhi' },
    v11: lobby('[#a] \nhi'),
  },
  { text: '[#room]text', request: lobby('[#room]text') },
  { text: '[#room]\ntext', request: lobby('[#room]\ntext') },
  { text: '[#room]\u00A0text', request: lobby('[#room]\u00A0text') },
  { text: '[#room]', request: lobby('[#room]') },
  { text: '[#room] ', request: lobby('[#room]') },
  { text: '[#room] \n', request: lobby('[#room]') },
  { text: '[room] text', request: lobby('[room] text') },
  { text: '[ #room] text', request: lobby('[ #room] text') },

  { text: '/quit', request: { type: 'quit' } },
  { text: ' /quit\n', request: { type: 'quit' } },
  { text: '\u0085/quit', request: { type: 'quit' } },
  { text: '/QUIT', request: { type: 'unknown', command: '/quit' } },
  { text: '/Quit', request: { type: 'unknown', command: '/quit' } },
  { text: '/quit now', request: { type: 'unknown', command: '/quit' } },
  { text: '/', request: { type: 'unknown', command: '/' } },
  { text: '/ msg a b', request: { type: 'unknown', command: '/' } },
  { text: '//x', request: { type: 'unknown', command: '//x' } },
  { text: '/BoGus a b', request: { type: 'unknown', command: '/bogus' } },
  { text: '/ΑΣ', request: { type: 'unknown', command: '/ασ' } },
  { text: '/İX', request: { type: 'unknown', command: '/ix' } },
  { text: '/ǅẞ', request: { type: 'unknown', command: '/ǆß' } },
  { text: '/help\uFEFF', request: { type: 'unknown', command: '/help\uFEFF' } },

  { text: '/msg alice hi', request: { type: 'dm', user: 'alice', text: 'hi' } },
  {
    text: '/MSG\u00A0alice \n good\n\n  morning ',
    request: { type: 'dm', user: 'alice', text: 'good morning' },
  },
  { text: '/msg Al x hi', request: { type: 'dm', user: 'Al', text: 'x hi' } },
  { text: '/msg a /quit', request: { type: 'dm', user: 'a', text: '/quit' } },
  { text: '/msg alice', request: { type: 'usage', command: 'msg' } },
  { text: '/msg', request: { type: 'usage', command: 'msg' } },
  { text: '/msgalice hi', request: { type: 'unknown', command: '/msgalice' } },

  { text: '/join #a', request: { type: 'join', room: '#a', password: '' } },
  { text: '/join #a  two  words ', request: { type: 'join', room: '#a', password: 'two words' } },
  { text: '/join a', request: { type: 'join', room: 'a', password: '' } },
  { text: '/join', request: { type: 'usage', command: 'join' } },
  { text: '/leave #a and more', request: { type: 'leave', room: '#a' } },
  { text: '/leave', request: { type: 'usage', command: 'leave' } },

  { text: '/users', request: { type: 'users' } },
  { text: '/USERS please', request: { type: 'users' } },
  { text: '/rooms x', request: { type: 'rooms' } },
  { text: '/help', request: { type: 'help' } },

  {
    text: '/members #a x',
    request: { type: 'members', place: '#a' },
    v11: { type: 'unknown', command: '/members' },
  },
  {
    text: '/members lobby',
    request: { type: 'members', place: 'lobby' },
    v11: { type: 'unknown', command: '/members' },
  },
  {
    text: '/members',
    request: { type: 'usage', command: 'members' },
    v11: { type: 'unknown', command: '/members' },
  },
  {
    text: '/members general',
    request: { type: 'usage', command: 'members' },
    v11: { type: 'unknown', command: '/members' },
  },
  {
    text: '/members LobbY',
    request: { type: 'members', place: 'lobby' },
    v11: { type: 'unknown', command: '/members' },
  },
];

for (const { text, request, v11 = request } of ROWS) {
  test(`${JSON.stringify(text)} is read as ${request.type}, on 1.1 as ${v11.type}`, () => {
    assert.deepEqual(parseClientRequest(text), request);
    assert.deepEqual(parseClientRequest(text, '1.2'), request);
    assert.deepEqual(parseClientRequest(text, '1.1'), v11);
  });
}

const REQUESTS: readonly { text: string; request: FormattableRequest }[] = [
  { text: 'hi\nthere', request: { type: 'lobby', text: 'hi\nthere' } },
  { text: '[#a]b] hi', request: { type: 'room', room: '#a]b', text: 'hi' } },
  { text: '/msg alice hi you', request: { type: 'dm', user: 'alice', text: 'hi you' } },
  { text: '/join #a', request: { type: 'join', room: '#a', password: '' } },
  { text: '/join #a two words', request: { type: 'join', room: '#a', password: 'two words' } },
  { text: '/leave #a', request: { type: 'leave', room: '#a' } },
  { text: '/members lobby', request: { type: 'members', place: 'lobby' } },
  { text: '/users', request: { type: 'users' } },
  { text: '/rooms', request: { type: 'rooms' } },
  { text: '/help', request: { type: 'help' } },
  { text: '/quit', request: { type: 'quit' } },
];

for (const { text, request } of REQUESTS) {
  test(`A request for ${request.type} is written as ${JSON.stringify(text)}, and read again`, () => {
    assert.equal(formatClientRequest(request), text);
    assert.deepEqual(parseClientRequest(text), request);
  });
}

const GUARD = '\u2060';

const GUARDED: readonly { text: string; sent: string }[] = [
  { text: 'plain', sent: 'plain' },
  { text: '  padded ', sent: '  padded ' },
  { text: '/quit', sent: `${GUARD}/quit` },
  { text: ' \u0085/quit\u00A0', sent: `${GUARD}/quit` },
  { text: '[#a] hi', sent: `${GUARD}[#a] hi` },
  { text: '[#', sent: `${GUARD}[#` },
  { text: '[a] hi', sent: '[a] hi' },
  { text: `${GUARD}hi`, sent: `${GUARD}${GUARD}hi` },
  { text: `${GUARD}/x`, sent: `${GUARD}${GUARD}/x` },
  { text: '', sent: '' },
];

for (const { text, sent } of GUARDED) {
  test(`Chat ${JSON.stringify(text)} is sent as ${JSON.stringify(sent)}, and read as it was`, () => {
    assert.equal(guardChat(text), sent);
    assert.equal(unguardChat(sent), sent === text ? text : trimWhiteSpace(text));
  });
}

test('A U+2060 that others wrote is left unchanged', () => {
  for (const text of [`${GUARD}hi`, `${GUARD} /x`, `x${GUARD}/y`, GUARD])
    assert.equal(unguardChat(text), text);
});

const tricky = fc.string({
  unit: fc.constantFrom(
    '/',
    '[',
    '#',
    ']',
    ' ',
    '\n',
    '\t',
    '\u0085',
    '\u00A0',
    '\u3000',
    GUARD,
    '\uFEFF',
    '\u200B',
    'a',
    'msg',
    'quit',
    'join',
    '[#a] ',
    '/quit',
    '\ud83d',
    '🔒',
  ),
  maxLength: 12,
});

test('Guarded chat is never a command or a message for a room, and is restored', () => {
  fc.assert(
    fc.property(tricky, fc.constantFrom(...PROTOCOL_VERSIONS), (text, version) => {
      const request = parseClientRequest(guardChat(text), version);
      const trimmed = trimWhiteSpace(text);
      if (trimmed === '') return assert.equal(request.type, 'empty');
      assert.equal(request.type, 'lobby');
      // A server sends on what it read, and our receiver takes the guard off.
      assert.ok('text' in request);
      assert.equal(unguardChat(request.text), trimmed);
      assert.equal(trimWhiteSpace(unguardChat(guardChat(text))), trimmed);
    }),
    { numRuns: 5000 },
  );
});

test('Any text at all is read without a throw, on both versions', () => {
  fc.assert(
    fc.property(fc.oneof(tricky, fc.string({ unit: 'binary' })), (text) => {
      assert.ok(parseClientRequest(text, '1.1').type);
      assert.ok(parseClientRequest(text, '1.2').type);
    }),
    { numRuns: 1000 },
  );
});

test('Each character of an unknown command is lowered alone, to one character', () => {
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (/[\p{White_Space}\p{Surrogate}]/u.test(character)) continue;
    const [lower = ''] = Array.from(character.toLowerCase());
    const request = parseClientRequest(`/A${character}`);
    if (request.type !== 'unknown' || request.command !== `/a${lower}`) wrong.push(code.toString(16));
  }
  assert.deepEqual(wrong, []);
});
