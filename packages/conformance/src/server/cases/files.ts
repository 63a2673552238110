import { createHash, randomBytes } from 'node:crypto';
import type { Peer } from '../../wire/peer.js';
import { holding, type ServerBench, type ServerCase, type ServerGroup, type User } from '../serverBench.js';
import { NO_TRANSFER, NOT_YOURS, offline, USAGE } from '../serverTexts.js';

const HASH = 'a'.repeat(64);
const ACCEPTED = '*** File transfer accepted. Waiting for file stream... ***';
const SENT = '*** File transfer stream completed. ***';
const RECEIVED = '*** File transfer stream completed. Check hash! ***';

interface Offered {
  readonly sender: User;
  readonly recipient: User;
  readonly id: string;
  /** What the recipient was shown. */
  readonly offer: string;
}

/** A file is offered. */
async function offers(bench: ServerBench, name = 'a.txt', hash = HASH): Promise<Offered> {
  const [sender, recipient] = await bench.logins();
  await sender.say(`/file ${recipient.userName} ${name} ${hash}`);
  const head = `*** File transfer request sent to ${recipient.userName} ***\nTransfer ID: `;
  const text = await sender.hears({
    shown: `an answer that begins ${JSON.stringify(head)}`,
    test: (heard) => heard.startsWith(head),
  });
  const offer = await recipient.hears(holding('*** FILE TRANSFER REQUEST ***'));
  return { sender, recipient, id: text.slice(head.length).split('\n')[0] ?? '', offer };
}

/** A file is offered and accepted, and the sender may begin. */
async function begins(bench: ServerBench, name?: string, hash?: string): Promise<Offered> {
  const offered = await offers(bench, name, hash);
  const { sender, recipient, id } = offered;
  await recipient.say(`/accept ${id}`);
  await recipient.hears(ACCEPTED);
  await sender.hears(`*** ${recipient.userName} accepted your file transfer (ID: ${id}). ***`);
  await sender.hears({ shown: 'BEGIN_SEND', test: (text) => text.startsWith('BEGIN_SEND|') });
  return offered;
}

/** What a sender sends, and what the recipient gets as content. */
function relays(id: string, title: string, chunks: readonly Buffer[], size?: string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const content = Buffer.concat(chunks);
      const hash = createHash('sha256').update(content).digest('hex');
      const { sender, recipient } = await begins(bench, 'a.bin', hash);
      const announced = size ?? `${content.length}`;
      await sender.sayFile(`FILE_START|a.bin|${announced}`);
      for (const chunk of chunks) await sender.sayFile(chunk);
      await sender.sayFile('FILE_END');
      const start = (await recipient.hearsFile('FILE_START')).toString();
      const [word, name, seenSize, seenHash] = start.split('|');
      const isRight =
        word === 'FILE_START' && name === 'a.bin' && Number(seenSize) === content.length && seenHash === hash;
      bench.check(`FILE_START|a.bin|${content.length}|${hash}`, isRight, start);
      const received = await receiveContent(recipient, content.length);
      bench.check(`content with the hash ${hash}`, received.equals(content), `${received.length} bytes`);
      await sender.hears(SENT);
      await recipient.hears(RECEIVED);
    },
  };
}

/** The packets up to the end, joined: a server may cut chunks. */
async function receiveContent(recipient: Peer, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let bytes = 0; ;) {
    const chunk = await recipient.hearsFile(bytes < most ? 'a chunk' : 'FILE_END');
    if (chunk.toString('latin1') === 'FILE_END') return Buffer.concat(chunks);
    chunks.push(chunk);
    bytes += chunk.length;
  }
}

function answered(
  id: string,
  title: string,
  write: (other: User, self: User) => string,
  answer: (other: User) => string,
): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [user, other] = await bench.logins();
      await user.say(write(other, user));
      await user.hears(answer(other));
      await bench.fence(user, other);
      other.neverHeard(holding('FILE TRANSFER REQUEST'));
    },
  };
}

function badSize(id: string, size: string): ServerCase {
  return {
    id: `size-${id}`,
    title: `a size of ${JSON.stringify(size)} cancels the transfer`,
    async run(bench) {
      const { sender, recipient } = await begins(bench);
      await sender.sayFile(`FILE_START|a.txt|${size}`);
      await sender.hears('*** File transfer cancelled: invalid file size ***');
      await bench.fence(sender, recipient);
      bench.check('no file packet', recipient.files.length === 0, `${recipient.files.length} file packets`);
    },
  };
}

/** The name that the recipient is shown for the one that the sender wrote. */
function baseName(id: string, title: string, written: string, shown: string): ServerCase {
  return {
    id: `name-${id}`,
    title,
    async run(bench) {
      const { offer } = await offers(bench, written);
      bench.check(`File: ${shown}`, offer.split('\n').includes(`File: ${shown}`), offer);
    },
  };
}

const HASH_LENGTH = 'Invalid hash format. SHA-256 hash must be 64 hex characters.';
const HASH_DIGITS = 'Invalid hash format. Must be valid hexadecimal.';

export const files: ServerGroup = {
  name: 'files',
  title: 'Files',
  cases: [
    {
      id: 'offer-sender',
      title: 'who offers a file gets its id',
      async run(bench) {
        const { sender, recipient, id } = await offers(bench);
        await bench.settle(sender);
        const text = [
          `*** File transfer request sent to ${recipient.userName} ***`,
          `Transfer ID: ${id}`,
          'Waiting for recipient to accept...',
        ].join('\n');
        bench.check(JSON.stringify(text), sender.countOf(text) === 1, sender.texts);
      },
    },
    {
      id: 'offer-recipient',
      title: 'who is offered a file gets eight lines about it',
      async run(bench) {
        const { sender, id, offer } = await offers(bench, 'report.pdf');
        const text = [
          '*** FILE TRANSFER REQUEST ***',
          `Sender: ${sender.userName}`,
          'File: report.pdf',
          `SHA-256: ${HASH}`,
          `Transfer ID: ${id}`,
          '',
          `To accept, type: /accept ${id}`,
          `To decline, type: /decline ${id}`,
        ].join('\n');
        bench.check(JSON.stringify(text), offer === text, offer);
      },
    },
    {
      id: 'id-form',
      title: 'the id is SENDER_RECIPIENT_nanoseconds',
      async run(bench) {
        const { sender, recipient, id } = await offers(bench);
        const head = `${sender.userName}_${recipient.userName}_`;
        bench.check(`${head}digits`, id.startsWith(head) && /^\d{15,}$/.test(id.slice(head.length)), id);
      },
    },
    {
      id: 'accept',
      title: 'after an acceptance the sender is told to begin, with name and hash',
      async run(bench) {
        const { sender } = await begins(bench, 'a.txt');
        const expected = `BEGIN_SEND|a.txt|${HASH}`;
        bench.check(expected, sender.countOf(expected) === 1, sender.texts.at(-1));
      },
    },
    {
      id: 'accept-again',
      title: 'a second acceptance is answered as the first',
      async run(bench) {
        const { recipient, id } = await begins(bench);
        await recipient.say(`/accept ${id}`);
        await recipient.hears(ACCEPTED);
      },
    },
    {
      id: 'decline',
      title: 'both are told that a file is declined',
      async run(bench) {
        const { sender, recipient, id } = await offers(bench);
        await recipient.say(`/decline ${id}`);
        await recipient.hears('*** File transfer declined. ***');
        await sender.hears(`*** ${recipient.userName} declined the file transfer (ID: ${id}). ***`);
      },
    },
    {
      id: 'accept-declined',
      title: 'a file that was declined cannot be accepted',
      async run(bench) {
        const { recipient, id } = await offers(bench);
        await recipient.say(`/decline ${id}`);
        await recipient.say(`/accept ${id}`);
        await recipient.hears(NO_TRANSFER);
      },
    },
    {
      id: 'accept-sender',
      title: 'the sender cannot accept the own file',
      async run(bench) {
        const { sender, id } = await offers(bench);
        await sender.say(`/accept ${id}`);
        await sender.hears(NOT_YOURS);
      },
    },
    {
      id: 'accept-other',
      title: 'nobody else can accept a file',
      async run(bench) {
        const { id } = await offers(bench);
        const third = await bench.login();
        await third.say(`/accept ${id}`);
        await third.hears(NOT_YOURS);
      },
    },
    {
      id: 'withdraw',
      title: 'the sender withdraws an offer by declining it',
      async run(bench) {
        const { sender, recipient, id } = await offers(bench);
        await sender.say(`/decline ${id}`);
        await sender.hears(NOT_YOURS);
        await recipient.say(`/accept ${id}`);
        await recipient.hears(NO_TRANSFER);
      },
    },
    {
      id: 'decline-other',
      title: 'who declines a file of others is told that it is not theirs',
      async run(bench) {
        const { id } = await offers(bench);
        const third = await bench.login();
        await third.say(`/decline ${id}`);
        await third.hears(NOT_YOURS);
      },
    },
    answered(
      'accept-unknown',
      'an id that does not exist cannot be accepted',
      () => '/accept a_b_1',
      () => NO_TRANSFER,
    ),
    answered(
      'decline-unknown',
      'an id that does not exist cannot be declined',
      () => '/decline a_b_1',
      () => NO_TRANSFER,
    ),
    answered(
      'accept-usage',
      '/accept without an id is answered with its usage',
      () => '/accept',
      () => USAGE.accept,
    ),
    answered(
      'decline-usage',
      '/decline without an id is answered with its usage',
      () => '/decline',
      () => USAGE.decline,
    ),
    answered(
      'file-usage',
      '/file without arguments is answered with its usage',
      () => '/file',
      () => USAGE.file,
    ),
    answered(
      'offline',
      'a file for somebody who is not online is refused',
      () => `/file nobody.there a.txt ${HASH}`,
      () => offline('nobody.there'),
    ),
    answered(
      'self',
      'a file for oneself is refused',
      (_, self) => `/file ${self.userName} a.txt ${HASH}`,
      () => 'You cannot send files to yourself.',
    ),
    answered(
      'hash-short',
      'a hash of 63 characters is refused',
      ({ userName }) => `/file ${userName} a.txt ${HASH.slice(1)}`,
      () => HASH_LENGTH,
    ),
    answered(
      'hash-long',
      'a hash of 65 characters is refused',
      ({ userName }) => `/file ${userName} a.txt ${HASH}a`,
      () => HASH_LENGTH,
    ),
    answered(
      'hash-digits',
      'a hash that is not hexadecimal is refused',
      ({ userName }) => `/file ${userName} a.txt ${HASH.slice(1)}g`,
      () => HASH_DIGITS,
    ),
    {
      id: 'hash-case',
      title: 'a hash may be in capitals',
      async run(bench) {
        const { offer } = await offers(bench, 'a.txt', 'AB'.repeat(32));
        bench.check('SHA-256: AB…', offer.includes(`SHA-256: ${'AB'.repeat(32)}`), offer);
      },
    },
    baseName('plain', 'a name is shown as it is', 'report-1_2.tar.gz', 'report-1_2.tar.gz'),
    baseName('folder', 'folders are taken off a name', 'a/b/c.txt', 'c.txt'),
    baseName('root', 'a path from the root is reduced to its name', '/etc/passwd', 'passwd'),
    baseName('parent', 'a path that goes up is reduced to its name', '../../c.txt', 'c.txt'),
    baseName('unicode', 'a name may be in any script', '日本語.txt', '日本語.txt'),
    baseName('hidden', 'a name may begin with a dot', '.profile', '.profile'),
    relays('one-chunk', 'a file of one chunk arrives', [randomBytes(100)]),
    relays('one-byte', 'a file of one byte arrives', [randomBytes(1)]),
    relays(
      'chunks',
      'a file of several chunks arrives in order',
      Array.from({ length: 20 }, () => randomBytes(3900)),
    ),
    relays(
      'many-chunks',
      'a fast file of 300 packets arrives in order',
      Array.from({ length: 300 }, () => randomBytes(1000)),
    ),
    relays(
      'uneven',
      'chunks may differ in size',
      [1, 4000, 7, 512, 3900, 2].map((size) => randomBytes(size)),
    ),
    relays('zeros', 'a file of zero bytes arrives', [Buffer.alloc(2000)]),
    relays('text', 'a file that looks like texts of the server arrives', [
      Buffer.from('*** a left the chat ***\n[DM from x]: y\n/quit'),
    ]),
    relays('size-plus', 'a size with a plus sign is read', [randomBytes(5)], '+5'),
    relays('size-zeros', 'a size with leading zeros is read', [randomBytes(5)], '05'),
    relays('empty-chunk', 'an empty chunk harms nothing', [randomBytes(5), Buffer.alloc(0), randomBytes(5)]),
    badSize('zero', '0'),
    badSize('negative', '-1'),
    badSize('word', 'five'),
    badSize('fraction', '1.5'),
    badSize('hex', '0x10'),
    badSize('empty', ''),
    {
      id: 'four-parts',
      title: 'a FILE_START of four parts is ignored',
      async run(bench) {
        const { sender, recipient } = await begins(bench);
        await sender.sayFile(`FILE_START|a.txt|5|${HASH}`);
        await sender.sayFile('FILE_START|a.txt|5');
        await sender.sayFile('hello');
        await sender.sayFile('FILE_END');
        const starts: string[] = [];
        for (;;) {
          const packet = (await recipient.hearsFile('a packet of the file')).toString();
          if (packet === 'FILE_END') break;
          if (packet.startsWith('FILE_START')) starts.push(packet);
        }
        bench.check('one FILE_START', starts.length === 1, starts);
      },
    },
    {
      id: 'early-chunk',
      title: 'a chunk before FILE_START is relayed',
      async run(bench) {
        const { sender, recipient } = await begins(bench);
        await sender.sayFile('early');
        const packet = await recipient.hearsFile('the chunk "early"');
        bench.check('early', packet.toString() === 'early', packet.toString());
      },
    },
    {
      id: 'no-transfer',
      title: 'file packets that belong to no transfer are ignored',
      async run(bench) {
        const [sender, other] = await bench.logins();
        await sender.sayFile('FILE_START|a.txt|5');
        await sender.sayFile('hello');
        await sender.sayFile('FILE_END');
        await bench.fence(sender, other);
        bench.check('no file packet', other.files.length === 0, other.files.length);
      },
    },
    {
      id: 'before-acceptance',
      title: 'file packets before the acceptance reach nobody',
      async run(bench) {
        const { sender, recipient } = await offers(bench);
        await sender.sayFile('FILE_START|a.txt|5');
        await sender.sayFile('hello');
        await bench.fence(sender, recipient);
        bench.check('no file packet', recipient.files.length === 0, recipient.files.length);
      },
    },
    {
      id: 'private',
      title: 'nobody but the recipient gets a file',
      async run(bench) {
        const third = await bench.login();
        const { sender, recipient } = await begins(bench);
        await sender.sayFile('FILE_START|a.txt|5');
        await sender.sayFile('hello');
        await sender.sayFile('FILE_END');
        await recipient.hears(RECEIVED);
        await bench.fence(sender, third);
        bench.check('no file packet', third.files.length === 0, third.files.length);
      },
    },
    {
      id: 'sender-gone',
      title: 'the recipient is told that the sender is gone',
      async run(bench) {
        const { sender, recipient } = await begins(bench);
        sender.wire.reset();
        await recipient.hears('*** File transfer cancelled: sender disconnected ***');
      },
    },
    {
      id: 'recipient-gone',
      title: 'the sender is told that the recipient is gone',
      async run(bench) {
        const { sender, recipient } = await begins(bench);
        recipient.wire.reset();
        await sender.hears('*** File transfer cancelled: recipient disconnected ***');
      },
    },
    {
      id: 'both-ways',
      title: 'two users send each other files at the same time',
      async run(bench) {
        const { sender: one, recipient: two } = await begins(bench);
        await two.say(`/file ${one.userName} b.txt ${HASH}`);
        const offer = await one.hears(holding('*** FILE TRANSFER REQUEST ***'));
        const id = /Transfer ID: (\S+)/.exec(offer)?.[1] ?? '';
        await one.say(`/accept ${id}`);
        await two.hears({ shown: 'BEGIN_SEND', test: (text) => text.startsWith('BEGIN_SEND|') });
        for (const user of [one, two]) {
          await user.sayFile('FILE_START|x|5');
          await user.sayFile(user === one ? 'first' : 'other');
          await user.sayFile('FILE_END');
        }
        await one.hears(RECEIVED);
        await two.hears(RECEIVED);
        const seen = [one, two].map((user) => user.files[1]?.toString());
        bench.checkSame(['other', 'first'], seen);
      },
    },
    {
      id: 'texts-meanwhile',
      title: 'texts get through while a file is sent',
      async run(bench) {
        const { sender, recipient } = await begins(bench);
        await sender.sayFile('FILE_START|a.txt|1000');
        await sender.sayFile(Buffer.alloc(500, 'x'));
        await bench.works(sender);
        await bench.works(recipient);
        await sender.sayFile(Buffer.alloc(500, 'y'));
        await sender.sayFile('FILE_END');
        await recipient.hears(RECEIVED);
      },
    },
    {
      id: 'early-end',
      title: 'an early FILE_END ends the transfer',
      async run(bench) {
        const { sender, recipient } = await begins(bench);
        await sender.sayFile('FILE_START|a.txt|1000');
        await sender.sayFile('short');
        await sender.sayFile('FILE_END');
        await sender.hears(SENT);
        await recipient.hears(RECEIVED);
      },
    },
  ],
};
