import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { QuietRoomServer } from '@quietroom/server';
import {
  firstIdentity,
  ScriptedPeer,
  secondIdentity,
  type PeerConnection,
  type TestIdentity,
} from '@quietroom/testing';
import { comparePin } from '#src/doctor/pinSteps.js';
import { STEPS } from '#src/doctor/steps.js';
import {
  assertProblem,
  EARLIER_CONNECTIONS,
  examined,
  failing,
  never,
  peerOf,
  resolving,
  stepsThat,
} from './examining.js';
import { BAD_PIN_FILES, FIRST_FINGERPRINT, SECOND_FINGERPRINT } from '../pin/pins.js';
import { eventually, Folder, Person } from '../harness/quietroom.js';

/** Self-signed like the identities, and made after them; the other by an authority. Both without a key. */
const NEWER = certificateFrom('newer');
const ISSUED = certificateFrom('issued');

/** Heads of large packets that never decrypt. */
const NONSENSE = Buffer.alloc(3 * 65536).map((_, at) => [1, 0x40, 0][at % 3] ?? 0);

async function startServer(options = {}): Promise<QuietRoomServer> {
  return QuietRoomServer.start({ port: 0, identity: firstIdentity, ...options });
}

suite('the doctor, when all is well', () => {
  for (const protocolVersion of ['1.2', '1.1'] as const) {
    test(`finds nothing wrong with a ${protocolVersion} server, and reports its version`, async () => {
      const server = await startServer({ protocolVersion });
      try {
        const checkResults = await examined(server.port);
        assert.deepEqual(stepsThat(checkResults, 'ok'), [...STEPS], JSON.stringify(checkResults));
        const { protocolVersion: found, sizes } = checkResults;
        assert.ok(found.status === 'ok' && sizes.status === 'ok');
        assert.deepEqual(found.facts, { protocolVersion, generation: protocolVersion });
        // 4096 less nonce, tag and "[DM from doctor]: ".
        assert.deepEqual(sizes.facts, { longestBytes: 4050, textBytes: 16_200 });
      } finally {
        await server.close();
      }
    });
  }

  test('leaves the name free, and nobody hears more of it than that it came and left', async () => {
    const server = await startServer();
    await using alice = await Person.connect({
      serverHost: server.host,
      serverPort: server.port,
      cert: server.certPem,
    });
    try {
      await examined(server.port);
      await alice.hearsText(/doctor left/);
      assert.deepEqual(await alice.connector.listUsers(), ['alice']);
      assert.deepEqual(await alice.connector.listRooms(), []);
      const received = alice.texts.filter((text) => text.includes('doctor'));
      assert.deepEqual(received, ['*** doctor joined the chat ***', '*** doctor left the chat ***']);
    } finally {
      await server.close();
    }
  });

  test('says no name, address, file or fingerprint unless asked to', async () => {
    const server = await startServer();
    const lookup = resolving('127.0.0.1');
    const options = { host: 'localhost', username: 'secretname', lookup };
    try {
      await using folder = await Folder.make();
      const cert = await folder.write('secret.pem', firstIdentity.certPem);
      const secrets = /secret|127\.0\.0|[\dA-F]{2}:[\dA-F]{2}:/;
      const checkResults = await examined(server.port, { ...options, cert });
      assert.doesNotMatch(JSON.stringify(checkResults), secrets);
      const full = JSON.stringify(await examined(server.port, { ...options, cert, full: true }));
      for (const said of ['127.0.0.1', 'secret.pem', FIRST_FINGERPRINT]) assert.ok(full.includes(said), said);
    } finally {
      await server.close();
    }
  });
});

suite('the doctor, before TLS', () => {
  const LOOKUPS = [
    { code: 'ENOTFOUND', says: /no host of this name/, cause: /A slip in the name/ },
    {
      code: 'EAI_AGAIN',
      says: /cannot be looked up \(EAI_AGAIN\)/,
      cause: /name servers .* cannot be reached/,
    },
  ];
  for (const { code, says, cause } of LOOKUPS) {
    test(`says that the look-up of the host failed with ${code}, and skips what needs it`, async () => {
      const checkResults = await examined(1, { host: 'chat.example', lookup: failing(code) });
      assertProblem(checkResults.dns, 3, says, cause);
      assert.deepEqual(stepsThat(checkResults, 'ok'), ['pinFile']);
      assert.deepEqual(stepsThat(checkResults, 'skipped'), STEPS.slice(2));
    });
  }

  test('does not wait for ever for a name server', async () => {
    const { dns } = await examined(1, { host: 'chat.example', lookup: never, stalled: Promise.resolve() });
    assertProblem(dns, 3, /no answer within 30 s/, /do not answer/);
  });

  test('says that nothing listens on the port, at each address', async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const lookup = resolving('127.0.0.1', '127.0.0.2');
    const { tcp } = await examined(port, { host: 'chat.example', lookup });
    assertProblem(tcp, 3, /refuses connections: IPv4 ECONNREFUSED, IPv4 ECONNREFUSED/, /nothing listens/);
  });

  test('goes on by the address that answers, and says that another does not', async () => {
    await using peer = await peerOf(async () => {});
    const lookup = resolving('127.0.0.2', '127.0.0.1');
    const { tcp, tls } = await examined(peer.port, {
      host: 'localhost',
      lookup,
      stalled: peerConnects(peer, 3),
    });
    assert.ok(tcp.status === 'ok');
    assert.equal(tcp.detail, `port ${peer.port}: IPv4 ECONNREFUSED, IPv4 open`);
    assert.equal(tls.status, 'ok');
  });
});

suite('the doctor, at TLS', () => {
  test('says that the server speaks older versions only', async () => {
    const tls = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    await using peer = await peerOf(async () => {}, { tls });
    assertProblem((await examined(peer.port)).tls, 3, /^no TLS 1\.3 \(ERR_/, /older versions of TLS only/);
  });

  const PLAIN = [
    {
      name: 'a web server',
      text: 'HTTP/1.1 400 Bad Request\r\n\r\n',
      says: /does not speak TLS/,
      cause: /Another service/,
    },
    { name: 'SSH', text: 'SSH-2.0-OpenSSH_9.2\r\n', says: /does not speak TLS/, cause: /Another service/ },
    {
      name: 'a server that closes',
      text: '',
      says: /closed the connection/,
      cause: /lets no more connections in/,
    },
  ];
  for (const { name, text, says, cause } of PLAIN) {
    test(`tells ${name} from a QuietRoom server`, async () => {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end(text));
      });
      const port = await listen(server);
      assertProblem((await examined(port)).tls, 3, says, cause);
      server.close();
    });
  }

  test('does not wait for ever for a server that takes connections and says nothing', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => {});
      sockets.push(socket);
    });
    const port = await listen(server);
    const stalled = eventually('TLS is tried', () => sockets.length === 2);
    assertProblem((await examined(port, { stalled })).tls, 3, /then no answer within 30 s/, /hangs/);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

suite('the doctor, at the pin', () => {
  const first = new X509Certificate(firstIdentity.certPem);
  const second = new X509Certificate(secondIdentity.certPem);
  const pins = { certificates: [first], holdsPrivateKey: false, pem: '' };
  const target = { full: true } as Parameters<typeof comparePin>[0];
  const now = new Date(Date.parse(first.validFrom) + 86_400_000);

  test('finds the certificate among several', () => {
    const several = { ...pins, certificates: [second, first] };
    const checkResult = comparePin(target, several, first, now);
    assert.ok(checkResult.status === 'ok');
    assert.match(checkResult.detail, /certificate 2 of 2 in the file \(EC:6C:/);
  });

  test('takes a certificate that is not newer for that of another server', () => {
    const checkResult = comparePin(target, pins, second, now);
    assertProblem(
      checkResult,
      4,
      /not in the file \(4A:BD:.*; in the file: EC:6C:/,
      /another server; or someone is in/,
    );
  });

  test('takes a newer certificate for that of a server that was restarted', () => {
    const checkResult = comparePin(target, { ...pins, certificates: [second, first] }, NEWER, now);
    assertProblem(
      checkResult,
      4,
      /not in the file/,
      /The pin is stale.*1\.x servers make a new one at every start/,
    );
  });

  test('takes a certificate that an authority issued for that of another service', () => {
    assertProblem(comparePin(target, pins, ISSUED, now), 4, /not in the file/, /issued by an authority/);
  });

  const DATES = [
    {
      name: 'has expired',
      now: new Date(Date.parse(first.validTo) + 1000),
      cause: /this machine's clock is ahead/,
    },
    {
      name: 'is not valid yet',
      now: new Date(Date.parse(first.validFrom) - 1000),
      cause: /This machine's clock is behind/,
    },
  ];
  for (const { name, now: at, cause } of DATES) {
    test(`warns of a certificate that ${name}, by the clock of this machine`, () => {
      const checkResult = comparePin(target, pins, first, at);
      assert.ok(checkResult.status === 'warning');
      assert.ok(checkResult.detail.includes(name));
      assert.match(checkResult.cause, cause);
    });
  }

  test('a server that presents another certificate is sent nothing', async () => {
    await using peer = await ScriptedPeer.start((connection) => connection.secure(), {
      identity: secondIdentity,
    });
    const checkResults = await examined(peer.port, { full: true });
    assert.ok(checkResults.pin.status === 'problem');
    assert.equal(checkResults.pin.exitCode, 4);
    assert.ok(checkResults.pin.detail.includes(SECOND_FINGERPRINT));
    assert.deepEqual(stepsThat(checkResults, 'skipped'), STEPS.slice(5));
    for (const { plaintextBytes } of peer.connections) assert.equal(plaintextBytes, 0);
  });

  test('a server whose certificate changes between the pin and the login is sent nothing', async () => {
    let sentBytes = 0;
    let connections = 0;
    const server = createTlsServer(tlsOf(firstIdentity), (socket) => {
      socket.on('error', () => {});
      socket.on('data', ({ length }) => (sentBytes += length));
    });
    // Before the server's own listener, which takes the certificate that is set then.
    server.prependListener('connection', () => {
      if (connections++ === EARLIER_CONNECTIONS) server.setSecureContext(tlsOf(secondIdentity));
    });
    const checkResults = await examined(await listen(server));
    server.close();
    assert.equal(checkResults.pin.status, 'ok');
    assertProblem(checkResults.signature, 4, /another certificate than a moment ago/, /restarted just now/);
    assert.deepEqual(stepsThat(checkResults, 'skipped'), STEPS.slice(6));
    assert.equal(sentBytes, 0);
  });

  for (const { problem, bytes, says } of BAD_PIN_FILES) {
    test(`says what is wrong with a pin file that is ${problem}, and still looks at the network`, async () => {
      await using folder = await Folder.make();
      await using peer = await ScriptedPeer.start((connection) => connection.secure());
      const cert = await folder.write('pins.pem', bytes);
      const checkResults = await examined(peer.port, { cert });
      const { pinFile } = checkResults;
      assert.ok(pinFile.status === 'problem');
      assert.match(`${pinFile.cause} ${pinFile.nextStep}`, says);
      assert.equal(pinFile.exitCode, 1);
      assert.deepEqual(stepsThat(checkResults, 'ok'), ['dns', 'tcp', 'tls']);
    });
  }

  test('says that there is no pin file', async () => {
    await using folder = await Folder.make();
    const { pinFile } = await examined(1, { cert: join(folder.path, 'none.pem') });
    assertProblem(pinFile, 1, /no certificate to go by$/, /There is no such file/);
  });

  test('warns of a private key in the pin file, and goes on', async () => {
    const server = await startServer();
    await using folder = await Folder.make();
    const cert = await folder.write('both.pem', firstIdentity.keyPem + firstIdentity.certPem);
    const checkResults = await examined(server.port, { cert });
    await server.close();
    assert.deepEqual(stepsThat(checkResults, 'warning'), ['pinFile']);
    assert.deepEqual(stepsThat(checkResults, 'ok'), STEPS.slice(1));
  });
});

suite('the doctor, behind TLS', () => {
  /** What a server does, and what is found of it. */
  const CASES: readonly {
    readonly name: string;
    readonly does: (connection: PeerConnection) => Promise<void>;
    /** It does nothing more, and time must pass. */
    readonly stalls?: true;
    readonly step: 'signature' | 'keyExchange' | 'login';
    readonly exitCode: number;
    readonly says: RegExp;
    readonly cause: RegExp;
  }[] = [
    {
      name: 'says nothing after TLS',
      does: async () => {},
      stalls: true,
      step: 'signature',
      exitCode: 3,
      says: /sends no key after TLS: nothing more within 30 s/,
      cause: /another service with TLS, or it hangs/,
    },
    {
      name: 'closes after TLS',
      does: async (connection) => connection.end(),
      step: 'signature',
      exitCode: 3,
      says: /sends no key after TLS: it closed the connection/,
      cause: /another service with TLS/,
    },
    {
      name: 'is a web server with TLS and the right certificate',
      does: (connection) => connection.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
      step: 'signature',
      exitCode: 3,
      says: /sends no whole key and signature: what came does not fit/,
      cause: /another service with TLS/,
    },
    {
      name: 'stops in the middle of its offer',
      does: async (connection) => connection.writePart((await connection.offer()).dh.publicKey),
      stalls: true,
      step: 'signature',
      exitCode: 3,
      says: /no whole key and signature: nothing more within 30 s/,
      cause: /failed in the middle/,
    },
    {
      name: 'signs by another key',
      does: async (connection) => {
        const { dh, signature } = await connection.offer();
        await connection.writePart(dh.publicKey);
        await connection.writePart(signature.map((byte) => byte ^ 1));
      },
      step: 'signature',
      exitCode: 4,
      says: /signature of the server is not by the key/,
      cause: /someone may be in between/,
    },
    {
      name: 'signs a key that is out of range',
      does: async (connection) => {
        const { dh, signature } = await connection.offer(Buffer.of(1));
        await connection.writePart(dh.publicKey);
        await connection.writePart(signature);
      },
      step: 'keyExchange',
      exitCode: 4,
      says: /a key that no honest server offers/,
      cause: /others can read along/,
    },
    {
      name: 'goes on with another session key',
      does: async (connection) => {
        await connection.exchangeKeys();
        await connection.write(NONSENSE);
      },
      step: 'keyExchange',
      exitCode: 3,
      says: /cannot be decrypted/,
      cause: /another key/,
    },
    {
      name: 'closes after the key exchange',
      does: async (connection) => {
        await connection.exchangeKeys();
        connection.end();
      },
      step: 'login',
      exitCode: 3,
      says: /does not ask for a name: it closed the connection/,
      cause: /failed just then/,
    },
    {
      name: 'does not ask for a name',
      does: (connection) => connection.exchangeKeys(),
      stalls: true,
      step: 'login',
      exitCode: 3,
      says: /does not ask for a name: nothing more within 30 s/,
      cause: /hangs/,
    },
    {
      name: 'does not answer to the name',
      does: async (connection) => {
        await askForName(connection);
      },
      stalls: true,
      step: 'login',
      exitCode: 3,
      says: /does not welcome us: nothing more within 30 s/,
      cause: /hangs/,
    },
    {
      name: 'closes when it gets the name',
      does: async (connection) => {
        await askForName(connection);
        connection.end();
      },
      step: 'login',
      exitCode: 5,
      says: /closed the connection when it got the name$/,
      cause: /does not allow the name/,
    },
    {
      name: 'resets the connection when it gets the name',
      does: async (connection) => {
        await askForName(connection);
        connection.cut();
      },
      step: 'login',
      exitCode: 3,
      says: /does not welcome us: it closed the connection/,
      cause: /failed just then/,
    },
    {
      name: 'says that the name is in use',
      does: async (connection) => {
        await askForName(connection);
        await connection.say('*** Username already taken. Please reconnect with a different name. ***');
      },
      step: 'login',
      exitCode: 5,
      says: /the name is in use$/,
      cause: /a connection that broke/,
    },
  ];
  for (const { name, does, stalls, step, exitCode, says, cause } of CASES) {
    test(`knows a server that ${name}`, async () => {
      const events = new EventEmitter();
      const stalled = once(events, 'done');
      await using peer = await peerOf(async (connection) => {
        await does(connection);
        events.emit('done');
      });
      const checkResults = await examined(peer.port, stalls ? { stalled } : {});
      assertProblem(checkResults[step], exitCode, says, cause);
      assert.deepEqual(stepsThat(checkResults, 'ok'), STEPS.slice(0, STEPS.indexOf(step)));
      assert.deepEqual(stepsThat(checkResults, 'skipped'), STEPS.slice(STEPS.indexOf(step) + 1));
    });
  }
});

function certificateFrom(name: string): X509Certificate {
  return new X509Certificate(readFileSync(new URL(`../../test/certificates/${name}.pem`, import.meta.url)));
}

function tlsOf({ certPem, keyPem }: TestIdentity): { readonly cert: string; readonly key: string } {
  return { cert: certPem, key: keyPem };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return port;
}

function peerConnects(peer: ScriptedPeer, times: number): Promise<void> {
  return eventually(`there are ${times} connections`, () => peer.connections.length === times);
}

/** The key exchange, and the question for the name, which is received. */
async function askForName(connection: PeerConnection): Promise<void> {
  await connection.exchangeKeys();
  await connection.say('Enter your username: ');
  await connection.hear();
}
