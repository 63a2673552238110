import { constants } from 'node:crypto';
import {
  bigintBytes,
  findDhKeys,
  isSignedBy,
  makeDhKeys,
  PRIME,
  readOffer,
  readPart,
  sessionKey,
  withLength,
  type DhKeys,
} from '../../wire/keyExchange.js';
import { Peer } from '../../wire/peer.js';
import type { Wire } from '../../wire/wire.js';
import type { ServerBench, ServerCase, ServerGroup } from '../serverBench.js';
import { HINT, PROMPT, welcome } from '../serverTexts.js';

type Sends = (wire: Wire, publicKey: Buffer) => Promise<void>;

/** The key exchange works however the client's part is cut and padded. */
function accepted(id: string, title: string, send: Sends, keysFor?: (server: Buffer) => DhKeys): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const wire = await bench.connect();
      const { publicKey } = await bench.tries('a signed public key', () => readOffer(wire));
      const keys = keysFor?.(publicKey) ?? makeDhKeys();
      await send(wire, keys.publicKey);
      await logsIn(bench, new Peer(wire, sessionKey(keys.secret(publicKey)), bench.steps));
    },
  };
}

async function logsIn(bench: ServerBench, peer: Peer): Promise<void> {
  const name = bench.name();
  await peer.hears(PROMPT);
  await peer.say(name);
  await peer.hears(welcome(name));
  await peer.hears(HINT);
}

/** The server closes at once, and says nothing. */
function refused(id: string, title: string, bytes: Uint8Array): ServerCase {
  return {
    id: `refuses-${id}`,
    title,
    async run(bench) {
      const wire = await bench.connect();
      await bench.tries('a signed public key', () => readOffer(wire));
      const before = wire.recordSizes.length;
      await wire.write(bytes);
      const seen = await wire
        .until(() => (wire.recordSizes.length > before ? 'an answer' : undefined))
        .catch(() => (wire.isOver ? 'closed' : 'still open'));
      bench.check('closed without an answer', seen === 'closed', seen);
    },
  };
}

const whole: Sends = (wire, publicKey) => wire.write(withLength(publicKey));

const padded =
  (zeros: number): Sends =>
  (wire, publicKey) =>
    wire.write(withLength(Buffer.concat([Buffer.alloc(zeros), publicKey])));

const cutInto =
  (size: number): Sends =>
  async (wire, publicKey) => {
    const bytes = withLength(publicKey);
    for (let at = 0; at < bytes.length; at += size) await wire.write(bytes.subarray(at, at + size));
  };

const TOP = 2n ** 2048n;

export const keyExchange: ServerGroup = {
  name: 'keys',
  title: 'Key exchange',
  cases: [
    {
      id: 'four-records',
      title: 'each of the four parts comes in a TLS record of its own',
      async run(bench) {
        const wire = await bench.connect();
        const { publicKey, signature } = await bench.tries('a signed public key', () => readOffer(wire));
        const expected = [4, publicKey.length, 4, signature.length];
        bench.checkSame(expected, wire.recordSizes);
      },
    },
    {
      id: 'key-in-range',
      title: 'the public key of the server is between 1 and P-1',
      async run(bench) {
        const wire = await bench.connect();
        const { publicKey } = await bench.tries('a signed public key', () => readOffer(wire));
        const value = BigInt(`0x${publicKey.toString('hex')}`);
        bench.check('1 < y < P-1', value > 1n && value < PRIME - 1n, `${publicKey.length} bytes`);
      },
    },
    {
      id: 'key-without-zeros',
      title: 'the public key of the server has no leading zero bytes',
      async run(bench) {
        const wire = await bench.connect();
        const { publicKey } = await bench.tries('a signed public key', () => readOffer(wire));
        bench.check('a first byte that is not 0', publicKey[0] !== 0, publicKey[0]);
      },
    },
    {
      id: 'fresh-keys',
      title: 'each connection gets a public key of its own',
      async run(bench) {
        const seen = new Set<string>();
        for (let i = 0; i < 5; i++) {
          const wire = await bench.connect();
          seen.add((await bench.tries('a public key', () => readPart(wire))).toString('hex'));
        }
        bench.check('5 different keys', seen.size === 5, `${seen.size} different keys`);
      },
    },
    {
      id: 'signature',
      title: 'the signature is RSA-PSS with SHA-256 over the public key, by the pinned key',
      async run(bench) {
        const wire = await bench.connect();
        const offer = await bench.tries('a signed public key', () => readOffer(wire));
        const isValid = isSignedBy(bench.pinnedKey, offer, constants.RSA_PSS_SALTLEN_AUTO);
        bench.check('a signature that verifies', isValid, isValid ? 'it verifies' : 'it does not verify');
      },
    },
    {
      id: 'signature-length',
      title: 'the signature is as long as the RSA key',
      async run(bench) {
        const wire = await bench.connect();
        const { signature } = await bench.tries('a signed public key', () => readOffer(wire));
        const expected = (bench.pinnedKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
        bench.check(`${expected} bytes`, signature.length === expected, `${signature.length} bytes`);
      },
    },
    {
      id: 'longest-salt',
      title: 'the signature has the longest salt',
      async run(bench) {
        const wire = await bench.connect();
        const offer = await bench.tries('a signed public key', () => readOffer(wire));
        const longest = (bench.pinnedKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8 - 34;
        bench.check(
          `a salt of ${longest} bytes`,
          isSignedBy(bench.pinnedKey, offer, longest),
          'as the check says',
        );
      },
    },
    {
      id: 'prompt',
      title: 'the key exchange is followed by the question for the name',
      async run(bench) {
        const peer = await bench.open();
        await peer.hears(PROMPT);
        bench.check('the first text', peer.texts[0] === PROMPT, peer.texts[0]);
      },
    },
    {
      id: 'no-text-before-key',
      title: 'nothing is sent after the signature before the client has sent its key',
      async run(bench) {
        const wire = await bench.connect();
        await bench.tries('a signed public key', () => readOffer(wire));
        // Another whole login takes longer than a text that is already on its way.
        await bench.isAlive();
        bench.check('4 records', wire.recordSizes.length === 4, `${wire.recordSizes.length} records`);
      },
    },
    accepted('one-record', 'length and key may come in one record', whole),
    accepted('two-records', 'length and key may come in two records', async (wire, publicKey) => {
      const bytes = withLength(publicKey);
      await wire.write(bytes.subarray(0, 4));
      await wire.write(bytes.subarray(4));
    }),
    ...[1, 2, 3, 5, 100, 259].map((size) =>
      accepted(`cut-${size}`, `the key may come in records of ${size} bytes`, cutInto(size)),
    ),
    ...[1, 2, 8, 256, 3840].map((zeros) =>
      accepted(`zeros-${zeros}`, `a key behind ${zeros} zero bytes is accepted`, padded(zeros)),
    ),
    accepted('short-key', 'a public key with fewer than 256 bytes is accepted', whole, () =>
      findDhKeys(({ publicKey }) => publicKey.length < 256),
    ),
    accepted(
      'short-secret',
      'leading zero bytes of the shared secret are stripped before it is hashed',
      whole,
      (server) => findDhKeys((keys) => keys.secret(server).length < 256),
    ),
    refused('zero', 'a public key of 0 is refused', withLength(Buffer.of(0))),
    refused('one', 'a public key of 1 is refused', withLength(Buffer.of(1))),
    refused(
      'padded-one',
      'a public key of 1 behind zeros is refused',
      withLength(Buffer.from([...Array<number>(255).fill(0), 1])),
    ),
    refused('p-minus-1', 'a public key of P-1 is refused', withLength(bigintBytes(PRIME - 1n))),
    refused('p', 'a public key of P is refused', withLength(bigintBytes(PRIME))),
    refused('p-plus-1', 'a public key of P+1 is refused', withLength(bigintBytes(PRIME + 1n))),
    refused('p-plus-2', 'a public key of P+2 is refused', withLength(bigintBytes(PRIME + 2n))),
    refused('all-ones', 'a public key of 2048 one bits is refused', withLength(bigintBytes(TOP - 1n))),
    refused('too-wide', 'a public key of more than 2048 bits is refused', withLength(bigintBytes(TOP + 5n))),
    refused('huge', 'a public key of 4096 bytes is refused', withLength(Buffer.alloc(4096, 0xff))),
    refused('length-4097', 'a length of 4097 is refused', withLength(Buffer.alloc(0), 4097)),
    refused('length-64k', 'a length of 65536 is refused', withLength(Buffer.alloc(0), 65536)),
    refused('length-2g', 'a length of 2 GiB is refused', withLength(Buffer.alloc(0), 0x80000000)),
    refused('length-max', 'the largest length is refused', withLength(Buffer.alloc(0), 0xffffffff)),
    refused('http', 'text in place of a length is refused', Buffer.from('GET / HTTP/1.1\r\n\r\n')),
    {
      id: 'half-key',
      title: 'a client that closes in the middle of its key harms nobody',
      async run(bench) {
        const wire = await bench.connect();
        await bench.tries('a signed public key', () => readOffer(wire));
        await wire.write(withLength(makeDhKeys().publicKey).subarray(0, 100));
        wire.end();
        await bench.isAlive();
      },
    },
    {
      id: 'name-at-once',
      title: 'the name may be sent before the question for it has come',
      async run(bench) {
        const name = bench.name();
        const peer = await bench.open();
        await peer.say(name);
        await peer.hears(PROMPT);
        await peer.hears(welcome(name));
      },
    },
  ],
};
