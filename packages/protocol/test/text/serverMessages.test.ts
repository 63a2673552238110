import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatServerMessage, parseServerMessage, type ServerMessage } from '@quietroom/protocol';
import fc from 'fast-check';

interface Row {
  readonly text: string;
  readonly message: ServerMessage;
}

const SHA256 = '792e15c93784cf7f4bc9f3323bccc0ca3c2e358f73251488b452ea596af68508';

/** By hand from docs/protocol.md 4 and 5, for both versions. */
const ROWS: readonly Row[] = [
  { text: 'Enter your username: ', message: { type: 'usernamePrompt' } },
  { text: 'Welcome to the chat, bob.smith_2!', message: { type: 'welcome', name: 'bob.smith_2' } },
  { text: 'Welcome to the chat, Al x!', message: { type: 'welcome', name: 'Al x' } },
  {
    text: 'Type /help for available commands. Type /quit to exit.\n',
    message: { type: 'loginHint' },
  },

  {
    text: '[15:30:11] alice: hi there: all',
    message: { type: 'lobby', time: '15:30:11', name: 'alice', text: 'hi there: all' },
  },
  {
    text: '[15:30:12] bob.smith_2: line one\nline two\n[DM from admin]: not a DM',
    message: {
      type: 'lobby',
      time: '15:30:12',
      name: 'bob.smith_2',
      text: 'line one\nline two\n[DM from admin]: not a DM',
    },
  },
  {
    // On 1.1, whatever the room.
    text: '[15:30:39] alice: [#general] prefixed',
    message: { type: 'lobby', time: '15:30:39', name: 'alice', text: '[#general] prefixed' },
  },
  {
    text: '[15:30:15] [#general] alice: prefixed',
    message: { type: 'room', time: '15:30:15', room: '#general', name: 'alice', text: 'prefixed' },
  },
  {
    text: '[15:30:15] [#a]b] al x: ] [#c] bob: hi\n',
    message: { type: 'room', time: '15:30:15', room: '#a]b', name: 'al x', text: '] [#c] bob: hi\n' },
  },
  {
    text: '[15:30:15] [#]] a: x',
    message: { type: 'room', time: '15:30:15', room: '#]', name: 'a', text: 'x' },
  },
  {
    text: '[15:30:15] [#] a: x',
    message: { type: 'room', time: '15:30:15', room: '#', name: 'a', text: 'x' },
  },
  {
    text: '[15:30:15] [#a:b] a: x',
    message: { type: 'room', time: '15:30:15', room: '#a:b', name: 'a', text: 'x' },
  },
  {
    text: '[15:30:15] [##] a: ',
    message: { type: 'room', time: '15:30:15', room: '##', name: 'a', text: '' },
  },
  { text: '[DM from alice]: ', message: { type: 'dm', name: 'alice', text: '' } },
  {
    text: '[DM from alice]: [DM from admin]: x',
    message: { type: 'dm', name: 'alice', text: '[DM from admin]: x' },
  },
  { text: '[DM from Al x]: y', message: { type: 'dm', name: 'Al x', text: 'y' } },
  { text: '[DM to alice]: reply 你好 🔒', message: { type: 'dmEcho', name: 'alice', text: 'reply 你好 🔒' } },

  { text: '*** alice joined the chat ***', message: { type: 'joined', name: 'alice' } },
  { text: '*** alice left the chat ***', message: { type: 'left', name: 'alice' } },
  {
    text: '*** x joined the chat joined the chat ***',
    message: { type: 'joined', name: 'x joined the chat' },
  },
  { text: '*** alice joined #general ***', message: { type: 'roomJoined', name: 'alice', room: '#general' } },
  { text: '*** alice left #*** ***', message: { type: 'roomLeft', name: 'alice', room: '#***' } },
  {
    text: '*** a joined #b left #c ***',
    message: { type: 'notice', text: '*** a joined #b left #c ***' },
  },
  { text: 'Created and joined room #general', message: { type: 'createdRoom', room: '#general' } },
  { text: 'Joined room #general', message: { type: 'joinedRoom', room: '#general' } },
  { text: 'Left room #general - returned to lobby', message: { type: 'leftRoom', room: '#general' } },
  {
    text: '\nAvailable Commands:\n  /help - this\n',
    message: { type: 'help', text: '\n  /help - this\n' },
  },
  { text: '*** Server is shutting down. Goodbye! ***', message: { type: 'shutdown' } },

  {
    text: '*** Username already taken. Please reconnect with a different name. ***',
    message: { type: 'refusal', reason: 'nameTaken' },
  },
  {
    text: "User 'nobody' is not online.",
    message: { type: 'refusal', reason: 'recipientOffline', word: 'nobody' },
  },
  {
    text: "User 'o'neil' is not online.",
    message: { type: 'refusal', reason: 'recipientOffline', word: "o'neil" },
  },
  {
    text: '*** You are not a member of #nowhere ***',
    message: { type: 'refusal', reason: 'notAMember', room: '#nowhere' },
  },
  {
    text: 'You are not in room #general',
    message: { type: 'refusal', reason: 'notInRoom', room: '#general' },
  },
  {
    text: 'This room is password-protected. Usage: /join #vault <password>',
    message: { type: 'refusal', reason: 'passwordRequired', room: '#vault' },
  },
  {
    text: 'Incorrect password for room #vault',
    message: { type: 'refusal', reason: 'passwordWrong', room: '#vault' },
  },
  { text: 'Error creating room password.', message: { type: 'refusal', reason: 'passwordTooLong' } },
  {
    text: 'Room names must start with # (e.g., #general)',
    message: { type: 'refusal', reason: 'roomNameInvalid' },
  },
  { text: 'Room not found or access denied.', message: { type: 'refusal', reason: 'roomNotFound' } },
  {
    text: 'Unknown command: /bogus. Type /help for available commands.',
    message: { type: 'refusal', reason: 'unknownCommand', word: '/bogus' },
  },
  {
    text: 'Unknown command: /a.b. Type /help for available commands.',
    message: { type: 'refusal', reason: 'unknownCommand', word: '/a.b' },
  },
  { text: 'Usage: /msg <username> <message>', message: { type: 'refusal', reason: 'dmUsage' } },
  { text: 'Usage: /join <#room> [password]', message: { type: 'refusal', reason: 'joinUsage' } },
  { text: 'Usage: /leave <#room>', message: { type: 'refusal', reason: 'leaveUsage' } },
  { text: 'Usage: /members <#roomname|lobby>', message: { type: 'refusal', reason: 'membersUsage' } },
  { text: 'You cannot send files to yourself.', message: { type: 'refusal', reason: 'fileToSelf' } },
  {
    text: 'Invalid hash format. SHA-256 hash must be 64 hex characters.',
    message: { type: 'refusal', reason: 'fileHashLength' },
  },
  {
    text: 'Invalid hash format. Must be valid hexadecimal.',
    message: { type: 'refusal', reason: 'fileHashDigits' },
  },
  { text: 'Transfer ID not found or expired.', message: { type: 'refusal', reason: 'transferNotFound' } },
  { text: 'This transfer is not for you.', message: { type: 'refusal', reason: 'transferNotYours' } },
  { text: 'Usage: /file <username> <path/filename>', message: { type: 'refusal', reason: 'fileUsage' } },
  { text: 'Usage: /accept <transfer_id>', message: { type: 'refusal', reason: 'acceptUsage' } },
  { text: 'Usage: /decline <transfer_id>', message: { type: 'refusal', reason: 'declineUsage' } },

  {
    text: `*** FILE TRANSFER REQUEST ***\nSender: alice\nFile: photo.bin\nSHA-256: ${SHA256}\nTransfer ID: alice_bob_1795\n\nTo accept, type: /accept alice_bob_1795\nTo decline, type: /decline alice_bob_1795`,
    message: { type: 'fileOffer', name: 'alice', file: 'photo.bin', sha256: SHA256, id: 'alice_bob_1795' },
  },
  {
    // Nobody can accept what has a blank in its ID, but it is read.
    text: `*** FILE TRANSFER REQUEST ***\nSender: Al x\nFile: a|b\u202e\nSHA-256: ${SHA256}\nTransfer ID: Al x_bob_1\n\nTo accept, type: /accept Al x_bob_1\nTo decline, type: /decline Al x_bob_1`,
    message: { type: 'fileOffer', name: 'Al x', file: 'a|b\u202e', sha256: SHA256, id: 'Al x_bob_1' },
  },
  {
    text: '*** File transfer request sent to bob ***\nTransfer ID: alice_bob_1795\nWaiting for recipient to accept...',
    message: { type: 'fileOffered', name: 'bob', id: 'alice_bob_1795' },
  },
  {
    text: '*** File transfer accepted. Waiting for file stream... ***',
    message: { type: 'fileAccepted' },
  },
  {
    text: '*** bob accepted your file transfer (ID: alice_bob_1795). ***',
    message: { type: 'fileAcceptedBy', name: 'bob', id: 'alice_bob_1795' },
  },
  {
    text: `BEGIN_SEND|a|b.txt|${SHA256}`,
    message: { type: 'beginSend', file: 'a|b.txt', sha256: SHA256 },
  },
  { text: '*** File transfer declined. ***', message: { type: 'fileDeclined' } },
  {
    text: '*** bob declined the file transfer (ID: alice_bob_1795). ***',
    message: { type: 'fileDeclinedBy', name: 'bob', id: 'alice_bob_1795' },
  },
  {
    text: '*** File transfer expired (not accepted within 5 minutes). ***',
    message: { type: 'fileExpired' },
  },
  { text: '*** File transfer timed out after 10 minutes ***', message: { type: 'fileSendTimedOut' } },
  { text: '*** File transfer timed out ***', message: { type: 'fileReceiveTimedOut' } },
  {
    text: '*** File transfer cancelled: sender disconnected ***',
    message: { type: 'fileCancelled', text: 'sender disconnected' },
  },
  {
    text: '*** File transfer cancelled: invalid file size ***',
    message: { type: 'fileCancelled', text: 'invalid file size' },
  },
  {
    text: '*** File transfer cancelled: withdrawn by the sender (ID: alice_bob_1) ***',
    message: { type: 'transferCancelled', text: 'withdrawn by the sender', id: 'alice_bob_1' },
  },
  { text: '*** File transfer stream completed. ***', message: { type: 'fileSent' } },
  { text: '*** File transfer stream completed. Check hash! ***', message: { type: 'fileReceived' } },
  { text: 'Features: fast-files', message: { type: 'features', text: 'fast-files' } },

  {
    text: 'Active Rooms:\n  #a (2 users)\n  #b 🔒 (1 users)\n',
    message: {
      type: 'rooms',
      rooms: [
        { name: '#a', users: 2, isProtected: false },
        { name: '#b', users: 1, isProtected: true },
      ],
    },
  },
  {
    text: 'Active Rooms:\n  #🔒 (0 users)\n  #(1 (10 users)\n',
    message: {
      type: 'rooms',
      rooms: [
        { name: '#🔒', users: 0, isProtected: false },
        { name: '#(1', users: 10, isProtected: false },
      ],
    },
  },
  { text: 'No active rooms. Use /join #roomname to create one.', message: { type: 'rooms', rooms: [] } },
  {
    text: 'Online Users (3):\n  alice\n  Al x\n  c',
    message: { type: 'users', users: ['alice', 'Al x', 'c'] },
  },
  {
    text: 'Users in #vault:\n  recorder\n  bob.smith_2\n',
    message: { type: 'users', users: ['recorder', 'bob.smith_2'], place: '#vault' },
  },
  {
    text: 'Online Users (Lobby):\n  a\n',
    message: { type: 'users', users: ['a'], place: 'lobby' },
  },
  {
    text: 'Members of #general (2):\n  recorder\n  alice',
    message: { type: 'members', place: '#general', members: ['recorder', 'alice'] },
  },
  {
    text: 'Online Users (5):\n  alice\n  bob\n  … 3 more follow',
    message: { type: 'users', users: ['alice', 'bob'], remaining: 3 },
  },
  {
    text: 'Users in #a:\n  alice\n  … 3 more follow\n',
    message: { type: 'users', users: ['alice'], place: '#a', remaining: 3 },
  },
  {
    text: 'Members of #a (4):\n  alice\n  … 3 more follow',
    message: { type: 'members', place: '#a', members: ['alice'], remaining: 3 },
  },
  {
    text: 'Active Rooms:\n  #a (2 users)\n  … 3 more follow\n',
    message: { type: 'rooms', rooms: [{ name: '#a', users: 2, isProtected: false }], remaining: 3 },
  },
  { text: 'Members of lobby (0):\n  ', message: { type: 'members', place: 'lobby', members: [] } },
  {
    text: 'Members of lobby (1):\n  lobby',
    message: { type: 'members', place: 'lobby', members: ['lobby'] },
  },

  { text: '', message: { type: 'notice', text: '' } },
  { text: 'something newer', message: { type: 'notice', text: 'something newer' } },
];

for (const { text, message } of ROWS) {
  test(`${JSON.stringify(text.slice(0, 60))} is read as ${message.type}, and written so`, () => {
    assert.deepEqual(parseServerMessage(text), message);
    assert.equal(formatServerMessage(message), text);
  });
}

test('Every kind of message and every refusal has a row', () => {
  const kinds = new Set(ROWS.map(({ message }) => message.type));
  const reasons = ROWS.flatMap(({ message }) => (message.type === 'refusal' ? [message.reason] : []));
  assert.equal(kinds.size, 36);
  assert.equal(new Set(reasons).size, 22);
});

/** Texts near a form, which no server sends. */
const NEARLY: readonly string[] = [
  ' Enter your username: ',
  'Enter your username:',
  'Enter your username: x',
  'Welcome to the chat, !',
  `Welcome to the chat, ${'x'.repeat(33)}!`,
  'Welcome to the chat, alice!\n',
  'Type /help for available commands. Type /quit to exit.',
  '[1:02:03] alice: x',
  '[15:30:11] : x',
  '[15:30:11] alice:x',
  '[15:30:11] zażółć: x',
  '[15:30:11] [general] alice: x',
  '[15:30:11] [#gen eral] alice: x',
  '[DM from alice]:x',
  '[DM from ]: x',
  '[dm from alice]: x',
  'x[DM from alice]: x',
  '\n[DM from alice]: x',
  '*** alice joined the chat ***\n',
  '*** alice joined general ***',
  '*** joined the chat ***',
  'Joined room general',
  'Joined room #a b',
  'Left room #a',
  "User 'a b' is not online.",
  "User '' is not online.",
  'Available Commands:\n',
  'Active Rooms:\n',
  'Active Rooms:\n  #a (2 users)',
  'Active Rooms:\n  #a (2 users)\nmore',
  'Active Rooms:\n  #a (02 users)\n',
  'Active Rooms:\n #a (2 users)\n',
  'Active Rooms:\n  #a (2 users)\n\n',
  'Active Rooms:\n  #a (99999999999999999999 users)\n',
  'Online Users (2):\n  a',
  'Online Users (1):\n  a\n',
  'Online Users (1):\n  a\n\n',
  'Online Users (1):\na',
  'Online Users (1):\n  a:b',
  'Online Users (Lobby):\n  a',
  'Users in #a:\n  a',
  'Users in lobby:\n  a\n',
  'Members of #a (1):\n  a\n',
  'Members of #a (2):\n  a',
  'Members of lobby (0):\n',
  'Members of LOBBY (1):\n  a',
];

for (const text of NEARLY) {
  test(`${JSON.stringify(text.slice(0, 60))} is a notice, whole`, () => {
    assert.deepEqual(parseServerMessage(text), { type: 'notice', text });
  });
}

const name = fc.stringMatching(/^[A-Za-z0-9_.-](?:[A-Za-z0-9 _.-]{0,30}[A-Za-z0-9_.-])?$/);
const roomCharacter = fc.constantFrom(
  ...Array.from('#]:[ab*()\'"<>/|'),
  '🔒',
  '\0',
  '\u001b',
  '\u200B',
  '\uFEFF',
  'ż',
);
const room = fc.string({ unit: roomCharacter, maxLength: 12 }).map((rest) => `#${rest}`);
const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));

/** What a user can write: anything, and gladly what looks like the server's words. */
const imitation = fc.constantFrom(...ROWS.map((row) => row.text));
const userText = fc
  .array(fc.oneof(imitation, fc.string(), fc.constantFrom('\n', ': ', '] ', '[#a] ', ' ***', '*** ')), {
    maxLength: 4,
  })
  .map((parts) => parts.join(''));

test('Whatever names, rooms and texts users choose, each message is read as what it is', () => {
  fc.assert(
    fc.property(name, room, time, userText, fc.nat(999), (who, where, at, text, users) => {
      const messages: ServerMessage[] = [
        { type: 'lobby', time: at, name: who, text },
        { type: 'room', time: at, room: where, name: who, text },
        { type: 'dm', name: who, text },
        { type: 'dmEcho', name: who, text },
        { type: 'joined', name: who },
        { type: 'left', name: who },
        { type: 'roomJoined', name: who, room: where },
        { type: 'roomLeft', name: who, room: where },
        { type: 'welcome', name: who },
        { type: 'createdRoom', room: where },
        { type: 'joinedRoom', room: where },
        { type: 'leftRoom', room: where },
        { type: 'refusal', reason: 'notAMember', room: where },
        { type: 'refusal', reason: 'notInRoom', room: where },
        { type: 'refusal', reason: 'passwordRequired', room: where },
        { type: 'refusal', reason: 'passwordWrong', room: where },
        { type: 'refusal', reason: 'recipientOffline', word: where },
        { type: 'refusal', reason: 'unknownCommand', word: where },
        { type: 'rooms', rooms: [{ name: where, users, isProtected: users % 2 === 0 }] },
        { type: 'users', users: [who, 'lobby'] },
        { type: 'users', users: [who], place: where },
        { type: 'users', users: [who], place: 'lobby' },
        { type: 'members', place: where, members: [who] },
        { type: 'help', text },
      ];
      for (const message of messages) {
        assert.deepEqual(parseServerMessage(formatServerMessage(message)), message);
      }
    }),
    { numRuns: 500 },
  );
});

test('What a user wrote never passes for anything but a message of that user', () => {
  fc.assert(
    fc.property(name, room, userText, (who, where, text) => {
      const prefixes = [
        { prefix: `[12:00:00] ${who}: `, type: 'lobby' },
        { prefix: `[12:00:00] [${where}] ${who}: `, type: 'room' },
        { prefix: `[DM from ${who}]: `, type: 'dm' },
        { prefix: `[DM to ${who}]: `, type: 'dmEcho' },
      ];
      for (const { prefix, type } of prefixes) {
        const message = parseServerMessage(prefix + text);
        assert.equal(message.type, type);
        assert.ok('name' in message && message.name === who);
        assert.ok('text' in message && message.text === text);
      }
    }),
    { numRuns: 500 },
  );
});

test('Any text at all is read without a throw, and written again as it was', () => {
  const piece = fc.oneof(
    imitation,
    imitation.chain((text) => fc.nat(text.length).map((at) => text.slice(0, at))),
    imitation.chain((text) => fc.nat(text.length).map((at) => text.slice(at))),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\n',
      '  ',
      '  a',
      '\n  a',
      ' (1 users)',
      ' (007 users)',
      '(2):',
      '\u0085',
      '$&',
      '{name}',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      const text = pieces.join('');
      assert.equal(formatServerMessage(parseServerMessage(text)), text);
    }),
    { numRuns: 3000 },
  );
});

test('Long texts of the kinds that make a pattern go back and forth are read in no time', () => {
  const started = process.cpuUsage();
  for (const text of [
    `[12:00:00] [#${']'.repeat(200_000)}`,
    `[12:00:00] [#${'] a: '.repeat(50_000)}`,
    `*** ${'a joined '.repeat(20_000)}`,
    `Active Rooms:\n${'  #a 🔒 (1 users)\n'.repeat(5000)}x`,
    `Members of #${'a'.repeat(100_000)} (1):\n${'  a\n'.repeat(20_000)}`,
    `Unknown command: ${'. Type /help for available commands'.repeat(5000)}`,
    `*** a joined #${' ***'.repeat(50_000)}`,
    `*** a joined #${'*'.repeat(200_000)}`,
  ]) {
    parseServerMessage(text);
  }
  const { user } = process.cpuUsage(started);
  assert.ok(user < 1_500_000, `${user} µs`);
});
