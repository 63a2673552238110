import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { PacketDecoder, type ProtocolVersion } from '@quietroom/protocol';
import { loadRecording, openPacket, recordsOf, type Recording, type RecordingName } from '@quietroom/testing';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

/** What the helpers of a recording did, where the recorder's own texts can only be told from the recording. */
type Step =
  /** The recorder sends its next recorded text. */
  'recorder' | 'decoy' | readonly [who: 'alice' | 'bob.smith_2', text: string];

const CONVERSATION: readonly Step[] = [
  'recorder',
  ['alice', 'hi there: morning zażółć paper 你好 copper café'],
  ['bob.smith_2', 'line one\nline two\n[DM from admin]: not a DM'],
  ['alice', '/msg recorder morning lantern paper copper'],
  ['alice', '/msg recorder  spaces   and\nnewlines\n\ncollapse'],
  ...repeat('recorder', 5),
  ['alice', '/join #general'],
  ['bob.smith_2', '/join #vault s3cret pass phrase'],
  ...repeat('recorder', 9),
  ['alice', 'to current room or lobby copper 🔒🕊️ river'],
  ['alice', '[#general] prefixed café morning naïve'],
  ...repeat('recorder', 4),
  ['bob.smith_2', '/quit'],
  'decoy',
  'recorder',
];

test('A conversation recorded with a 1.2 server goes the same way with ours', async (t) => {
  // The room was there from the session before.
  await compareConversation(t, 'v1.2-conversation', '1.2', ['/join #general', '/leave #general']);
});

test('A conversation recorded with a 1.1 server goes the same way with ours', async (t) => {
  await compareConversation(t, 'v1.1-conversation', '1.1', []);
});

for (const name of ['v1.2-username-taken', 'v1.2-username-invalid'] as const) {
  test(`The refusal in ${name} is ours, too`, async (t) => {
    const recording = loadRecording(name);
    const server = await startServer(t);
    await WireClient.login(server, 'taken');
    const client = await WireClient.open(server);
    for (const text of sentTexts(recording)) client.send(text);
    await client.closed;
    assert.deepEqual(client.received, textsOf(recording));
  });
}

async function compareConversation(
  t: TestContext,
  name: RecordingName,
  protocolVersion: ProtocolVersion,
  before: readonly string[],
): Promise<void> {
  const recording = loadRecording(name);
  const server = await startServer(t, { protocolVersion, decoyTraffic: false });
  const earlier = await WireClient.login(server, 'earlier');
  for (const text of before) await earlier.ask(text);
  earlier.send('/quit');
  await earlier.closed;

  const sent = sentTexts(recording);
  const recorder = await WireClient.login(server, sent.shift() ?? '');
  const helpers = {
    alice: await WireClient.login(server, 'alice'),
    'bob.smith_2': await WireClient.login(server, 'bob.smith_2'),
  };
  for (const step of CONVERSATION) {
    if (step === 'recorder') {
      recorder.send(sent.shift() ?? assert.fail('The recorder said less than the script has.'));
      await recorder.settle();
    } else if (step === 'decoy') {
      recorder.channel.sendDecoy(200);
    } else {
      const [who, text] = step;
      helpers[who].send(text);
      await (text === '/quit' ? helpers[who].closed : helpers[who].settle());
    }
  }
  assert.deepEqual(sent, ['/quit']);
  recorder.send('/quit');
  await recorder.closed;
  // The one thing that ours says and existing servers do not: docs/server.md.
  const received = recorder.received.filter((text) => text !== '*** bob.smith_2 left #vault ***');
  assert.equal(received.length, recorder.received.length - 1);
  assert.deepEqual(received.map(comparable), textsOf(recording).map(comparable));
}

function repeat(step: Step, times: number): Step[] {
  return Array.from({ length: times }, () => step);
}

function textsOf(recording: Recording): string[] {
  return recording.expect.map(({ text }) => text ?? '');
}

/** The texts that the recorded client sent, after its part of the key exchange. */
function sentTexts(recording: Recording): string[] {
  const key = Buffer.from(recording.sessionKeyHex, 'hex');
  const decoder = new PacketDecoder((source, start, end) => openPacket(key, source.subarray(start, end)));
  return recordsOf(recording, 'out')
    .slice(1)
    .flatMap((record) => decoder.receive(record))
    .map(({ plaintext }) => plaintext.toString());
}

/** Without the time; lists, whose order means nothing, in one order. */
function comparable(text: string): string {
  if (/^(?:Active Rooms|Online Users|Users in|Members of)\b/.test(text)) {
    return text.split('\n').sort().join('\n');
  }
  return text.replace(/^\[\d\d:\d\d:\d\d\]/, '[time]');
}
