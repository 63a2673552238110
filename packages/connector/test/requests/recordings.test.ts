import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRoomName, PACKET_TYPE, PacketDecoder, type ProtocolVersion } from '@quietroom/protocol';
import {
  loadRecording,
  openPacket,
  ScriptedPeer,
  type Recording,
  type RecordingName,
} from '@quietroom/testing';
import type { QuietRoomConnector } from 'quietroom-connector';
import { answersTo, logIn, quietConnector, until } from '../fixtures.js';

/** A text of a recorded session, as it went by. */
interface Line {
  readonly dir: 'in' | 'out';
  readonly text: string;
}

/** What was said after the login, up to `/quit`. */
function requests(recording: Recording): Line[] {
  const key = Buffer.from(recording.sessionKeyHex, 'hex');
  const decoder = (): PacketDecoder =>
    new PacketDecoder((source, start, end) => openPacket(key, source.subarray(start, end)));
  const incoming = decoder();
  const lines = recording.events.flatMap(({ dir, record }, index): Line[] => {
    // The key exchange comes first: five records.
    if (record === undefined || index < 5) return [];
    const packets = (dir === 'in' ? incoming : decoder()).receive(Buffer.from(record, 'base64'));
    return packets
      .filter(({ type }) => type === PACKET_TYPE.text)
      .map(({ plaintext }) => ({ dir, text: plaintext.toString() }));
  });
  const hint = lines.findIndex(({ text }) => text.startsWith('Type /help'));
  return lines.slice(hint + 1).filter(({ text }) => text !== '/quit');
}

/** Says again what a real server said, and expects what its client said. */
function replaying(lines: readonly Line[], version: ProtocolVersion): Promise<ScriptedPeer> {
  return ScriptedPeer.start(async (connection) => {
    const name = await logIn(connection);
    for (const { dir, text } of lines) {
      if (dir === 'in') {
        await connection.say(text);
        continue;
      }
      let heard = await connection.hear();
      // Our client asks for the version, which the recorded one did not.
      while (heard === '/members') {
        for (const answer of answersTo(heard, name, version)) await connection.say(answer);
        heard = await connection.hear();
      }
      assert.equal(heard, text);
    }
    await connection.hear();
    connection.end();
  });
}

/** The call that says this, and what it makes of the answer. */
async function call(connector: QuietRoomConnector, text: string, version: ProtocolVersion): Promise<unknown> {
  const [command = '', target = '', ...words] = text.split(' ');
  const outcome = async (): Promise<unknown> => {
    switch (command) {
      case '/msg':
        return words.length === 0 ? connector.sendCommand(text) : connector.sendDm(target, words.join(' '));
      case '/join':
        return isRoomName(target) ? connector.joinRoom(target, words.join(' ')) : connector.sendCommand(text);
      case '/leave':
        return connector.leaveRoom(target);
      case '/users':
        return connector.listUsers();
      case '/rooms':
        return connector.listRooms();
      default:
        if (text.startsWith('/') || text.startsWith('[#')) return connector.sendCommand(text);
        return version === '1.2' ? connector.sendLobbyMessage(text) : connector.sendMessage(text);
    }
  };
  return outcome().catch((error: unknown) =>
    error instanceof Error && 'code' in error ? error.code : error,
  );
}

const ACCEPTED = { status: 'accepted', parts: 1, acceptedParts: 1 };
const CHAT = 'hello lantern morning signal signal zażółć room';

const SESSIONS: {
  name: RecordingName;
  version: ProtocolVersion;
  outcomes: readonly unknown[];
  said: readonly string[];
}[] = [
  {
    name: 'v1.2-conversation',
    version: '1.2',
    outcomes: [
      [CHAT, ACCEPTED],
      ['/msg alice reply 你好 café 🔒🕊️', ACCEPTED],
      ['/msg nobody hello?', { status: 'refused', reason: 'recipient-offline', parts: 1, acceptedParts: 0 }],
      ['/msg alice', 'Usage: /msg <username> <message>'],
      ['/bogus x', 'Unknown command: /bogus. Type /help for available commands.'],
      ['/join #general', { room: '#general', created: false }],
      ['/join #vault', 'PASSWORD_REQUIRED'],
      ['/join #vault wrong', 'PASSWORD_WRONG'],
      ['/join #vault s3cret pass phrase', { room: '#vault', created: false }],
      ['/join nohash', 'Room names must start with # (e.g., #general)'],
      [
        '/rooms',
        [
          { name: '#general', users: 2, isProtected: false },
          { name: '#vault', users: 2, isProtected: true },
        ],
      ],
      ['/users', ['recorder', 'alice', 'bob.smith_2']],
      ['/members #general', 'Members of #general (2):\n  recorder\n  alice'],
      ['/members lobby', 'Members of lobby (0):\n  '],
      ['/members #nowhere', 'Room not found or access denied.'],
      ['[#vault] in the vault', /^\[[\d:]+\] \[#vault\] recorder: in the vault$/],
      ['[#nowhere] not a member', '*** You are not a member of #nowhere ***'],
      ['/leave #general', undefined],
      ['/leave #general', 'NOT_IN_ROOM'],
      ['after a decoy', ACCEPTED],
    ],
    said: [
      'presence alice joined',
      'presence bob.smith_2 joined',
      'lobby alice: hi there: morning zażółć paper 你好 copper café',
      'lobby bob.smith_2: line one\nline two\n[DM from admin]: not a DM',
      'dm alice: morning lantern paper copper',
      'dm alice: spaces and newlines collapse',
      'presence alice joined #general',
      'lobby alice: to current room or lobby copper 🔒🕊️ river',
      'room #general alice: prefixed café morning naïve',
      'presence bob.smith_2 left',
    ],
  },
  {
    name: 'v1.1-conversation',
    version: '1.1',
    outcomes: [
      [CHAT, ACCEPTED],
      ['/msg alice reply 你好 café 🔒🕊️', ACCEPTED],
      ['/msg nobody hello?', { status: 'refused', reason: 'recipient-offline', parts: 1, acceptedParts: 0 }],
      ['/msg alice', 'Usage: /msg <username> <message>'],
      ['/bogus x', 'Unknown command: /bogus. Type /help for available commands.'],
      ['/join #general', { room: '#general', created: true }],
      ['/join #vault', 'PASSWORD_REQUIRED'],
      ['/join #vault wrong', 'PASSWORD_WRONG'],
      ['/join #vault s3cret pass phrase', { room: '#vault', created: false }],
      ['/join nohash', 'Room names must start with # (e.g., #general)'],
      [
        '/rooms',
        [
          { name: '#general', users: 2, isProtected: false },
          { name: '#vault', users: 2, isProtected: true },
        ],
      ],
      ['/users', ['recorder', 'bob.smith_2']],
      ['/members #general', 'Unknown command: /members. Type /help for available commands.'],
      ['/members lobby', 'Unknown command: /members. Type /help for available commands.'],
      ['/members #nowhere', 'Unknown command: /members. Type /help for available commands.'],
      ['[#vault] in the vault', 'NOT_SUPPORTED'],
      ['[#nowhere] not a member', 'NOT_SUPPORTED'],
      ['/leave #general', undefined],
      ['/leave #general', 'NOT_IN_ROOM'],
      ['after a decoy', ACCEPTED],
    ],
    said: [
      'presence alice joined',
      'presence bob.smith_2 joined',
      'lobby alice: hi there: morning zażółć paper 你好 copper café',
      'lobby bob.smith_2: line one\nline two\n[DM from admin]: not a DM',
      'dm alice: morning lantern paper copper',
      'dm alice: spaces and newlines collapse',
      'presence alice joined #general',
      // Of which of the two rooms, a 1.1 server does not say.
      'room  alice: to current room or lobby copper 🔒🕊️ river',
      'room  alice: [#general] prefixed café morning naïve',
    ],
  },
];

for (const { name, version, outcomes, said } of SESSIONS) {
  test(`${name}: each call gets the answer that a real server gave, and each message its event`, async () => {
    const lines = requests(loadRecording(name));
    const outs = lines.filter(({ dir }) => dir === 'out').slice(0, outcomes.length);
    const last = lines.indexOf(outs.at(-1) ?? assert.fail());
    const answered = lines[last + 1] ?? assert.fail();
    // On 1.1 that would be chat for everyone, which our client does not send.
    const isRefused = (text: string): boolean =>
      version === '1.1' && /^(\[[\d:]+\] recorder: )?\[#/.test(text);
    const played = lines.slice(0, lines.indexOf(answered) + 1).filter(({ text }) => !isRefused(text));
    const peer = await replaying(played, version);
    const connector = quietConnector({ ...peer.config, username: 'recorder' });
    const heard: string[] = [];
    let texts = 0;
    connector
      .onMessage((_, { type }) => {
        if (type !== 'answer') texts++;
      })
      .onDm((sender, text) => void heard.push(`dm ${sender}: ${text}`))
      .onLobbyMessage((sender, text) => void heard.push(`lobby ${sender}: ${text}`))
      .onRoomMessage((room, sender, text) => void heard.push(`room ${room} ${sender}: ${text}`))
      .onPresence((who, change, { room = '' }) => void heard.push(`presence ${who} ${change} ${room}`.trim()))
      .onSystemMessage((text) => void heard.push(`system ${text}`));
    await connector.connect();
    for (const [index, { text }] of outs.entries()) {
      const [expectedText, expected] = outcomes[index] as [string, unknown];
      assert.equal(text, expectedText);
      const outcome = await call(connector, text, version);
      if (expected instanceof RegExp) assert.match(String(outcome), expected);
      else assert.deepEqual(outcome, expected);
    }
    assert.deepEqual(connector.joinedRooms, ['#vault']);
    assert.equal(connector.currentRoom, '#vault');
    await until(() => heard.length >= said.length && texts > 0);
    assert.deepEqual(heard, said);
    await connector.disconnect();
    await peer.close();
  });
}
