import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { QuietRoomServer } from '@quietroom/server';
import fc from 'fast-check';
import {
  QuietRoomConnector,
  type ConnectorConfig,
  type FileOffer,
  type ReceivedFile,
} from 'quietroom-connector';
import { firstIdentity, seededBytes } from '@quietroom/testing';
import { called, nextState } from '../fixtures.js';
import { sha256 } from './transferring.js';

/** Waits for the next file offered to a connector, and takes it into memory. */
function nextFile(connector: QuietRoomConnector): Promise<ReceivedFile> {
  const once = new AbortController();
  return new Promise((resolve, reject) => {
    connector.onFileOffer(
      (offer) => {
        once.abort();
        offer.accept({ memory: true }).then(resolve, reject);
      },
      { signal: once.signal },
    );
  });
}

/** The offers that a connector is told of, one by one. */
class Offers {
  readonly #offers: FileOffer[] = [];
  #wake: (() => void) | undefined;

  constructor(connector: QuietRoomConnector) {
    connector.onFileOffer((offer) => {
      this.#offers.push(offer);
      this.#wake?.();
    });
  }

  async next(): Promise<FileOffer> {
    for (;;) {
      const offer = this.#offers.shift();
      if (offer) return offer;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

for (const protocolVersion of ['1.1', '1.2'] as const) {
  for (const padding of ['uniform', 'random'] as const) {
    suite(`Files through our ${protocolVersion} server, padding ${padding}`, () => {
      let server: QuietRoomServer;
      let alice: QuietRoomConnector;
      let bob: QuietRoomConnector;

      async function logIn(username: string, config: ConnectorConfig = {}): Promise<QuietRoomConnector> {
        const connector = new QuietRoomConnector({
          serverHost: '127.0.0.1',
          serverPort: server.port,
          cert: server.certPem,
          username,
          padding,
          ...config,
        });
        await connector.connect();
        return connector;
      }

      before(async () => {
        server = await QuietRoomServer.start({
          port: 0,
          identity: firstIdentity,
          protocolVersion,
          offersPerMinute: 100_000,
        });
        alice = await logIn('alice');
        bob = await logIn('bob');
      });
      after(async () => {
        await alice.disconnect();
        await bob.disconnect();
        await server.close();
      });

      test('Contents of any length and look arrive intact', async () => {
        const content = fc
          .array(
            fc.oneof(
              fc.constantFrom('FILE_END', 'FILE_START|', 'FILE_START|a|5', ' ', '\n', 'x'.repeat(4063)),
              fc.string({ maxLength: 9 }),
            ),
            { minLength: 1, maxLength: 8 },
          )
          .map((parts) => Buffer.from(parts.join('')))
          .filter(({ length }) => length > 0);
        await fc.assert(
          fc.asyncProperty(content, async (bytes) => {
            const coming = nextFile(bob);
            const [sent, received] = await Promise.all([alice.sendFile('bob', bytes), coming]);
            assert.ok(received.data?.equals(bytes));
            assert.equal(received.sha256, sha256(bytes));
            assert.equal(sent.sha256, received.sha256);
          }),
          { numRuns: 12 },
        );
      });

      test('A marker at each place around the end of a chunk arrives intact', async () => {
        for (const marker of ['FILE_END', '\nFILE_END ', 'FILE_START|x|1']) {
          for (let at = 4064 - marker.length - 1; at <= 4065; at += 3) {
            const bytes = Buffer.concat([Buffer.alloc(at, '.'), Buffer.from(marker)]);
            const coming = nextFile(bob);
            await alice.sendFile('bob', bytes);
            assert.ok((await coming).data?.equals(bytes), `${JSON.stringify(marker)} at ${at}`);
          }
        }
      });

      test('Several senders and several files at once do not mix', async () => {
        const carol = await logIn('carol');
        const received: Promise<ReceivedFile>[] = [];
        const once = new AbortController();
        bob.onFileOffer((offer) => void received.push(offer.accept({ memory: true })), {
          signal: once.signal,
        });
        const files = [1, 2, 3].flatMap((number) => [
          { sender: alice, bytes: seededBytes(number, 50_000 * number) },
          { sender: carol, bytes: seededBytes(number + 10, 60_000) },
        ]);
        await Promise.all(files.map(({ sender, bytes }) => sender.sendFile('bob', bytes)));
        once.abort();
        assert.deepEqual(
          (await Promise.all(received)).map(({ data }) => sha256(data ?? '')).sort(),
          files.map(({ bytes }) => sha256(bytes)).sort(),
        );
        await carol.disconnect();
      });

      test('Two send to each other at the same time', async () => {
        const [toAlice, toBob] = [seededBytes(1, 300_000), seededBytes(2, 300_000)];
        const coming = Promise.all([nextFile(alice), nextFile(bob)]);
        await Promise.all([alice.sendFile('bob', toBob), bob.sendFile('alice', toAlice)]);
        const [atAlice, atBob] = await coming;
        assert.ok(atAlice.data?.equals(toAlice));
        assert.ok(atBob.data?.equals(toBob));
      });

      test('From disk to disk, with any name, and chat goes on meanwhile', async () => {
        const from = await mkdtemp(join(tmpdir(), 'quietroom-'));
        const to = await mkdtemp(join(tmpdir(), 'quietroom-'));
        const path = join(from, 'my report | 2026.pdf');
        const bytes = randomBytes(3_000_000);
        await writeFile(path, bytes);
        const offered = new Promise<FileOffer>((resolve) => bob.onFileOffer(resolve));
        const sending = alice.sendFile('bob', path);
        const receiving = (await offered).accept(to);
        const heard: string[] = [];
        bob.onDm((_, text) => void heard.push(text));
        for (let index = 0; index < 50; index++) {
          assert.equal((await alice.sendDm('bob', `message ${index}`)).status, 'accepted');
        }
        const [sent, received] = await Promise.all([sending, receiving]);
        assert.equal(sent.originalName, 'my report | 2026.pdf');
        assert.deepEqual(await readdir(to), [received.name]);
        assert.ok((await readFile(received.path ?? '')).equals(bytes));
        assert.equal(heard.length, 50);
        await Promise.all([from, to].map((folder) => rm(folder, { recursive: true })));
      });

      test('A sender with a space in its name can send; offers are declined, and refused to absent users', async () => {
        const alx = await logIn('Al x');
        const bytes = seededBytes(3, 1000);
        const carol = await logIn('carol');
        const coming = nextFile(carol);
        await alx.sendFile('carol', bytes);
        assert.ok((await coming).data?.equals(bytes));
        carol.onFileOffer((offer) => offer.decline());
        await assert.rejects(alx.sendFile('carol', bytes), { code: 'FILE_DECLINED' });
        await assert.rejects(alx.sendFile('nobody', bytes), { code: 'FILE_OFFLINE' });
        await carol.disconnect();
        await alx.disconnect();
      });

      test('A file above the limit of the server ends with FILE_TOO_LARGE', async () => {
        server.reload({ maxFileBytes: 1000 });
        const offers = new Offers(bob);
        const sending = alice.sendFile('bob', Buffer.alloc(1001));
        sending.catch(() => {});
        const receiving = (await offers.next()).accept({ memory: true });
        await assert.rejects(sending, { code: 'FILE_TOO_LARGE' });
        await assert.rejects(receiving, { code: 'FILE_CANCELLED' });
        server.reload({ maxFileBytes: 2 ** 32 });
      });

      test('A withdrawal, an abort and a disconnect leave nothing behind, and the next file is received', async () => {
        const bytes = seededBytes(4, 5_000_000);
        const carol = await logIn('carol');
        const offers = new Offers(carol);
        const withdrawing = new AbortController();
        const withdrawn = alice.sendFile('carol', bytes, { signal: withdrawing.signal });
        withdrawn.catch(() => {});
        const gone = await offers.next();
        withdrawing.abort(new Error('changed my mind'));
        await assert.rejects(withdrawn, { message: 'changed my mind' });
        if (!gone.withdrawn.aborted) {
          await new Promise((resolve) => {
            gone.withdrawn.addEventListener('abort', resolve);
          });
        }
        assert.equal(gone.withdrawn.reason.code, 'FILE_CANCELLED');

        const stopped = alice.sendFile('carol', bytes);
        stopped.catch(() => {});
        const givingUp = new AbortController();
        const received = (await offers.next()).accept(
          { memory: true },
          {
            signal: givingUp.signal,
            onProgress: ({ stage }) => stage === 'transferring' && givingUp.abort(new Error('full')),
          },
        );
        await assert.rejects(received, { message: 'full' });
        await assert.rejects(stopped, { code: 'FILE_CANCELLED' });

        const last = alice.sendFile('carol', bytes);
        const whole = await (await offers.next()).accept({ memory: true });
        assert.ok(whole.data?.equals(bytes));
        await last;

        const interrupted = alice.sendFile('carol', Buffer.alloc(40_000_000));
        interrupted.catch(() => {});
        const begun = called<void>();
        const lost = (await offers.next()).accept(
          { memory: true },
          { onProgress: ({ stage }) => stage === 'transferring' && begun.call() },
        );
        lost.catch(() => {});
        await begun.promise;
        const left = carol.disconnect();
        await assert.rejects(lost, { code: 'DISCONNECTED' });
        await assert.rejects(interrupted, { code: 'FILE_CANCELLED' });
        await left;
        const { files } = server.stats();
        assert.deepEqual([files.open, files.running], [0, 0]);
      });
    });
  }
}

test('A transfer that a restart of the server interrupts ends on both sides, and the next one goes through', async () => {
  const options = { identity: firstIdentity, offersPerMinute: 1000 };
  const server = await QuietRoomServer.start({ port: 0, ...options });
  const { port } = server;
  const logIn = async (username: string): Promise<QuietRoomConnector> => {
    const connector = new QuietRoomConnector({
      serverHost: '127.0.0.1',
      serverPort: port,
      cert: firstIdentity.certPem,
      username,
      reconnect: { initialDelay: 0.05, maxDelay: 0.05 },
    });
    await connector.connect();
    return connector;
  };
  const alice = await logIn('alice');
  const bob = await logIn('bob');
  const offers = new Offers(bob);
  const sending = alice.sendFile('bob', Buffer.alloc(40_000_000));
  sending.catch(() => {});
  const begun = called<void>();
  const receiving = (await offers.next()).accept(
    { memory: true },
    { onProgress: ({ stage }) => stage === 'transferring' && begun.call() },
  );
  receiving.catch(() => {});
  await begun.promise;
  const back = [alice, bob].map(async (connector) => {
    await nextState(connector, 'reconnecting');
    await nextState(connector, 'connected');
  });
  await server.close();
  await assert.rejects(sending, { name: 'FileTransferError' });
  await assert.rejects(receiving, { name: 'FileTransferError' });
  const again = await QuietRoomServer.start({ port, ...options });
  await Promise.all(back);
  const bytes = seededBytes(5, 100_000);
  const sent = alice.sendFile('bob', bytes);
  const received = await (await offers.next()).accept({ memory: true });
  assert.ok(received.data?.equals(bytes));
  await sent;
  await alice.disconnect();
  await bob.disconnect();
  await again.close();
});
