import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { QuietRoomServer, ServerOptions } from '@quietroom/server';
import { FakeClock } from '@quietroom/testing';
import { begin, offer, SHA256 } from './fileTransfer.js';
import { startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

const MINUTE = 60_000;
const FILE_USAGE = 'Usage: /file <username> <path/filename>';

interface Stage {
  readonly clock: FakeClock;
  readonly server: QuietRoomServer;
  readonly alice: WireClient;
  readonly bob: WireClient;
  readonly carol: WireClient;
  /** What each has got since the last call. */
  readonly heard: () => Promise<Record<'alice' | 'bob' | 'carol', string[]>>;
}

/** What has come since it was last forgotten. */
async function taken(client: WireClient): Promise<string[]> {
  await client.settle();
  const texts = [...client.received];
  client.forget();
  return texts;
}

async function setStage(t: TestContext, options: ServerOptions = {}): Promise<Stage> {
  const clock = new FakeClock();
  const server = await startServer(t, { clock, decoyTraffic: false, idleTimeout: 1_000_000, ...options });
  const alice = await WireClient.login(server, 'alice');
  const bob = await WireClient.login(server, 'bob');
  const carol = await WireClient.login(server, 'carol');
  const heard: Stage['heard'] = async () => ({
    alice: server.users.includes('alice') ? await taken(alice) : [],
    bob: server.users.includes('bob') ? await taken(bob) : [],
    carol: await taken(carol),
  });
  await heard();
  return { clock, server, alice, bob, carol, heard };
}

test('An offer is told to both, accepted, and begun a tenth of a second later', async (t) => {
  const { clock, alice, bob, heard } = await setStage(t, { date: () => new Date(1_700_000_000_000) });
  const id = await offer(alice, 'bob', '/home/alice/notes.txt');
  assert.equal(id, 'alice_bob_1700000000000000000');
  assert.deepEqual(await heard(), {
    alice: [
      `*** File transfer request sent to bob ***\nTransfer ID: ${id}\nWaiting for recipient to accept...`,
    ],
    bob: [
      `*** FILE TRANSFER REQUEST ***\nSender: alice\nFile: notes.txt\nSHA-256: ${SHA256}\nTransfer ID: ${id}\n\nTo accept, type: /accept ${id}\nTo decline, type: /decline ${id}`,
    ],
    carol: [],
  });
  bob.send(`/accept ${id}`);
  await bob.settle();
  assert.deepEqual(await heard(), {
    alice: [`*** bob accepted your file transfer (ID: ${id}). ***`],
    bob: ['*** File transfer accepted. Waiting for file stream... ***'],
    carol: [],
  });
  clock.advance(99);
  assert.deepEqual((await heard()).alice, []);
  clock.advance(1);
  assert.deepEqual(await heard(), { alice: [`BEGIN_SEND|notes.txt|${SHA256}`], bob: [], carol: [] });
});

test('Offers of one moment have ids of their own', async (t) => {
  const { alice } = await setStage(t, { date: () => new Date(0) });
  assert.deepEqual([await offer(alice, 'bob'), await offer(alice, 'bob')], ['alice_bob_0', 'alice_bob_1']);
});

test('An offer of somebody with blanks in the name can be accepted', async (t) => {
  const { server, clock, bob } = await setStage(t);
  const sender = await WireClient.login(server, 'Al x y');
  const id = await begin(clock, sender, [bob, 'bob']);
  assert.match(id, /^Al_x_y_bob_\d+$/);
  assert.equal(sender.received.at(-1), `BEGIN_SEND|a.bin|${SHA256}`);
});

test('A name is told without folders and bars, in all texts and packets', async (t) => {
  const { clock, alice, bob } = await setStage(t);
  await begin(clock, alice, [bob, 'bob'], '../a\\b|c\x1b.txt');
  assert.match(bob.received.join('\n'), /^File: b_c_\.txt$/m);
  assert.equal(alice.received.at(-1), `BEGIN_SEND|b_c_.txt|${SHA256}`);
  alice.sendFile('FILE_START|/etc/passwd|5', 'hello');
  await bob.countFiles(2);
  assert.deepEqual(bob.files.map(String), [`FILE_START|b_c_.txt|5|${SHA256}`, 'hello']);
});

for (const [sent, answer] of [
  [`/file dave a.bin ${SHA256}`, "User 'dave' is not online."],
  [`/file alice a.bin ${SHA256}`, 'You cannot send files to yourself.'],
  ['/file bob a.bin beef', 'Invalid hash format. SHA-256 hash must be 64 hex characters.'],
  [`/file bob a.bin ${'xy'.repeat(32)}`, 'Invalid hash format. Must be valid hexadecimal.'],
  ['/file bob a.bin', FILE_USAGE],
  ['/accept', 'Usage: /accept <transfer_id>'],
  ['/decline', 'Usage: /decline <transfer_id>'],
  ['/accept nope', 'Transfer ID not found or expired.'],
  ['/decline nope', 'Transfer ID not found or expired.'],
] as const) {
  test(`${sent} is answered by ${answer}`, async (t) => {
    const { alice, heard } = await setStage(t);
    assert.deepEqual(await alice.ask(sent), [answer]);
    assert.deepEqual(await heard(), { alice: [answer], bob: [], carol: [] });
  });
}

test('An offer can be declined, and is gone then', async (t) => {
  const { alice, bob, heard } = await setStage(t);
  const id = await offer(alice, 'bob');
  await heard();
  await bob.ask(`/decline ${id}`);
  await bob.ask(`/accept ${id}`);
  assert.deepEqual(await heard(), {
    alice: [`*** bob declined the file transfer (ID: ${id}). ***`],
    bob: ['*** File transfer declined. ***', 'Transfer ID not found or expired.'],
    carol: [],
  });
});

test('Nobody else can accept or end an offer', async (t) => {
  const { clock, alice, bob, carol, heard } = await setStage(t);
  const id = await offer(alice, 'bob');
  await heard();
  for (const command of ['/accept', '/decline'])
    assert.deepEqual(await carol.ask(`${command} ${id}`), ['This transfer is not for you.']);
  assert.deepEqual(await alice.ask(`/accept ${id}`), ['This transfer is not for you.']);
  assert.deepEqual((await heard()).bob, []);
  await bob.ask(`/accept ${id}`);
  await carol.ask(`/decline ${id}`);
  clock.advance(100);
  assert.equal((await heard()).alice.at(-1), `BEGIN_SEND|a.bin|${SHA256}`);
});

for (const stage of ['offered', 'accepted', 'begun', 'running'] as const) {
  const startedBy = async (t: TestContext) => {
    const made = await setStage(t);
    const { clock, alice, bob, heard } = made;
    const id = await offer(alice, 'bob');
    if (stage !== 'offered') await bob.ask(`/accept ${id}`);
    if (stage === 'begun' || stage === 'running') clock.advance(100);
    if (stage === 'running') {
      alice.sendFile('FILE_START|a.bin|5', 'he');
      await bob.countFiles(2);
    }
    await heard();
    return { ...made, id };
  };
  const after = async ({ clock, alice, bob, server }: Stage): Promise<void> => {
    clock.advance(20 * MINUTE);
    alice.sendFile('llo', 'FILE_END');
    await alice.settle();
    await bob.settle();
    assert.deepEqual([bob.files, bob.received, alice.received], [[], [], []]);
    assert.deepEqual([server.stats().files.open, server.stats().files.running], [0, 0]);
    assert.ok(clock.pending < 5, 'no timer is left');
  };

  test(`The sender can withdraw a file that is ${stage}, and the recipient is told`, async (t) => {
    const made = await startedBy(t);
    assert.deepEqual(await made.alice.ask(`/decline ${made.id}`), ['This transfer is not for you.']);
    assert.deepEqual(await made.heard(), {
      alice: ['This transfer is not for you.'],
      bob: [`*** File transfer cancelled: withdrawn by the sender (ID: ${made.id}) ***`],
      carol: [],
    });
    await after(made);
  });

  test(`The recipient can end a file that is ${stage}, and the sender is told`, async (t) => {
    const made = await startedBy(t);
    const told = `*** bob declined the file transfer (ID: ${made.id}). ***`;
    await made.bob.ask(`/decline ${made.id}`);
    assert.deepEqual(await made.heard(), {
      alice: [
        stage === 'offered'
          ? told
          : `*** File transfer cancelled: stopped by the recipient (ID: ${made.id}) ***`,
      ],
      bob: ['*** File transfer declined. ***'],
      carol: [],
    });
    await after(made);
  });

  for (const [who, other, role] of [
    ['alice', 'bob', 'sender'],
    ['bob', 'alice', 'recipient'],
  ] as const) {
    test(`Of a file that is ${stage} the other is told when the ${role} quits or drops`, async (t) => {
      for (const how of ['quits', 'drops']) {
        const made = await startedBy(t);
        if (how === 'quits') made[who].send('/quit');
        else made[who].tcp.resetAndDestroy();
        await made.carol.until(`*** ${who} left the chat ***`);
        assert.equal((await made.heard())[other][0], `*** File transfer cancelled: ${role} disconnected ***`);
        assert.equal(made.server.stats().files.open, 0);
        assert.equal((await made[other].ask(`/accept ${made.id}`))[0], 'Transfer ID not found or expired.');
      }
    });
  }

  test(`Nothing of a file that is ${stage} keeps the server from closing`, async (t) => {
    const { clock, server, alice, bob } = await startedBy(t);
    await server.close();
    assert.equal(clock.pending, 0);
    assert.deepEqual(
      [alice.received, bob.received],
      [['*** Server is shutting down. Goodbye! ***'], ['*** Server is shutting down. Goodbye! ***']],
    );
  });

  if (stage === 'offered') continue;
  test(`A second acceptance of a file that is ${stage} is answered as the first, and it begins once`, async (t) => {
    const { clock, bob, id, heard } = await startedBy(t);
    assert.deepEqual(await bob.ask(`/accept ${id}`), [
      '*** File transfer accepted. Waiting for file stream... ***',
    ]);
    clock.advance(1000);
    const begun = (await heard()).alice.filter((text) => text.startsWith('BEGIN_SEND'));
    assert.equal(begun.length, stage === 'accepted' ? 1 : 0);
  });
}

test('An offer expires after five minutes, and the sender is told', async (t) => {
  const { clock, alice, bob, heard } = await setStage(t);
  const id = await offer(alice, 'bob');
  await heard();
  clock.advance(5 * MINUTE - 1);
  assert.deepEqual((await heard()).alice, []);
  clock.advance(1);
  assert.deepEqual(await heard(), {
    alice: ['*** File transfer expired (not accepted within 5 minutes). ***'],
    bob: [],
    carol: [],
  });
  assert.deepEqual(await bob.ask(`/accept ${id}`), ['Transfer ID not found or expired.']);
});

test('A sender who does not begin within ten minutes has had the turn, and both are told', async (t) => {
  const { clock, alice, bob, heard } = await setStage(t);
  const id = await offer(alice, 'bob');
  await bob.ask(`/accept ${id}`);
  clock.advance(10 * MINUTE - 1);
  await heard();
  clock.advance(1);
  assert.deepEqual(await heard(), {
    alice: ['*** File transfer timed out after 10 minutes ***'],
    bob: ['*** File transfer timed out ***'],
    carol: [],
  });
});

test('The features of the server are told to who asks, and to nobody else', async (t) => {
  const { alice, heard } = await setStage(t);
  await alice.ask('/features');
  assert.deepEqual(await heard(), { alice: ['Features: fast-files'], bob: [], carol: [] });
});

test('A server without files says so, and refuses offers', async (t) => {
  const { server, alice } = await setStage(t, { maxFileBytes: 0 });
  assert.deepEqual(await alice.ask('/features'), ['Features: none']);
  assert.deepEqual(await alice.ask(`/file bob a.bin ${SHA256}`), [
    '*** Files are not allowed on this server. ***',
    FILE_USAGE,
  ]);
  assert.equal(server.stats().refused.files, 1);
});
