import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProtocolVersion } from '@quietroom/protocol';
import { buildPacket } from '@quietroom/testing';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

type Who = 'alice' | 'bob' | 'carol';

interface Row {
  readonly name: string;
  /** Default: what holds for both. */
  readonly protocolVersion?: ProtocolVersion;
  /** Said before, by whom; the answers are not looked at. */
  readonly before?: readonly (readonly [who: Who, text: string])[];
  /** What alice sends. */
  readonly sent: string;
  /** What each gets for it, in order; whoever is not named gets nothing. */
  readonly alice?: readonly string[];
  readonly bob?: readonly string[];
  readonly carol?: readonly string[];
}

const chat = (text: string): string => `[07:08:09] ${text}`;
const toAll = (text: string) => ({ alice: [text], bob: [text], carol: [text] });
const vault = ['bob', '/join #vault open sesame'] as const;

const ROWS: readonly Row[] = [
  { name: 'Chat text reaches everyone, the sender too', sent: 'hi: all', ...toAll(chat('alice: hi: all')) },
  { name: 'New lines in chat text are kept', sent: 'a\n\nb', ...toAll(chat('alice: a\n\nb')) },
  {
    name: 'White space around a text is dropped, as Unicode has it',
    sent: '\u0085\u00a0 hi \ufeff\u3000',
    ...toAll(chat('alice: hi \ufeff')),
  },
  { name: 'A text of white space is ignored', sent: ' \n\t\u2003' },
  {
    name: 'Control characters are relayed as they are',
    sent: 'a\0\x1b[1mb',
    ...toAll(chat('alice: a\0\x1b[1mb')),
  },
  {
    name: 'A direct message reaches its recipient and is echoed',
    sent: '/msg bob one  two\nthree',
    alice: ['[DM to bob]: one two three'],
    bob: ['[DM from alice]: one two three'],
  },
  {
    name: 'A direct message to oneself comes twice',
    sent: '/msg alice note',
    alice: ['[DM from alice]: note', '[DM to alice]: note'],
  },
  { name: 'A name is looked up as it is written', sent: '/msg Bob hi', alice: ["User 'Bob' is not online."] },
  { name: 'A recipient can be gone', sent: '/msg $& hi', alice: ["User '$&' is not online."] },
  { name: 'A message needs a text', sent: '/msg bob', alice: ['Usage: /msg <username> <message>'] },
  {
    name: 'The name of a command can be written in capitals',
    sent: '/MSG',
    alice: ['Usage: /msg <username> <message>'],
  },
  {
    name: 'The first to join a room creates it',
    sent: '/join #a',
    alice: ['Created and joined room #a', '*** alice joined #a ***'],
  },
  {
    name: 'Joining is told to the members',
    before: [['bob', '/join #a']],
    sent: '/join #a',
    alice: ['Joined room #a', '*** alice joined #a ***'],
    bob: ['*** alice joined #a ***'],
  },
  {
    name: 'A member who joins again is told so again',
    before: [
      ['bob', '/join #a'],
      ['alice', '/join #a'],
    ],
    sent: '/join #a',
    alice: ['Joined room #a', '*** alice joined #a ***'],
    bob: ['*** alice joined #a ***'],
  },
  {
    name: 'A password for an open room is ignored',
    before: [['bob', '/join #a']],
    sent: '/join #a word',
    alice: ['Joined room #a', '*** alice joined #a ***'],
    bob: ['*** alice joined #a ***'],
  },
  {
    name: 'A protected room needs its password',
    before: [vault],
    sent: '/join #vault',
    alice: ['This room is password-protected. Usage: /join #vault <password>'],
  },
  {
    name: 'A member needs the password to join again',
    before: [vault, ['alice', '/join #vault open sesame']],
    sent: '/join #vault',
    alice: ['This room is password-protected. Usage: /join #vault <password>'],
  },
  {
    name: 'A wrong password is refused',
    before: [vault],
    sent: '/join #vault open Sesame',
    alice: ['Incorrect password for room #vault'],
  },
  {
    name: 'A password is all further words, joined by one space',
    before: [vault],
    sent: '/join #vault  open \t sesame ',
    alice: ['Joined room #vault', '*** alice joined #vault ***'],
    bob: ['*** alice joined #vault ***'],
  },
  {
    name: 'Of a password 72 bytes count',
    before: [['bob', `/join #long ${'x'.repeat(72)}`]],
    sent: `/join #long ${'x'.repeat(72)}yy`,
    alice: ['Joined room #long', '*** alice joined #long ***'],
    bob: ['*** alice joined #long ***'],
  },
  {
    name: 'A new room refuses a password of more than 72 bytes',
    protocolVersion: '1.2',
    sent: `/join #long ${'é'.repeat(36)}y`,
    alice: ['Error creating room password.'],
  },
  { name: 'A room needs its #', sent: '/join a', alice: ['Room names must start with # (e.g., #general)'] },
  { name: 'Joining needs a room', sent: '/join', alice: ['Usage: /join <#room> [password]'] },
  {
    name: 'A room can be left',
    before: [
      ['bob', '/join #a'],
      ['alice', '/join #a'],
    ],
    sent: '/leave #a',
    alice: ['Left room #a - returned to lobby'],
    bob: ['*** alice left #a ***'],
  },
  {
    name: 'Only members can leave',
    before: [['bob', '/join #a']],
    sent: '/leave #a',
    alice: ['You are not in room #a'],
  },
  { name: 'Leaving needs a room', sent: '/leave', alice: ['Usage: /leave <#room>'] },
  {
    name: 'Without rooms there is a hint',
    sent: '/rooms',
    alice: ['No active rooms. Use /join #roomname to create one.'],
  },
  {
    name: 'Rooms are listed with their members counted, empty ones too',
    before: [vault, ['carol', '/join #a'], ['carol', '/leave #a'], ['carol', '/join #vault open sesame']],
    sent: '/rooms',
    alice: ['Active Rooms:\n  #vault 🔒 (2 users)\n  #a (0 users)\n'],
  },
  {
    name: 'An empty room keeps its password',
    before: [vault, ['bob', '/leave #vault']],
    sent: '/join #vault',
    alice: ['This room is password-protected. Usage: /join #vault <password>'],
  },
  {
    name: 'Unknown commands are named in lower case',
    sent: '/FooBar x',
    alice: ['Unknown command: /foobar. Type /help for available commands.'],
  },
  {
    name: 'Only /quit itself ends the session',
    sent: '/quit now',
    alice: ['Unknown command: /quit. Type /help for available commands.'],
  },

  // 1.2
  {
    name: 'A message for a room reaches its members',
    protocolVersion: '1.2',
    before: [
      ['bob', '/join #a:b]'],
      ['alice', '/join #a:b]'],
    ],
    sent: '[#a:b]]  hi\nthere ',
    alice: [chat('[#a:b]] alice:  hi\nthere')],
    bob: [chat('[#a:b]] alice:  hi\nthere')],
  },
  {
    name: 'Only members can write to a room',
    protocolVersion: '1.2',
    before: [['bob', '/join #a']],
    sent: '[#a] hi',
    alice: ['*** You are not a member of #a ***'],
  },
  ...['[#a]hi', '[#a]\nhi', '[#a]', '[#a] ', '[#a]\u00a0hi'].flatMap((sent): Row[] => [
    {
      name: `Of others, ${JSON.stringify(sent)} is refused like a message for a room`,
      protocolVersion: '1.2',
      before: [['bob', '/join #a']],
      sent,
      alice: ['*** You are not a member of #a ***'],
    },
    {
      name: `Of a member, ${JSON.stringify(sent)} is refused and does not reach the lobby`,
      protocolVersion: '1.2',
      before: [['alice', '/join #a']],
      sent,
      alice: ['Unknown command: [#a]. Type /help for available commands.'],
    },
  ]),
  {
    name: 'Text in brackets that cannot be a room is chat',
    protocolVersion: '1.2',
    sent: '[#1 of 2]hi',
    ...toAll(chat('alice: [#1 of 2]hi')),
  },
  {
    name: 'Members of a room hear the lobby, too',
    protocolVersion: '1.2',
    before: [['bob', '/join #a']],
    sent: 'hi',
    ...toAll(chat('alice: hi')),
  },
  {
    name: 'Users are listed',
    protocolVersion: '1.2',
    sent: '/users',
    alice: ['Online Users (3):\n  alice\n  bob\n  carol'],
  },
  {
    name: 'The members of an open room are shown to anyone',
    protocolVersion: '1.2',
    before: [
      ['bob', '/join #a'],
      ['carol', '/join #a'],
    ],
    sent: '/members #a',
    alice: ['Members of #a (2):\n  bob\n  carol'],
  },
  {
    name: 'The members of a protected room are not shown to others',
    protocolVersion: '1.2',
    before: [vault],
    sent: '/members #vault',
    alice: ['Room not found or access denied.'],
  },
  {
    name: 'The members of a protected room are shown to members',
    protocolVersion: '1.2',
    before: [vault, ['alice', '/join #vault open sesame']],
    sent: '/members #vault',
    alice: ['Members of #vault (2):\n  bob\n  alice'],
  },
  {
    name: 'In the lobby are those in no room',
    protocolVersion: '1.2',
    before: [
      ['bob', '/join #a'],
      ['carol', '/join #a'],
      ['carol', '/leave #a'],
    ],
    sent: '/members lobby',
    alice: ['Members of lobby (2):\n  alice\n  carol'],
  },
  {
    name: 'The lobby can be empty',
    protocolVersion: '1.2',
    before: [
      ['alice', '/join #a'],
      ['bob', '/join #a'],
      ['carol', '/join #a'],
    ],
    sent: '/members lobby',
    alice: ['Members of lobby (0):\n  '],
  },
  {
    name: 'The lobby can be written in any case',
    protocolVersion: '1.2',
    sent: '/members LOBBY',
    alice: ['Members of lobby (3):\n  alice\n  bob\n  carol'],
  },
  {
    name: 'Members are those of the lobby or of a room',
    protocolVersion: '1.2',
    sent: '/members general',
    alice: ['Usage: /members <#roomname|lobby>'],
  },
  {
    name: 'White space after the blank of a room prefix is kept',
    protocolVersion: '1.2',
    before: [['alice', '/join #a']],
    sent: '[#a]  two blanks ',
    alice: [chat('[#a] alice:  two blanks')],
  },
  {
    name: 'A line break after the blank of a room prefix is kept',
    protocolVersion: '1.2',
    before: [['alice', '/join #a']],
    sent: '[#a] \nhi',
    alice: [chat('[#a] alice: \nhi')],
  },
  {
    name: 'An unknown command is repeated in lower case, one character for one',
    sent: '/ΑΣİX',
    alice: ['Unknown command: /ασix. Type /help for available commands.'],
  },

  // 1.1
  {
    name: '1.1 has no /members',
    protocolVersion: '1.1',
    sent: '/members',
    alice: ['Unknown command: /members. Type /help for available commands.'],
  },
  {
    name: 'On 1.1 chat text goes to the room joined last',
    protocolVersion: '1.1',
    before: [
      ['alice', '/join #a'],
      ['bob', '/join #a'],
      ['alice', '/join #b'],
      ['carol', '/join #b'],
      ['carol', '/join #c'],
    ],
    sent: 'hi',
    alice: [chat('alice: hi')],
    carol: [chat('alice: hi')],
  },
  {
    name: 'On 1.1 a room prefix is text',
    protocolVersion: '1.1',
    sent: '[#a] hi',
    ...toAll(chat('alice: [#a] hi')),
  },
  {
    name: 'On 1.1 the lobby is heard by those without a current room only',
    protocolVersion: '1.1',
    before: [['bob', '/join #a']],
    sent: 'hi',
    alice: [chat('alice: hi')],
    carol: [chat('alice: hi')],
  },
  {
    name: 'On 1.1 leaving the current room returns to the lobby',
    protocolVersion: '1.1',
    before: [
      ['alice', '/join #b'],
      ['alice', '/join #a'],
      ['alice', '/leave #a'],
      ['bob', '/join #b'],
    ],
    sent: 'hi',
    alice: [chat('alice: hi')],
    carol: [chat('alice: hi')],
  },
  {
    name: 'On 1.1 leaving another room does not change the current one',
    protocolVersion: '1.1',
    before: [
      ['alice', '/join #b'],
      ['alice', '/join #a'],
      ['alice', '/leave #b'],
      ['bob', '/join #a'],
    ],
    sent: 'hi',
    alice: [chat('alice: hi')],
    bob: [chat('alice: hi')],
  },
  {
    name: 'On 1.1 users are those of the current room',
    protocolVersion: '1.1',
    before: [
      ['bob', '/join #a'],
      ['alice', '/join #a'],
    ],
    sent: '/users',
    alice: ['Users in #a:\n  bob\n  alice\n'],
  },
  {
    name: 'On 1.1 users are those in the lobby',
    protocolVersion: '1.1',
    before: [['bob', '/join #a']],
    sent: '/users',
    alice: ['Online Users (Lobby):\n  alice\n  carol\n'],
  },
  {
    name: 'On 1.1 a new room takes a longer password',
    protocolVersion: '1.1',
    sent: `/join #long ${'x'.repeat(80)}`,
    alice: ['Created and joined room #long', '*** alice joined #long ***'],
  },
];

for (const row of ROWS) {
  const versions: readonly ProtocolVersion[] = row.protocolVersion ? [row.protocolVersion] : ['1.1', '1.2'];
  for (const protocolVersion of versions) {
    test(`${row.name} (${protocolVersion})`, async (t) => {
      const server = await startServer(t, { protocolVersion, date: () => new Date(2026, 0, 2, 7, 8, 9) });
      const clients = {
        alice: await WireClient.login(server, 'alice'),
        bob: await WireClient.login(server, 'bob'),
        carol: await WireClient.login(server, 'carol'),
      };
      const everyone = Object.values(clients);
      for (const [who, text] of row.before ?? []) await clients[who].ask(text);
      await Promise.all(everyone.map((client) => client.settle()));
      for (const client of everyone) client.forget();
      await clients.alice.ask(row.sent);
      await Promise.all(everyone.map((client) => client.settle()));
      assert.deepEqual(
        everyone.map(({ received }) => received),
        [row.alice ?? [], row.bob ?? [], row.carol ?? []],
      );
    });
  }
}

test('Help names every command of the protocol version', async (t) => {
  for (const protocolVersion of ['1.1', '1.2'] as const) {
    const server = await startServer(t, { protocolVersion });
    const alice = await WireClient.login(server, 'alice');
    const [help = ''] = await alice.ask('/help');
    assert.match(help, /^\nAvailable Commands:\n/);
    const commands = ['/msg', '/users', '/rooms', '/join', '/leave', '/help', '/quit'];
    for (const command of commands) assert.ok(help.includes(`  ${command} `), `${command} in ${help}`);
    for (const word of ['/members', '[#room]']) assert.equal(help.includes(word), protocolVersion === '1.2');
  }
});

test('Bytes that are not UTF-8 are relayed as they are', async (t) => {
  const server = await startServer(t, { date: () => new Date(2026, 0, 2, 7, 8, 9) });
  const alice = await WireClient.login(server, 'alice');
  alice.forget();
  sendBytes(alice, 1, Buffer.from([0x61, 0xff, 0x62]));
  await alice.next();
  const sent = Buffer.concat([Buffer.from(chat('alice: a')), Buffer.from([0xff, 0x62])]);
  assert.deepEqual(alice.packets.at(-1)?.bytes, sent);
});

test('Rooms and passwords that differ only in bytes that are not UTF-8 are different', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  assert.equal(await joinByBytes(alice, 0xfe, 0xf0), 'Created');
  assert.equal(await joinByBytes(alice, 0xff, 0xf0), 'Created');
  assert.equal(await joinByBytes(bob, 0xfe, 0xf1), 'Incorrect');
  assert.equal(await joinByBytes(bob, 0xfe, 0xf0), 'Joined');
});

test('A text in a packet of unknown type counts as text, for the name too, and an undecipherable one is ignored', async (t) => {
  const server = await startServer(t);
  const alice = await WireClient.open(server);
  sendBytes(alice, 77, Buffer.from('alice'));
  await alice.until('*** alice joined the chat ***');
  // With the header of a packet of type 4, and data in which no other packet seems to begin.
  alice.socket.write(Buffer.concat([Buffer.from([4, 0, 40]), Buffer.alloc(60, 0x5a)]));
  sendBytes(alice, 0, Buffer.from(`/msg alice ${'x'.repeat(1200)}`));
  await alice.until(`[DM to alice]: ${'x'.repeat(1200)}`);
});

/** Joins a room whose name and password are one byte each; gives how the reply begins. */
async function joinByBytes(client: WireClient, room: number, password: number): Promise<string | undefined> {
  client.forget();
  sendBytes(client, 1, Buffer.concat([Buffer.from('/join #'), Buffer.from([room, 0x20, password])]));
  await client.settle();
  return client.received.map((text) => /^(?:Created|Joined|Incorrect)/.exec(text)?.[0]).find(Boolean);
}

/** As one packet of a type of the caller's choice. */
function sendBytes(client: WireClient, type: number, plaintext: Buffer): void {
  const key = client.sessionKey();
  client.socket.write(buildPacket({ key, type, plaintext, padding: Buffer.alloc(1) }));
}
