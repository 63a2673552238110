import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PACKET_TYPE, PacketDecoder } from '@quietroom/protocol';
import {
  loadRecording,
  openPacket,
  ScriptedPeer,
  type PeerConnection,
  type Recording,
} from '@quietroom/testing';
import { logIn, quietConnector } from '../fixtures.js';

/** A text or a packet of a file, as it went by. */
interface Step {
  readonly dir: 'in' | 'out';
  readonly isFile: boolean;
  readonly bytes: Buffer;
}

/** What was said after the login, up to what no call of ours says: a wrong hash, an ID that nobody has. */
function steps(recording: Recording): Step[] {
  const key = Buffer.from(recording.sessionKeyHex, 'hex');
  const decoder = (): PacketDecoder =>
    new PacketDecoder((source, start, end) => openPacket(key, source.subarray(start, end)));
  const incoming = decoder();
  const all = recording.events.flatMap(({ dir, record }, index): Step[] => {
    // The key exchange comes first: five records.
    if (record === undefined || index < 5) return [];
    const packets = (dir === 'in' ? incoming : decoder()).receive(Buffer.from(record, 'base64'));
    return packets.map(({ type, plaintext }) => ({
      dir,
      isFile: type === PACKET_TYPE.file,
      bytes: plaintext,
    }));
  });
  const hint = all.findIndex(({ bytes }) => bytes.toString().startsWith('Type /help'));
  const end = all.findIndex(({ bytes }) => bytes.toString().endsWith(' beef'));
  return all.slice(hint + 1, end);
}

/** Says again what the server said, and expects what its client said. */
async function replay(connection: PeerConnection, expected: readonly Step[]): Promise<void> {
  await logIn(connection);
  for (const { dir, isFile, bytes } of expected) {
    if (dir === 'in') {
      await (isFile ? connection.sayFile(bytes) : connection.sayBytes(bytes));
    } else if (isFile) {
      assert.ok((await connection.hearFile()).equals(bytes), bytes.toString('latin1').slice(0, 60));
    } else {
      let heard = await connection.hear();
      // Our client asks what the server knows, which the recorded one did not.
      while (heard === '/features') {
        await connection.say('Unknown command: /features. Type /help for available commands.');
        heard = await connection.hear();
      }
      assert.equal(heard, bytes.toString());
    }
  }
  await connection.hear();
  connection.end();
}

for (const name of ['v1.1-files', 'v1.2-files'] as const) {
  test(`${name}: a file received, one sent at the recorded pace, one declined, and refusals, call by call`, async () => {
    const expected = steps(loadRecording(name));
    assert.equal(expected.filter(({ isFile }) => isFile).length, 16);
    const peer = await ScriptedPeer.start((connection) => replay(connection, expected));
    const connector = quietConnector({ ...peer.config, username: 'recorder' });
    const received = new Promise<Buffer | undefined>((resolve, reject) => {
      connector.onFileOffer((offer) => {
        assert.deepEqual([offer.sender, offer.name], ['alice', 'photo.bin']);
        offer.accept({ memory: true }).then(({ data }) => resolve(data), reject);
      });
    });
    await connector.connect();

    const content = await received;
    assert.equal(content?.length, 20_000);
    const sent = await connector.sendFile('alice', content, { name: 'notes.txt' });
    assert.equal(sent.bytes, 20_000);
    await assert.rejects(connector.sendFile('alice', content, { name: 'declined.txt' }), {
      code: 'FILE_DECLINED',
    });
    await assert.rejects(connector.sendFile('nobody', content, { name: 'x.txt' }), { code: 'FILE_OFFLINE' });
    await assert.rejects(connector.sendFile('recorder', content, { name: 'x.txt' }), {
      code: 'FILE_REFUSED',
    });
    await connector.disconnect();
    await peer.close();
  });
}
