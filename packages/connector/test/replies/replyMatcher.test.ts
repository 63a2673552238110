import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClientRequest, parseServerMessage } from '@quietroom/protocol';
import { FakeClock } from '@quietroom/testing';
import { ReplyMatcher } from '#src/replies/replyMatcher.js';
import { Client, NAME, TestRequest, TIMEOUT_MS } from './replyMatcherClient.js';

/**
 * `> text` is a request, `< text` what the server says, `+ 10` seconds that pass. Then what the requests were told,
 * in their order: `...` still waiting, `?` that nothing came; a number is that of the line that answered it.
 */
interface Row {
  readonly name: string;
  readonly talk: readonly string[];
  readonly told: readonly (number | '...' | '?' | 'nothing to wait for')[];
}

const OFFLINE = "< User 'bob' is not online.";
const QUESTION_LINE = '< Usage: /members <#roomname|lobby>';
const NO_ROOMS = '< No active rooms. Use /join #roomname to create one.';
const USERS = '< Online Users (1):\n  me';
const NO_MEMBER = '< *** You are not a member of #a ***';

const ROWS: readonly Row[] = [
  // Answers that name their request.
  { name: 'an echo', talk: ['> /msg bob hi', '< [DM to bob]: hi'], told: [1] },
  {
    name: 'echoes in order',
    talk: [
      '> /msg bob a',
      '> /msg al a',
      '> /msg bob b',
      '< [DM to bob]: a',
      '< [DM to al]: a',
      '< [DM to bob]: b',
    ],
    told: [3, 4, 5],
  },
  {
    name: 'an echo with blanks as the server writes them',
    talk: ['> /MSG  bob  good \n morning ', '< [DM to bob]: good morning'],
    told: [1],
  },
  { name: 'an echo of another text', talk: ['> /msg bob hi', '< [DM to bob]: hi!'], told: ['...'] },
  { name: 'an echo with another recipient', talk: ['> /msg bob hi', '< [DM to bo]: b hi'], told: ['...'] },
  { name: 'nothing yet', talk: ['> /msg bob hi', '+ 9.9'], told: ['...'] },
  {
    name: 'an echo that came after one that was dropped',
    talk: ['> /msg bob a', '> /msg bob b', '> /msg bob c', '< [DM to bob]: b'],
    told: ['?', 3, '...'],
  },
  {
    name: 'equal texts, the first takes the echo',
    talk: ['> /msg bob a', '> /msg bob a', '< [DM to bob]: a'],
    told: [2, '...'],
  },
  {
    name: 'equal texts, of which one echo was dropped',
    talk: ['> /msg bob a', '> /msg bob a', '> /msg al b', '< [DM to bob]: a', '< [DM to al]: b'],
    told: [3, '?', 4],
  },
  {
    name: 'more echoes than requests',
    talk: ['> /msg bob a', '< [DM to bob]: a', '< [DM to bob]: a', '> /msg bob a'],
    told: [1, '...'],
  },

  // Refusals that name the recipient only.
  { name: 'a refusal', talk: ['> /msg bob hi', OFFLINE], told: [1] },
  {
    name: 'a refusal of another recipient',
    talk: ['> /msg bob hi', "< User 'al' is not online."],
    told: ['...'],
  },
  {
    name: 'as many refusals as messages',
    talk: ['> /msg bob a', '> /msg bob b', OFFLINE, OFFLINE],
    told: [2, 3],
  },
  {
    name: 'a refusal that can be for either message',
    talk: ['> /msg bob a', '> /msg bob b', OFFLINE],
    told: ['...', '...'],
  },
  {
    name: 'a refusal, and then the echo of the second message',
    talk: ['> /msg bob a', '> /msg bob b', OFFLINE, '< [DM to bob]: b'],
    told: [2, 3],
  },
  {
    name: 'an echo of the first message, and then a refusal',
    talk: ['> /msg bob a', '> /msg bob b', '< [DM to bob]: a', OFFLINE],
    told: [2, 3],
  },
  {
    name: 'one refusal for two messages, when it shows that the other answer was dropped',
    talk: ['> /msg bob a', '> /msg bob b', '> /users', OFFLINE, USERS],
    told: ['?', '?', 4],
  },
  {
    name: 'refusals that are told by the answer to a later question',
    talk: ['> /msg bob a', '> /users', '> /msg bob b', OFFLINE, USERS],
    told: [3, 4, '...'],
  },
  {
    name: 'refusals of two recipients',
    talk: ['> /msg bob a', '> /msg al b', OFFLINE, "< User 'al' is not online."],
    told: [2, 3],
  },
  {
    name: 'a refusal behind a message to somebody else that got no answer',
    talk: ['> /msg al a', '> /msg bob b', OFFLINE],
    told: ['?', 2],
  },
  {
    name: 'one refusal for one of two equal messages, and an echo for the other',
    talk: ['> /msg bob a', '> /msg bob a', OFFLINE, '< [DM to bob]: a'],
    told: [3, 2],
  },
  {
    name: 'a refusal that can be for the message before equal ones or for the first of them',
    talk: ['> /msg bob a', '> /msg bob b', '> /msg bob b', OFFLINE, '< [DM to bob]: b', '> /users', USERS],
    told: ['?', 4, '?', 6],
  },
  {
    name: 'refusals of a message and of the first of two equal ones behind it',
    talk: ['> /msg bob a', '> /msg bob b', '> /msg bob b', OFFLINE, OFFLINE, '< [DM to bob]: b'],
    told: [3, 5, 4],
  },
  {
    name: 'a refusal before two equal messages whose echoes both come',
    talk: ['> /msg bob a', '> /msg bob b', '> /msg bob b', OFFLINE, '< [DM to bob]: b', '< [DM to bob]: b'],
    told: [3, 4, 5],
  },

  // Rooms and the lobby.
  { name: 'a room echo', talk: ['> [#a] hi', '< [12:00:00] [#a] me: hi'], told: [1] },
  { name: 'a room echo of somebody else', talk: ['> [#a] hi', '< [12:00:00] [#a] you: hi'], told: ['...'] },
  { name: 'a room echo of another room', talk: ['> [#a] hi', '< [12:00:00] [#b] me: hi'], told: ['...'] },
  { name: 'a room refusal', talk: ['> [#a] hi', NO_MEMBER], told: [1] },
  {
    name: 'a room refusal that came before the echo of an earlier message',
    talk: ['> [#a] x', '> [#a] y', NO_MEMBER, '< [12:00:00] [#a] me: x'],
    told: [3, 2],
  },
  {
    name: 'a room refusal that came before the echo of a later message',
    talk: ['> [#a] x', '> [#a] y', NO_MEMBER, '< [12:00:00] [#a] me: y'],
    told: [2, 3],
  },
  {
    name: 'a room refusal that is told by the answer to a later request',
    talk: ['> [#a] x', '> /join #a', '> [#a] y', NO_MEMBER, '< Joined room #a', '< [12:00:00] [#a] me: y'],
    told: [3, 4, 5],
  },
  {
    name: 'a room echo that is overtaken by direct answers',
    talk: ['> [#a] x', '> /msg bob a', '< [DM to bob]: a', '< [12:00:00] [#a] me: x'],
    told: [3, 2],
  },
  {
    name: 'a room echo that shows that an earlier one was dropped',
    talk: ['> [#a] x', '> [#b] y', '< [12:00:00] [#b] me: y'],
    told: ['?', 2],
  },
  {
    name: 'a room refusal that is told by an echo, and tells nothing of refusals that came since',
    talk: [
      '> /msg bob c',
      '> [#a] y',
      '> /msg bob a',
      '> /join #a',
      '> [#a] x',
      NO_MEMBER,
      OFFLINE,
      '< [12:00:00] [#a] me: x',
    ],
    told: ['...', 5, '...', '...', 7],
  },
  { name: 'a lobby echo', talk: ['> hi', '< [12:00:00] me: hi'], told: [1] },
  {
    name: 'a lobby echo of several lines',
    talk: ['> hi\n  there', '< [12:00:00] me: hi\n  there'],
    told: [1],
  },
  { name: 'a lobby message of somebody else', talk: ['> hi', '< [12:00:00] you: hi'], told: ['...'] },
  {
    name: 'a lobby echo that is overtaken by a direct answer and a room echo',
    talk: [
      '> hi',
      '> [#a] x',
      '> /rooms',
      '< Active Rooms:\n  #a (1 users)\n',
      '< [12:00:00] [#a] me: x',
      '< [12:00:00] me: hi',
    ],
    told: [5, 4, 3],
  },
  {
    name: 'a lobby echo that shows that an earlier one was dropped',
    talk: ['> a', '> b', '< [12:00:00] me: b'],
    told: ['?', 2],
  },
  {
    name: 'a direct request that a later lobby echo does not pass',
    talk: ['> /users', '> a', '< [12:00:00] me: a'],
    told: ['...', 2],
  },

  // Other requests.
  { name: 'a join', talk: ['> /join #a', '< Joined room #a'], told: [1] },
  { name: 'a room made', talk: ['> /join #a pw', '< Created and joined room #a'], told: [1] },
  { name: 'a join of another room', talk: ['> /join #a', '< Joined room #b'], told: ['...'] },
  {
    name: 'a join that wants a password',
    talk: ['> /join #a', '> /join #b', '< This room is password-protected. Usage: /join #b <password>'],
    told: ['?', 2],
  },
  { name: 'a wrong password', talk: ['> /join #a x', '< Incorrect password for room #a'], told: [1] },
  {
    name: 'a password that is too long',
    talk: ['> /join #a x', '< Error creating room password.'],
    told: [1],
  },
  {
    name: 'a bad room name before another join',
    talk: ['> /join a', '> /join #b', '< Room names must start with # (e.g., #general)', '< Joined room #b'],
    told: [2, 3],
  },
  { name: 'a leave', talk: ['> /leave #a', '< Left room #a - returned to lobby'], told: [1] },
  { name: 'a leave that is refused', talk: ['> /leave #a', '< You are not in room #a'], told: [1] },
  { name: 'users', talk: ['> /users', USERS], told: [1] },
  { name: 'users of a 1.1 server', talk: ['> /users', '< Users in #a:\n  me\n'], told: [1] },
  { name: 'rooms', talk: ['> /rooms', '< No active rooms. Use /join #roomname to create one.'], told: [1] },
  { name: 'help', talk: ['> /help', '< \nAvailable Commands:\n  /quit'], told: [1] },
  { name: 'members', talk: ['> /members #a', '< Members of #a (1):\n  me'], told: [1] },
  { name: 'members of the lobby', talk: ['> /members lobby', '< Members of lobby (0):\n  '], told: [1] },
  { name: 'members of no room', talk: ['> /members #a', '< Room not found or access denied.'], told: [1] },
  {
    name: 'members of one room, and of none',
    talk: [
      '> /members #a',
      '> /members #b',
      '< Room not found or access denied.',
      '< Members of #b (1):\n  me',
    ],
    told: [2, 3],
  },
  {
    name: 'the bare question on 1.2',
    talk: ['> /members', '< Usage: /members <#roomname|lobby>'],
    told: [1],
  },
  {
    name: 'the bare question on 1.1',
    talk: ['> /members', '< Unknown command: /members. Type /help for available commands.'],
    told: [1],
  },
  { name: 'a usage line of msg', talk: ['> /msg bob', '< Usage: /msg <username> <message>'], told: [1] },
  { name: 'a usage line of join', talk: ['> /join', '< Usage: /join <#room> [password]'], told: [1] },
  { name: 'a usage line of leave', talk: ['> /leave', '< Usage: /leave <#room>'], told: [1] },
  {
    name: 'unknown commands',
    talk: [
      '> /Foo x',
      '> /QUIT',
      '< Unknown command: /foo. Type /help for available commands.',
      '< Unknown command: /quit. Type /help for available commands.',
    ],
    told: [2, 3],
  },
  {
    name: 'what nothing is answered to',
    talk: ['>  ', '> /quit'],
    told: Array.from({ length: 2 }, (): Row['told'][number] => 'nothing to wait for'),
  },

  // Files.
  {
    name: 'an offer',
    talk: [
      '> /file bob x 00',
      '< *** File transfer request sent to bob ***\nTransfer ID: me_bob_1\nWaiting for recipient to accept...',
    ],
    told: [1],
  },
  {
    name: 'offers that are refused',
    talk: [
      '> /file bob x 00',
      '< Invalid hash format. SHA-256 hash must be 64 hex characters.',
      '> /file me x 00',
      '< You cannot send files to yourself.',
      '> /file',
      '< Usage: /file <username> <path/filename>',
    ],
    told: [1, 3, 5],
  },
  {
    name: 'an offer and a message to somebody who is not there',
    talk: ['> /msg bob hi', '> /file bob x 00', "< User 'bob' is not online.", "< User 'bob' is not online."],
    told: [2, 3],
  },
  {
    name: 'what is accepted and declined',
    talk: [
      '> /accept x_me_1',
      '> /decline x_me_2',
      '> /decline x_me_3',
      '> /accept x_me_4',
      '< *** File transfer accepted. Waiting for file stream... ***',
      '< *** File transfer declined. ***',
      '< Transfer ID not found or expired.',
      '< This transfer is not for you.',
    ],
    told: [4, 5, 6, 7],
  },
  {
    name: 'what the server knows',
    talk: ['> /features', '< Features: fast-files'],
    told: [1],
  },
  {
    name: 'a server that does not know the question',
    talk: ['> /features', '< Unknown command: /features. Type /help for available commands.'],
    told: [1],
  },

  // What others write.
  {
    name: 'messages of others that look like answers',
    talk: [
      '> /msg bob hi',
      '> /join #a',
      '> hi',
      '< [DM from bob]: [DM to bob]: hi',
      '< [12:00:00] bob: Joined room #a',
      '< [12:00:00] [#a] me: hi',
      '< [12:00:00] bob: [12:00:00] me: hi',
      '< [12:00:00] bob: x\n[12:00:00] me: hi',
    ],
    told: ['...', '...', '...'],
  },
  {
    name: 'a key that a text could imitate',
    talk: ['> [#a] b\nc', '> /msg x y', '< [12:00:00] [#a] me: b', '< [12:00:00] me: room #a\nb\nc'],
    told: ['...', '...'],
  },

  // Time.
  { name: 'nothing in time', talk: ['> /msg bob hi', '+ 10'], told: ['?'] },
  { name: 'nothing in time in the lobby', talk: ['> hi', '+ 10'], told: ['?'] },
  {
    name: 'a late echo, which is not taken for that of the next message in the same words',
    talk: ['> /msg bob hi', '+ 10', '> /msg bob hi', '< [DM to bob]: hi'],
    told: ['?', '...'],
  },
  {
    name: 'a late echo, and the one of the next message in the same words',
    talk: ['> /msg bob hi', '+ 10', '> /msg bob hi', '< [DM to bob]: hi', '< [DM to bob]: hi'],
    told: ['?', 4],
  },
  {
    name: 'a late refusal, which can be for either message',
    talk: ['> /msg bob a', '+ 10', '> /msg bob b', OFFLINE],
    told: ['?', '...'],
  },
  {
    name: 'the next message in the same words, when another answer has shown that no late one will come',
    talk: ['> /msg bob hi', '+ 10', '> /users', USERS, '> /msg bob hi', '< [DM to bob]: hi'],
    told: ['?', 3, 5],
  },
  {
    name: 'the next lobby message in the same words, just after a direct answer: the late echo can still come',
    talk: ['> hi', '+ 10', '> /users', USERS, '> hi', '< [12:00:00] me: hi'],
    told: ['?', 3, '...'],
  },
  {
    name: 'the next lobby message in the same words, when two answers have shown that no late echo will come',
    talk: ['> hi', '+ 10', '> /users', USERS, '+ 2.5', '> /users', USERS, '> hi', '< [12:00:00] me: hi'],
    told: ['?', 3, 6, 8],
  },
  {
    name: 'the next lobby message in the same words, when the second answer was not asked for late enough',
    talk: [
      '> hi',
      '+ 10',
      '> /users',
      USERS,
      '+ 2.4',
      '> /users',
      '+ 0.2',
      USERS,
      '> hi',
      '< [12:00:00] me: hi',
    ],
    told: ['?', 3, 7, '...'],
  },
  {
    name: 'the second of two questions: the late answer to the first is taken for it, and tells nothing more',
    talk: ['> /members', '> /msg bob a', '+ 10', '> /msg bob b', '> /members', QUESTION_LINE, OFFLINE],
    told: ['?', '?', '...', 5],
  },
  {
    name: 'a question that is asked again after the server has answered something else',
    talk: ['> /members', '+ 10', '> /rooms', NO_ROOMS, '> /msg bob b', '> /members', QUESTION_LINE],
    told: ['?', 3, '?', 6],
  },
  {
    name: 'two joins whose answers come late, the second one to the next join: it shows nothing of what is between',
    talk: [
      '> /join #a',
      '> /join #a',
      '+ 10',
      '< Joined room #a',
      '> /msg bob b',
      '> /join #a',
      '> /msg bob a',
      '< Joined room #a',
      OFFLINE,
      '< Joined room #a',
      '< [DM to bob]: a',
    ],
    told: ['?', '?', 8, 7, 10],
  },
  {
    name: 'a join that is tried again after its answer was dropped',
    talk: ['> /join #a', '+ 10', '> /join #a', '< Joined room #a', '> /join #a', '< Joined room #a'],
    told: ['?', 3, 5],
  },
  {
    name: 'refusals in a room, after one that was dropped',
    talk: ['> [#a] x', '> [#a] y', '> /users', NO_MEMBER, USERS, '+ 10', '> [#a] z', NO_MEMBER],
    told: ['?', '?', 4, 7],
  },
  {
    name: 'refusals in a room, after one that was dropped and whose time was over before that showed',
    talk: ['> [#a] x', '> [#a] y', NO_MEMBER, '+ 10', '> /users', USERS, '> [#a] z', NO_MEMBER],
    told: ['?', '?', 5, 7],
  },
  {
    name: 'a room refusal that can be for either of two messages whose echoes will not come',
    talk: [
      '> [#a] x',
      '+ 1',
      '> [#a] y',
      '> [#a] z',
      NO_MEMBER,
      '< [12:00:00] [#a] me: z',
      '> /users',
      USERS,
      '+ 10',
    ],
    told: ['?', '?', 5, 7],
  },
];

for (const { name, talk, told } of ROWS) {
  test(`The requests are told rightly of ${name}`, () => {
    const client = new Client();
    for (const line of talk) {
      const text = line.slice(2);
      if (line.startsWith('>')) client.send(text);
      else if (line.startsWith('<')) client.receive(text);
      else client.clock.advance(Number(text) * 1000);
    }
    const expected = told.map((outcome) => {
      if (typeof outcome === 'number') return talk[outcome]?.slice(2);
      return outcome === '...' ? 'waiting' : outcome === '?' ? 'no-answer' : outcome;
    });
    assert.deepEqual(client.outcomes, expected);
    assert.equal(client.answers.waiting, client.outcomes.filter((outcome) => outcome === 'waiting').length);
  });
}

test('an answer is taken for a request whose place is known again', () => {
  const client = new Client();
  client.send('[#a] hi');
  assert.equal(client.receive('[12:00:00] [#a] me: hi')?.place, '[#a] hi');
  assert.equal(client.receive('[12:00:00] [#a] me: hi'), undefined);
});

test('an answer that waits to be attributed counts as one', () => {
  const client = new Client();
  client.send('/msg bob a');
  client.send('/msg bob b');
  assert.ok(client.receive("User 'bob' is not online."));
  assert.equal(client.receive("User 'al' is not online."), undefined);
});

test('a late answer counts as one', () => {
  const client = new Client();
  client.send('/msg bob a');
  client.clock.advance(TIMEOUT_MS);
  assert.ok(client.receive('[DM to bob]: a'));
});

test('the time counts from when a request has left', () => {
  const client = new Client();
  const number = client.expect('/msg bob hi');
  client.clock.advance(5 * TIMEOUT_MS);
  assert.deepEqual(client.outcomes, ['waiting']);
  client.sent(number);
  client.clock.advance(TIMEOUT_MS - 1);
  assert.deepEqual(client.outcomes, ['waiting']);
  client.clock.advance(1);
  assert.deepEqual(client.outcomes, ['no-answer']);
  assert.equal(client.answers.waiting, 0);
});

test('each request has its own time', () => {
  const client = new Client();
  client.send('/msg bob a');
  client.clock.advance(4000);
  client.send('lobby');
  client.clock.advance(3000);
  client.send('/users');
  client.clock.advance(3000);
  assert.deepEqual(client.outcomes, ['no-answer', 'waiting', 'waiting']);
  client.clock.advance(4000);
  assert.deepEqual(client.outcomes, ['no-answer', 'no-answer', 'waiting']);
  client.clock.advance(3000);
  assert.deepEqual(client.outcomes, ['no-answer', 'no-answer', 'no-answer']);
  assert.equal(client.clock.pending, 0);
});

for (const [text, times] of [
  ['/msg bob hi', [5000]],
  // The second answer tells that its echo is not only late.
  ['[#a] hi', [5000, 10_000]],
  ['hi', [5000, 10_000]],
] as const) {
  test(`for ${JSON.stringify(text)} a question is asked after ${times.join(' and ')} ms without an answer`, () => {
    const asked: number[] = [];
    const client: Client = new Client(() => {
      asked.push(client.clock.now());
      client.send('/members');
    });
    client.send(text);
    client.clock.advance(4 * TIMEOUT_MS);
    assert.deepEqual(asked, times);
    assert.ok(client.outcomes.every((outcome) => outcome === 'no-answer'));
  });
}

test('a question is not asked about', () => {
  let asked = 0;
  const client = new Client(() => void asked++);
  client.send('/members');
  client.clock.advance(TIMEOUT_MS);
  assert.equal(asked, 0);
});

test('when many echoes are lost, not each of them is asked about', () => {
  const asked: number[] = [];
  const client: Client = new Client(() => asked.push(client.clock.now()));
  for (let i = 0; i < 50; i++) {
    client.send(`${i}`);
    client.clock.advance(100);
  }
  client.clock.advance(2 * TIMEOUT_MS);
  assert.deepEqual(asked, [5000, 10_000, 12_500]);
});

test('after an echo that was dropped the same text is told of its own echo', () => {
  const client: Client = new Client(() => {
    client.send('/members');
    client.receive('Usage: /members <#roomname|lobby>');
  });
  client.send('hi');
  client.clock.advance(TIMEOUT_MS);
  const next = client.send('hi');
  client.receive('[12:00:00] me: hi');
  assert.equal(client.outcomes[next], '[12:00:00] me: hi');
});

test('the answer to the question tells what was dropped before the time is over', () => {
  const client = new Client(() => client.send('/members'));
  client.send('/msg bob a');
  client.send('/msg bob b');
  client.send('/msg al c');
  client.receive("User 'bob' is not online.");
  client.receive("User 'bob' is not online.");
  client.clock.advance(TIMEOUT_MS / 2);
  client.receive('Usage: /members <#roomname|lobby>');
  assert.deepEqual(client.outcomes, [
    "User 'bob' is not online.",
    "User 'bob' is not online.",
    'no-answer',
    'Usage: /members <#roomname|lobby>',
  ]);
});

test('what is sent after a question is asked about by another one', () => {
  let asked = 0;
  const client = new Client(() => void asked++);
  client.send('/msg bob a');
  client.clock.advance(6000);
  client.send('/msg bob b');
  client.receive('[DM to bob]: a');
  client.clock.advance(4999);
  assert.equal(asked, 1);
  client.clock.advance(1);
  assert.equal(asked, 2);
});

test('nothing is asked about what is answered in time', () => {
  let asked = 0;
  const client = new Client(() => void asked++);
  for (let i = 0; i < 10; i++) {
    client.send(`/msg bob ${i}`);
    client.receive(`[DM to bob]: ${i}`);
    client.clock.advance(3000);
  }
  assert.equal(asked, 0);
});

test('a request that is withdrawn is told nothing, and takes no answer', () => {
  const client = new Client();
  client.send('/msg bob a');
  const second = client.expect('/msg bob a');
  client.withdraw(second);
  client.withdraw(second);
  client.sent(second);
  assert.equal(client.answers.waiting, 1);
  client.receive("User 'bob' is not online.");
  assert.deepEqual(client.outcomes, ["User 'bob' is not online.", 'waiting']);
  assert.equal(client.receive('[DM to bob]: a'), undefined);
  client.clock.advance(TIMEOUT_MS);
  client.answers.end();
  assert.deepEqual(client.outcomes, ["User 'bob' is not online.", 'waiting']);
  assert.equal(client.answers.waiting, 0);
});

test('a request that is answered cannot be withdrawn', () => {
  const client = new Client();
  const number = client.send('/msg bob a');
  client.receive('[DM to bob]: a');
  client.withdraw(number);
  assert.equal(client.answers.waiting, 0);
});

test('at the end of the connection all that wait are told so, in order, and no timer stays', () => {
  const client = new Client();
  client.send('/msg bob a');
  client.clock.advance(TIMEOUT_MS);
  client.send('hi');
  client.send('[#a] hi');
  const last = client.expect('/users');
  client.answers.end();
  assert.deepEqual(client.outcomes, ['no-answer', 'connection-lost', 'connection-lost', 'connection-lost']);
  assert.equal(client.answers.waiting, 0);
  client.sent(last);
  assert.equal(client.clock.pending, 0);
  assert.equal(client.receive('[12:00:00] me: hi'), undefined);
  assert.equal(client.receive("User 'bob' is not online."), undefined);
});

test('what is sent when a request is told its outcome is a request like any other', () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const answers = new ReplyMatcher({
    clock,
    timeoutMs: TIMEOUT_MS,
    username: NAME,
    ask: () => {},
    gaveUp: () => {},
  });
  const send = (text: string, then: () => void = () => {}): void => {
    const request = new TestRequest((outcome) => {
      told.push(`${text}: ${outcome.type === 'answered' ? outcome.raw : outcome.reason}`);
      then();
    });
    answers.expect(request, parseClientRequest(text));
    answers.sent(request);
  };
  const receive = (raw: string): void => {
    answers.take(parseServerMessage(raw), raw);
  };
  send('/msg bob a', () => send('/msg bob a'));
  send('/msg bob b', () => send('/msg bob b'));
  receive("User 'bob' is not online.");
  receive("User 'bob' is not online.");
  assert.equal(answers.waiting, 2);
  receive('[DM to bob]: a');
  clock.advance(TIMEOUT_MS);
  assert.deepEqual(told, [
    "/msg bob a: User 'bob' is not online.",
    "/msg bob b: User 'bob' is not online.",
    '/msg bob a: [DM to bob]: a',
    '/msg bob b: no-answer',
  ]);
});

test('of overdue requests the oldest are forgotten, past a number that bounds the memory', () => {
  const client = new Client();
  for (let i = 0; i < 10_002; i++) client.send(`/msg bob ${i}`);
  client.clock.advance(TIMEOUT_MS);
  assert.equal(client.answers.waiting, 0);
  assert.equal(client.receive('[DM to bob]: 1'), undefined);
  assert.ok(client.receive('[DM to bob]: 2'));
});

test('overdue requests that are answered late do not count among them', () => {
  const client = new Client();
  for (let i = 0; i < 6000; i++) client.send(`/msg bob ${i}`);
  client.clock.advance(TIMEOUT_MS);
  for (let i = 0; i < 6000; i++) client.receive(`[DM to bob]: ${i}`);
  for (let i = 0; i < 6000; i++) client.send(`/msg al ${i}`);
  client.clock.advance(TIMEOUT_MS);
  assert.ok(client.receive('[DM to al]: 0'));
});

// The cost of a step does not depend on how many wait: with a cost in proportion this takes minutes.
for (const [what, text, echo] of [
  ['different', (i: number) => `/msg bob ${i}`, (i: number) => `[DM to bob]: ${i}`],
  ['equal', () => '/msg bob a', () => '[DM to bob]: a'],
] as const) {
  test(`50,000 ${what} requests in flight are each told of their answer`, () => {
    const count = 50_000;
    const client = new Client();
    for (let i = 0; i < count; i++) client.send(text(i));
    for (let i = 0; i < count; i++) client.receive(i % 5 === 4 ? "User 'bob' is not online." : echo(i));
    const refused = client.outcomes.filter((outcome) => outcome.startsWith('User'));
    assert.equal(refused.length, count / 5);
    assert.equal(client.answers.waiting, 0);
  });
}

test('50,000 requests to a room that was joined in between are each told of their answer', () => {
  const count = 50_000;
  const client = new Client();
  for (let i = 0; i < count; i++) client.send(`[#a] ${i}`);
  for (let i = 0; i < count / 2; i++) client.receive('*** You are not a member of #a ***');
  for (let i = count / 2; i < count; i++) client.receive(`[12:00:00] [#a] me: ${i}`);
  assert.equal(client.outcomes.filter((outcome) => outcome.startsWith('***')).length, count / 2);
  assert.equal(client.answers.waiting, 0);
});

test('An answer that came while the process was busy counts, however late its timer is', () => {
  const clock = new FakeClock();
  const afterReading: (() => void)[] = [];
  // As in Node: timers that are due come first, then what was read, then timers of no time.
  const answers = new ReplyMatcher({
    clock: {
      now: clock.now,
      setTimeout: (callback, ms) => (ms === 0 ? afterReading.push(callback) : clock.setTimeout(callback, ms)),
      clearTimeout: () => {},
    },
    timeoutMs: TIMEOUT_MS,
    username: NAME,
    ask: () => {},
    gaveUp: () => {},
  });
  const told: string[] = [];
  for (const text of ['/msg bob read', '/msg bob lost']) {
    const request = new TestRequest(({ type }) => void told.push(`${text} ${type}`));
    answers.expect(request, parseClientRequest(text));
    answers.sent(request);
  }
  clock.advance(TIMEOUT_MS / 2);
  clock.advance(TIMEOUT_MS);
  const echo = '[DM to bob]: read';
  answers.take(parseServerMessage(echo), echo);
  for (const callback of afterReading) callback();
  assert.deepEqual(told, ['/msg bob read answered']);
});
