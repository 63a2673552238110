import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { PacketDecoder, type Packet } from '@quietroom/protocol';
import { FakeClock, loadRecording, openPacket, recordsOf, type Recording } from '@quietroom/testing';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

for (const [name, protocolVersion] of [
  ['v1.1-files', '1.1'],
  ['v1.2-files', '1.2'],
] as const) {
  test(`Files that went over a ${protocolVersion} server go over ours in the same way`, async (t) => {
    const recording = loadRecording(name);
    const clock = new FakeClock();
    const server = await startServer(t, { protocolVersion, clock, decoyTraffic: false });
    const sent = packetsOf(recording, 'out');
    const heard = packetsOf(recording, 'in');
    const recorder = await WireClient.login(server, nextText(sent));
    const alice = await WireClient.login(server, 'alice');
    await recorder.until('*** alice joined the chat ***');

    const photo = filesOf(heard);
    const sha256 = sha256Of(photo.slice(1, -1));
    alice.send(`/file recorder photo.bin ${sha256}`);
    await recorder.count(6);
    assert.match(nextText(sent), /^\/accept alice_recorder_\d+$/);
    await recorder.ask(`/accept ${idOf(recorder)}`);
    await alice.settle();
    clock.advance(100);
    await alice.until(`BEGIN_SEND|photo.bin|${sha256}`);
    alice.sendFile('FILE_START|photo.bin|20000', ...photo.slice(1));
    await recorder.countFiles(photo.length);

    await recorder.ask(nextText(sent));
    await alice.settle();
    await alice.ask(`/accept ${idOf(alice)}`);
    clock.advance(100);
    await recorder.until(`BEGIN_SEND|notes.txt|${sha256}`);
    const notes = filesOf(sent);
    while (sent[0]?.type === 3) sent.shift();
    recorder.sendFile(...notes);
    await recorder.until('*** File transfer stream completed. ***');
    await alice.countFiles(notes.length);
    assert.deepEqual(alice.files.slice(1), notes.slice(1));
    assert.equal(String(alice.files[0]), `FILE_START|notes.txt|20000|${sha256}`);

    await recorder.ask(nextText(sent));
    await alice.settle();
    await alice.ask(`/decline ${idOf(alice)}`);
    for (let text = nextText(sent); text !== '/quit'; text = nextText(sent)) await recorder.ask(text);
    recorder.send('/quit');
    await recorder.closed;
    const wanted = heard.map(({ type, plaintext }) => comparable(type === 3, plaintext));
    const got = recorder.packets.map(({ type, bytes }) => comparable(type === 'file', bytes));
    assert.deepEqual(
      got.filter((packet) => !packet.includes('/settle-')),
      wanted,
    );
  });
}

function packetsOf(recording: Recording, dir: 'in' | 'out'): Packet[] {
  const key = Buffer.from(recording.sessionKeyHex, 'hex');
  const decoder = new PacketDecoder((source, start, end) => openPacket(key, source.subarray(start, end)));
  return recordsOf(recording, dir).flatMap((record) => decoder.receive(record));
}

function filesOf(packets: readonly Packet[]): Buffer[] {
  return packets.filter(({ type }) => type === 3).map(({ plaintext }) => plaintext);
}

function nextText(packets: Packet[]): string {
  const packet = packets.shift();
  assert.equal(packet?.type, 1);
  return String(packet?.plaintext);
}

function idOf(client: WireClient): string {
  const ids = client.received.flatMap((text) => /^Transfer ID: (\S+)$/m.exec(text)?.[1] ?? []);
  return ids.at(-1) ?? assert.fail('nothing was offered');
}

function sha256Of(chunks: readonly Buffer[]): string {
  return createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
}

/** Without the number in an id. */
function comparable(isFile: boolean, plaintext: Buffer): string {
  if (isFile) return `file ${plaintext.toString('latin1')}`;
  return `text ${String(plaintext).replaceAll(/(\w+_\w+)_\d+/g, '$1_id')}`;
}
