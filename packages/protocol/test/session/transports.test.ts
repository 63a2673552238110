import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, OnReadOpts } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect, createServer, type ConnectionOptions, type Server, type TLSSocket } from 'node:tls';
import {
  Channel,
  deriveSessionKey,
  FRAGMENT_BYTES,
  generateDhKeyPair,
  makeSignedOffer,
  Session,
  SocketTransport,
  type PaddingShape,
  type Transport,
} from '@quietroom/protocol';
import {
  firstIdentity,
  MemoryTransport,
  openPacket,
  readLike1x,
  recordsByNode,
  seededBytes,
} from '@quietroom/testing';

/** Both ends of one connection; `client` reads in the way that the suite is about. */
interface Ends {
  readonly client: Transport;
  readonly server: Transport;
}

interface Wiring {
  readonly name: string;
  open(fragmentBytes: number): Promise<Ends>;
  close(): Promise<void>;
}

const memory: Wiring = {
  name: 'memory',
  open(fragmentBytes) {
    const [client, server] = MemoryTransport.pair(fragmentBytes);
    return Promise.resolve({ client, server });
  },
  close: () => Promise.resolve(),
};

async function listen(): Promise<Server> {
  const server = createServer({
    cert: firstIdentity.certPem,
    key: firstIdentity.keyPem,
    minVersion: 'TLSv1.3',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Real TLS on the loopback interface; the client reads by `data` events or by `onread`. */
function tls(reading: 'data' | 'onread'): Wiring {
  let listening: Promise<Server> | undefined;
  const sockets: TLSSocket[] = [];

  function dial(port: number, fragmentBytes: number): { socket: TLSSocket; client: Transport } {
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false };
    if (reading === 'data') {
      const socket = connect(options);
      return { socket, client: new SocketTransport(socket, fragmentBytes) };
    }
    const early: Buffer[] = [];
    let deliver = (bytes: Uint8Array): void => void early.push(Buffer.from(bytes));
    const onread = {
      buffer: Buffer.alloc(65536),
      callback: (size: number, buffer: Uint8Array): boolean => {
        deliver(buffer.subarray(0, size));
        return true;
      },
    };
    // Node takes onread here too, though its types do not say so.
    const withOnread: ConnectionOptions & { onread: OnReadOpts } = { ...options, onread };
    const socket = connect(withOnread);
    const client = new SocketTransport(socket, fragmentBytes, (start) => {
      deliver = start;
      for (const bytes of early) start(bytes);
    });
    return { socket, client };
  }

  return {
    name: `TLS, read by ${reading}`,
    async open(fragmentBytes) {
      listening ??= listen();
      const server = await listening;
      const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
      const { socket, client } = dial((server.address() as AddressInfo).port, fragmentBytes);
      const [[peer]] = await Promise.all([accepted, once(socket, 'secureConnect')]);
      sockets.push(socket, peer);
      return { client, server: new SocketTransport(peer, fragmentBytes) };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      const server = await listening;
      if (!server) return;
      server.close();
      await once(server, 'close');
    },
  };
}

/** Starts a transport and keeps what it says. */
class Listener {
  readonly records: Buffer[] = [];
  closed = 0;
  error: Error | undefined;
  #wake = (): void => {};

  constructor(transport: Transport) {
    transport.start({
      record: (bytes) => {
        assert.equal(this.closed, 0, 'no record after the end');
        this.records.push(Buffer.from(bytes));
        this.#wake();
      },
      closed: (error) => {
        this.closed++;
        this.error = error;
        this.#wake();
      },
    });
  }

  async until(condition: (listener: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const write = (transport: Transport, bytes: Uint8Array): Promise<Error | null | undefined> =>
  new Promise((resolve) => transport.write(bytes, resolve));

const WRITE_SIZES = [1, 3, 100, 511, 512, 513, 1024, 16383, 16384, 16385, 40000, 65536];

const certificateKey = createPrivateKey(firstIdentity.keyPem);
const pinnedKey = new X509Certificate(firstIdentity.certPem).publicKey;

/** Lets a channel run on a transport, and keeps the records that come in. */
function tapped(transport: Transport): { transport: Transport; records: Buffer[] } {
  const records: Buffer[] = [];
  const tap: Transport = {
    start: (events) =>
      transport.start({
        record: (bytes) => {
          records.push(Buffer.from(bytes));
          events.record(bytes);
        },
        closed: (error) => events.closed(error),
      }),
    write: (bytes, taken) => transport.write(bytes, taken),
    pause: () => transport.pause(),
    resume: () => transport.resume(),
    end: () => transport.end(),
    destroy: () => transport.destroy(),
  };
  return { transport: tap, records };
}

for (const wiring of [memory, tls('data'), tls('onread')]) {
  describe(`Transport over ${wiring.name}`, () => {
    let open: (fragmentBytes: number) => Promise<Ends>;
    before(() => {
      open = (fragmentBytes) => wiring.open(fragmentBytes);
    });
    after(() => wiring.close());

    test('A reader that pauses and resumes gets everything, whole and in order', async () => {
      const { client, server } = await open(16384);
      const atClient = new Listener(client);
      void new Listener(server);
      await write(server, Buffer.from('first'));
      await atClient.until(({ records }) => records.length === 1);
      client.pause();
      const writes = Array.from({ length: 512 }, (_, index) => Buffer.alloc(65536, index));
      let taken = 0;
      const written = (async () => {
        for (const bytes of writes) {
          assert.ok(!(await write(server, bytes)));
          taken++;
        }
      })();
      // Until nothing moves any more, or all has come.
      for (let still = 0, last = -1; still < 2000; still++) {
        const moved = taken + atClient.records.length;
        if (moved !== last) still = 0;
        last = moved;
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      assert.ok(Buffer.concat(atClient.records).length < 512 * 65536);
      client.resume();
      await written;
      const total = 5 + 512 * 65536;
      await atClient.until(({ records }) => records.reduce((sum, { length }) => sum + length, 0) >= total);
      assert.ok(Buffer.concat(atClient.records).equals(Buffer.concat([Buffer.from('first'), ...writes])));
    });

    for (const shape of ['uniform', 'random'] as const) {
      const fragment = FRAGMENT_BYTES[shape];

      test(`${shape}: each record arrives whole and in a call of its own, both ways`, async () => {
        const { client, server } = await open(fragment);
        const atClient = new Listener(client);
        const atServer = new Listener(server);
        for (const [from, to] of [
          [server, atClient],
          [client, atServer],
        ] as const) {
          const writes = WRITE_SIZES.map((size) => seededBytes(size, size));
          for (const bytes of writes) assert.ok(!(await write(from, bytes)));
          const expected = recordsByNode(writes, fragment).map((record) => Buffer.from(record));
          await to.until(({ records }) => Buffer.concat(records).length >= Buffer.concat(writes).length);
          assert.deepEqual(to.records, expected);
        }
      });

      test(`${shape}: of 2,000 packets in a burst none is lost on either side, nor to a 1.x reader`, async () => {
        const ends = await open(fragment);
        const atServer = tapped(ends.server);
        const atClient = tapped(ends.client);
        const { texts, key, taken } = await burst(shape, atServer.transport, atClient.transport, 2000);
        const expected = Array.from({ length: 2000 }, (_, index) => textOf(index));
        assert.deepEqual(texts.server, expected);
        assert.deepEqual(texts.client, expected);
        assert.deepEqual(taken, [2000, 2000]);
        for (const [{ records }, handshakeRecords] of [
          [atServer, 1],
          [atClient, 4],
        ] as const) {
          const packets = readLike1x(records.slice(handshakeRecords));
          assert.deepEqual(
            packets.map(({ data }) => openPacket(key, data)?.toString()),
            expected,
          );
        }
      });
    }

    test('Records that arrive before the start are delivered after it', async () => {
      const { client, server } = await open(512);
      const writes = [Buffer.from('first'), Buffer.alloc(512, 7), Buffer.from('third')];
      for (const bytes of writes) await write(server, bytes);
      const listener = new Listener(client);
      await listener.until(({ records }) => records.length >= 3);
      assert.deepEqual(listener.records, writes);
    });

    test('End closes both sides without an error, after all writes', async () => {
      const { client, server } = await open(16384);
      const atServer = new Listener(server);
      const atClient = new Listener(client);
      const last = seededBytes(1, 60_000);
      await write(client, last);
      client.end();
      await atServer.until(({ closed }) => closed > 0);
      await atClient.until(({ closed }) => closed > 0);
      assert.deepEqual(Buffer.concat(atServer.records), last);
      for (const listener of [atServer, atClient]) {
        assert.equal(listener.closed, 1);
        assert.equal(listener.error, undefined);
      }
    });

    test('Destroy closes both sides, can be called again, and fails later writes', async () => {
      const { client, server } = await open(512);
      const atServer = new Listener(server);
      const atClient = new Listener(client);
      await write(server, Buffer.of(1));
      await atClient.until(({ records }) => records.length > 0);
      client.destroy();
      client.destroy();
      await atClient.until(({ closed }) => closed > 0);
      await atServer.until(({ closed }) => closed > 0);
      client.destroy();
      assert.ok((await write(client, Buffer.of(1))) instanceof Error);
      assert.equal(atClient.error, undefined);
      assert.deepEqual([atClient.closed, atServer.closed], [1, 1]);
    });

    test('A start after the end reports the end once', async () => {
      const { client, server } = await open(512);
      const atServer = new Listener(server);
      client.destroy();
      await atServer.until(({ closed }) => closed > 0);
      const late = new Listener(client);
      await late.until(({ closed }) => closed > 0);
      assert.equal(late.closed, 1);
    });
  });
}

const textOf = (index: number): string => `${index} ${'m'.repeat((index * 37) % 1500)}`;

/** Two channels that send each other packets, all in one turn, until each has everything. */
async function burst(padding: PaddingShape, server: Transport, client: Transport, count: number) {
  const dh = generateDhKeyPair();
  const offer = await makeSignedOffer(certificateKey);
  const texts = { client: [] as string[], server: [] as string[] };
  const taken: [server: number, client: number] = [0, 0];
  const run = (session: Session, transport: Transport, received: string[], side: 0 | 1): Promise<void> =>
    new Promise((resolve, reject) => {
      const channel = new Channel(session, transport);
      channel.start({
        closed: (error) => reject(error ?? new Error('closed too early')),
        event(event) {
          if (event.type === 'open') {
            for (let index = 0; index < count; index++) {
              channel.sendText(textOf(index), (error) => {
                if (error) reject(error);
                else if (++taken[side] === count) done();
              });
            }
          } else if (event.type === 'text') {
            received.push(event.text);
            done();
          } else reject(new Error(event.type));
        },
      });
      function done(): void {
        if (received.length >= count && taken[side] === count) resolve();
      }
    });
  await Promise.all([
    run(new Session({ role: 'server', offer, padding }), server, texts.server, 0),
    run(new Session({ role: 'client', pinnedKey, dh, padding }), client, texts.client, 1),
  ]);
  return { texts, taken, key: deriveSessionKey(dh, offer.dh.publicKey) };
}
