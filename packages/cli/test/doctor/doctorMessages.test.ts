import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import test, { suite } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity, type PeerConnection } from '@quietroom/testing';
import { STEPS } from '#src/doctor/steps.js';
import { assertProblem, examined, peerOf, stepsThat, type CheckResults } from './examining.js';

/** What a server answers to a text; undefined for nothing, which makes the doctor wait. */
type Answers = (text: string, connection: PeerConnection) => readonly string[] | undefined;

/** Examines a server that lets the doctor in, and then answers like this. */
async function answeredBy(answers: Answers): Promise<CheckResults> {
  const events = new EventEmitter();
  const stalled = once(events, 'stalled');
  await using peer = await peerOf(async (connection) => {
    await connection.exchangeKeys();
    await connection.welcome();
    for (;;) {
      const given = answers(await connection.hear(), connection);
      for (const answer of given ?? []) await connection.say(answer);
      if (given === undefined) events.emit('stalled');
    }
  });
  return await examined(peer.port, { stalled });
}

/** As a 1.2 server does; for one user. */
function honest(text: string): readonly string[] {
  const message = /^\/msg doctor (.*)$/s.exec(text)?.[1];
  if (message !== undefined) return [`[DM from doctor]: ${message}`, `[DM to doctor]: ${message}`];
  return text === '/members' ? ['Usage: /members <#roomname|lobby>'] : [];
}

const isDm = (text: string): boolean => text.startsWith('/msg ');

suite('the doctor, once it is logged in', () => {
  test('finds nothing wrong with a server that does as it should', async () => {
    const checkResults = await answeredBy(honest);
    assert.deepEqual(stepsThat(checkResults, 'ok'), [...STEPS], JSON.stringify(checkResults));
  });

  test('says that a direct message is not confirmed, and does not try longer ones', async () => {
    const checkResults = await answeredBy((text) => (isDm(text) ? undefined : honest(text)));
    assertProblem(checkResults.echo, 1, /did not confirm a direct message/, /loses messages, is very slow/);
    assert.equal(checkResults.sizes.status, 'skipped');
  });

  test('says that a message is confirmed and does not come back', async () => {
    const checkResults = await answeredBy((text, connection) => {
      if (!isDm(text)) return honest(text);
      void connection.say(honest(text)[1] ?? '');
      return undefined;
    });
    assertProblem(
      checkResults.echo,
      1,
      /has taken a direct message to ourselves, and it did not/,
      /loses messages/,
    );
  });

  test('says that a message comes back changed', async () => {
    const { echo } = await answeredBy((text) => {
      const [received = '', ...others] = honest(text);
      return [received.replace('漢', '?'), ...others];
    });
    assertProblem(echo, 1, /came back changed/, /changes texts/);
  });

  test('says that the server denies that we are there', async () => {
    const { echo } = await answeredBy((text) =>
      isDm(text) ? ["User 'doctor' is not online."] : honest(text),
    );
    assertProblem(echo, 1, /says that we are not online/, /has dropped the name/);
  });

  test('says that a question stays without an answer', async () => {
    const { roundTrip } = await answeredBy((text) => (text === '/members' ? undefined : honest(text)));
    assertProblem(roundTrip, 1, /does not answer a question/, /very slow/);
  });

  test('says that the connection ended, and skips the rest', async () => {
    const checkResults = await answeredBy((text, connection) => {
      if (isDm(text)) connection.end();
      return [];
    });
    assertProblem(checkResults.echo, 6, /the connection ended/, /The server was stopped/);
    assert.deepEqual(stepsThat(checkResults, 'skipped'), ['roundTrip', 'protocolVersion', 'sizes']);
  });

  test('says up to which size messages come back, where the server limits them', async () => {
    const events = new EventEmitter();
    const stalled = once(events, 'refused');
    const server = await QuietRoomServer.start({
      port: 0,
      identity: firstIdentity,
      maxMessageBytes: 2500,
      log: ({ event }) => events.emit(event),
    });
    const { sizes } = await examined(server.port, { stalled });
    await server.close();
    assertProblem(sizes, 1, /a message of 3000 bytes did not come back; one of 2000 did/, /limits messages/);
    assert.ok(sizes.status === 'problem');
    assert.deepEqual(sizes.facts, { largestBytes: 2000 });
  });

  test('says that of a long text a part is missing', async () => {
    let messages = 0;
    const { sizes } = await answeredBy((text, connection) => {
      // The echo, one of each size, and the parts, of which this is the last.
      if (!isDm(text) || ++messages < 9) return honest(text);
      void connection.say(honest(text)[1] ?? '');
      return undefined;
    });
    assertProblem(sizes, 1, /of a text of 16200 bytes in 4 messages, 3 came back/, /come quickly one after/);
  });

  test('says that a name with blanks cannot be sent direct messages', async () => {
    const server = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
    const { login, echo } = await examined(server.port, { username: 'the doctor' });
    await server.close();
    assert.equal(login.status, 'ok');
    assertProblem(echo, 1, /a name with blanks can log in/, /a blank as the end of the name/);
  });

  test('takes a server that knows neither answer for one of another kind', async () => {
    const { protocolVersion } = await answeredBy((text, connection) => {
      if (text !== '/members') return honest(text);
      void connection.say('What?');
      return undefined;
    });
    assertProblem(protocolVersion, 1, /does not answer \/members as servers do/, /neither a 1\.1 nor a 1\.2/);
  });
});
