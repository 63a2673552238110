import assert from 'node:assert/strict';
import { File } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  createReadStream,
  openAsBlob,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { getEventListeners, once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FileTransferError } from 'quietroom-connector';
import {
  openSource,
  type FileSource,
  type OpenedSource,
  type SourceOptions,
} from '#src/files/source/fileSource.js';
import { RegularFile } from '#src/files/source/regularFile.js';
import { openIn, scratchFolder } from '../scratchFolder.js';

/** Not a multiple of anything. */
const BYTES = randomBytes(700_001);
const SHA256 = sha256Of(BYTES);

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* pieces(bytes: Uint8Array, length = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** A path to a file of its own with these bytes. */
function fileOf(t: TestContext, bytes: Uint8Array = BYTES, name = 'a file.bin'): string {
  const path = join(scratchFolder(t), name);
  writeFileSync(path, bytes);
  return path;
}

interface Kind {
  readonly kind: string;
  readonly make: (t: TestContext, bytes: Uint8Array) => Promise<FileSource> | FileSource;
  readonly name: string;
  /** What has to be said of it, besides. */
  readonly given: (bytes: Uint8Array) => SourceOptions;
}

const nothing = (): SourceOptions => ({});
const sizeOf = ({ length: size }: Uint8Array): SourceOptions => ({ size });
const sizeAndHash = (bytes: Uint8Array): SourceOptions => ({ size: bytes.length, sha256: sha256Of(bytes) });

const KINDS: Kind[] = [
  { kind: 'a path', make: (t, bytes) => fileOf(t, bytes), name: 'a file.bin', given: nothing },
  {
    kind: 'a file: URL',
    make: (t, bytes) => pathToFileURL(fileOf(t, bytes)),
    name: 'a file.bin',
    given: nothing,
  },
  { kind: 'a Buffer', make: (_t, bytes) => Buffer.from(bytes), name: 'file', given: nothing },
  { kind: 'a Uint8Array', make: (_t, bytes) => new Uint8Array(bytes), name: 'file', given: nothing },
  { kind: 'a Blob', make: (_t, bytes) => new Blob([bytes]), name: 'file', given: nothing },
  {
    kind: 'a Blob of a file',
    make: (t, bytes) => openAsBlob(fileOf(t, bytes)),
    name: 'file',
    given: nothing,
  },
  { kind: 'a function', make: (_t, bytes) => () => pieces(bytes), name: 'file', given: sizeOf },
  { kind: 'an iterable', make: (_t, bytes) => pieces(bytes), name: 'file', given: sizeAndHash },
  {
    kind: 'a readable stream',
    make: (_t, bytes) => Readable.from([bytes]),
    name: 'file',
    given: sizeAndHash,
  },
];

async function readAll(source: OpenedSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read()) {
    assert.ok(chunk.length > 0 && chunk.length <= 256 * 1024);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

for (const { kind, make, name, given } of KINDS) {
  test(`What ${kind} holds is read, with its size and hash`, async (t) => {
    const opened = await openSource(await make(t, BYTES), given(BYTES));
    assert.deepEqual([opened.originalName, opened.size, opened.sha256], [name, BYTES.length, SHA256]);
    // Chunks are kept until the end: none is used again.
    assert.deepEqual(await readAll(opened), BYTES);
    await opened.close();
  });

  test(`An empty file is refused that is given as ${kind}`, async (t) => {
    const empty = new Uint8Array();
    await assert.rejects(openSource(await make(t, empty), given(empty)), { code: 'FILE_EMPTY' });
  });

  for (const size of [BYTES.length - 1, BYTES.length + 1]) {
    test(`A size that is wrong by one is found out, of ${kind} (${size})`, async (t) => {
      const source = await make(t, BYTES);
      await assert.rejects(
        async () => {
          const opened = await openSource(source, { ...given(BYTES), size });
          let bytes = 0;
          for await (const chunk of opened.read()) bytes += chunk.length;
          assert.fail(`${bytes} bytes passed`);
        },
        { code: 'FILE_CHANGED' },
      );
    });
  }

  test(`A hash that is wrong is found out before the end, of ${kind}`, async (t) => {
    const sha256 = sha256Of(Buffer.from('something else')).toUpperCase();
    const opened = await openSource(await make(t, BYTES), { ...given(BYTES), size: BYTES.length, sha256 });
    assert.equal(opened.sha256, sha256.toLowerCase());
    await assert.rejects(readAll(opened), { code: 'FILE_CHANGED' });
    await opened.close();
  });

  test(`A name that is given goes before that of ${kind}`, async (t) => {
    const opened = await openSource(await make(t, BYTES), { ...given(BYTES), name: 'b/c' });
    assert.equal(opened.originalName, 'b/c');
    await opened.close();
  });
}

test('A File has its own name', async () => {
  const opened = await openSource(new File([BYTES], 'photo.jpg'), {});
  assert.equal(opened.originalName, 'photo.jpg');
});

test('Progress of the hash is reported to the last byte', async (t) => {
  const told: number[] = [];
  await openSource(BYTES, {}, { onHashed: (bytes) => told.push(bytes) });
  assert.deepEqual(told, [262_144, 524_288, BYTES.length]);
  const path = fileOf(t);
  const opened = await openSource(
    path,
    { sha256: SHA256 },
    { onHashed: () => assert.fail('nothing is hashed') },
  );
  await opened.close();
});

test('Memory is hashed with pauses', async () => {
  let turns = 0;
  const turn = (): void => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await openSource(BYTES, {});
  clearImmediate(next);
  assert.ok(turns >= 2);
});

test('A function is asked once for each pass, and once in all when the hash is given', async () => {
  let asked = 0;
  const source = (): AsyncIterable<Uint8Array> => {
    asked++;
    return pieces(BYTES);
  };
  await readAll(await openSource(source, { size: BYTES.length }));
  assert.equal(asked, 2);
  await readAll(await openSource(source, { size: BYTES.length, sha256: SHA256 }));
  assert.equal(asked, 3);
});

test('A source is read no further than it is pulled', async () => {
  let given = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces(BYTES)) {
      given++;
      yield piece;
    }
  }
  const opened = await openSource(counted(), { size: BYTES.length, sha256: SHA256 });
  const reader = opened.read();
  await reader.next();
  await reader.next();
  assert.equal(given, 2);
  await reader.return();
});

test('A file is opened once: another under its name is not read', async (t) => {
  const path = fileOf(t);
  const opened = await openSource(path, {});
  unlinkSync(path);
  writeFileSync(path, 'another');
  assert.deepEqual(await readAll(opened), BYTES);
  await opened.close();
});

const CHANGES: { change: string; make: (path: string) => void }[] = [
  { change: 'grows', make: (path) => appendFileSync(path, 'x') },
  { change: 'shrinks', make: (path) => truncateSync(path, BYTES.length - 1) },
  { change: 'is emptied', make: (path) => truncateSync(path, 0) },
  { change: 'is written anew', make: (path) => writeFileSync(path, Buffer.alloc(BYTES.length)) },
];

for (const { change, make } of CHANGES) {
  for (const between of [true, false]) {
    test(`A file that ${change} ${between ? 'between the passes' : 'while it is sent'} is found out before the end`, async (t) => {
      const path = fileOf(t);
      const opened = await openSource(path, {});
      if (between) make(path);
      const reader = opened.read();
      await assert.rejects(
        async () => {
          await reader.next();
          if (!between) make(path);
          for await (const chunk of reader) assert.ok(chunk.length > 0);
        },
        { code: 'FILE_CHANGED', name: 'FileTransferError' },
      );
      await opened.close();
      assert.deepEqual(openIn(join(path, '..')) ?? [], []);
    });
  }
}

test('Bytes that the caller changes are not sent as if they were the old ones', async () => {
  const bytes = Buffer.from(BYTES);
  const opened = await openSource(bytes, {});
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  await assert.rejects(readAll(opened), { code: 'FILE_CHANGED' });
});

test('A Blob of a file that has changed is found out', async (t) => {
  const path = fileOf(t);
  const opened = await openSource(await openAsBlob(path), {});
  writeFileSync(path, 'shorter');
  await assert.rejects(readAll(opened), (error: Error & { code: string }) => {
    assert.equal(error.code, 'FILE_CHANGED');
    assert.ok(error.cause instanceof Error);
    return true;
  });
});

const REFUSED: { what: string; make: (folder: string) => string; message: RegExp; cause?: string }[] = [
  { what: 'no file', make: (folder) => join(folder, 'none'), message: /check the path/, cause: 'ENOENT' },
  {
    what: 'a path through a file',
    make: (folder) => {
      writeFileSync(join(folder, 'f'), 'x');
      return join(folder, 'f', 'g');
    },
    message: /check the path/,
    cause: 'ENOTDIR',
  },
  { what: 'a folder', make: (folder) => folder, message: /is a folder: pack it/ },
  {
    what: 'a FIFO',
    make: (folder) => {
      execFileSync('mkfifo', [join(folder, 'fifo')]);
      return join(folder, 'fifo');
    },
    message: /no regular file/,
  },
  { what: 'a device', make: () => '/dev/null', message: /no regular file/ },
  {
    what: 'a link that leads nowhere',
    make: (folder) => {
      symlinkSync('nowhere', join(folder, 'link'));
      return join(folder, 'link');
    },
    message: /check the path/,
    cause: 'ENOENT',
  },
];

for (const { what, make, message, cause } of REFUSED) {
  test(
    `A path to ${what} is refused with what to do`,
    { skip: process.platform === 'win32' && 'paths of Unix' },
    async (t) => {
      const folder = scratchFolder(t);
      const path = make(folder);
      await assert.rejects(openSource(path, {}), (error: Error & { code: string }) => {
        assert.equal(error.code, 'FILE_SOURCE_FAILED');
        assert.match(error.message, message);
        assert.equal(codeOf(error.cause), cause);
        return true;
      });
      assert.deepEqual(openIn(folder) ?? [], []);
    },
  );
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

test('A link to a file is followed', async (t) => {
  const path = fileOf(t);
  symlinkSync(path, `${path}.link`);
  const opened = await openSource(`${path}.link`, {});
  assert.equal(opened.originalName, 'a file.bin.link');
  assert.deepEqual(await readAll(opened), BYTES);
  await opened.close();
});

const broken = new Error('broken');

function fails(error: Error, cause: unknown): true {
  assert.ok(error instanceof FileTransferError);
  assert.equal(error.code, 'FILE_SOURCE_FAILED');
  assert.equal(error.cause, cause);
  return true;
}

const FAILING: { what: string; source: () => AsyncIterable<Uint8Array>; cause: unknown }[] = [
  {
    what: 'throws when it is called',
    source: () => {
      throw broken;
    },
    cause: broken,
  },
  {
    what: 'fails in the middle',
    source: async function* () {
      yield new Uint8Array(10);
      throw broken;
    },
    cause: broken,
  },
  {
    what: 'gives texts',
    // The types forbid it; JavaScript does not.
    source: () => Readable.from(['text']),
    cause: undefined,
  },
];

for (const { what, source, cause } of FAILING) {
  test(`A function that ${what} is a source that failed`, async () => {
    await assert.rejects(openSource(source, { size: 100 }), (error: Error) => fails(error, cause));
    const opened = await openSource(source, { size: 100, sha256: SHA256 });
    await assert.rejects(readAll(opened), (error: Error) => fails(error, cause));
  });
}

const WRONG: { what: string; source: () => FileSource; options: SourceOptions; error: object }[] = [
  {
    what: 'an iterable without size',
    source: () => pieces(BYTES),
    options: { sha256: SHA256 },
    error: { code: 'OPTION_INVALID' },
  },
  {
    what: 'an iterable without hash',
    source: () => pieces(BYTES),
    options: { size: 1 },
    error: { code: 'OPTION_INVALID' },
  },
  {
    what: 'a function without size',
    source: () => () => pieces(BYTES),
    options: {},
    error: { code: 'OPTION_INVALID' },
  },
  {
    what: 'a hash of 63 digits',
    source: () => BYTES,
    options: { sha256: 'a'.repeat(63) },
    error: { code: 'OPTION_INVALID' },
  },
  {
    what: 'a size of one and a half',
    source: () => BYTES,
    options: { size: 1.5 },
    error: { code: 'OPTION_INVALID' },
  },
  { what: 'a URL of the web', source: () => new URL('https://host/x'), options: {}, error: TypeError },
  // The types forbid it; JavaScript does not.
  { what: 'a number', source: () => 5 as unknown as FileSource, options: {}, error: TypeError },
  { what: 'nothing', source: () => null as unknown as FileSource, options: {}, error: TypeError },
];

for (const { what, source, options, error } of WRONG) {
  test(`What cannot be sent is ${what}`, async () => {
    await assert.rejects(openSource(source(), options), error);
  });
}

const reason = new Error('enough');

test('A signal that is aborted already opens nothing', async (t) => {
  const path = fileOf(t);
  await assert.rejects(openSource(path, {}, { signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(openIn(join(path, '..')) ?? [], []);
});

test('Aborting while the hash is made closes the file', async (t) => {
  const path = fileOf(t);
  const stop = new AbortController();
  const onHashed = (): void => stop.abort(reason);
  await assert.rejects(openSource(path, {}, { signal: stop.signal, onHashed }), reason);
  assert.deepEqual(openIn(join(path, '..')) ?? [], []);
});

test('Aborting right after the call closes the file', async (t) => {
  const path = fileOf(t);
  const stop = new AbortController();
  const opening = openSource(path, {}, { signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(opening, reason);
  assert.deepEqual(openIn(join(path, '..')) ?? [], []);
});

test('Aborting between the passes closes the file', async (t) => {
  const path = fileOf(t);
  const stop = new AbortController();
  const opened = await openSource(path, {}, { signal: stop.signal });
  assert.equal((openIn(join(path, '..')) ?? [path]).length, 1);
  stop.abort(reason);
  await opened.close();
  assert.deepEqual(openIn(join(path, '..')) ?? [], []);
  await assert.rejects(readAll(opened), reason);
});

test('Aborting during a read ends it with the reason', async (t) => {
  const path = fileOf(t);
  const stop = new AbortController();
  const opened = await openSource(path, {}, { signal: stop.signal });
  const reader = opened.read();
  await reader.next();
  const reading = reader.next();
  stop.abort(reason);
  await assert.rejects(reading, reason);
  await opened.close();
  await opened.close();
  assert.deepEqual(openIn(join(path, '..')) ?? [], []);
});

test('Aborting does not wait for an iterable that hangs, and tells it to stop', async () => {
  const stop = new AbortController();
  let returned = 0;
  const hanging: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        stop.abort(reason);
        return new Promise<never>(() => {});
      },
      return: async () => {
        returned++;
        return { done: true, value: undefined };
      },
    }),
  };
  const opened = await openSource(hanging, { size: 5, sha256: SHA256 }, { signal: stop.signal });
  await assert.rejects(readAll(opened), reason);
  assert.equal(returned, 1);
});

test('A source that is closed leaves no listener at the signal', async (t) => {
  const { signal } = new AbortController();
  const opened = await openSource(fileOf(t), {}, { signal });
  await readAll(opened);
  await opened.close();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('A stream that is not read to its end is destroyed', async (t) => {
  const path = fileOf(t);
  const stop = new AbortController();
  const unread = createReadStream(path);
  const aborted = createReadStream(path);
  const given = sizeAndHash(BYTES);
  const closed = Promise.all([once(unread, 'close'), once(aborted, 'close')]);
  const first = await openSource(unread, given);
  await openSource(aborted, given, { signal: stop.signal });
  const web = new ReadableStream<Uint8Array>();
  const third = await openSource(web, given);
  await first.close();
  await third.close();
  stop.abort(reason);
  assert.deepEqual([unread.destroyed, aborted.destroyed], [true, true]);
  await closed;
  assert.deepEqual(await web.getReader().read(), { done: true, value: undefined });
});

test('A stream that fails before it is read does not end the process, and is a source that failed', async (t) => {
  const stream = createReadStream(join(scratchFolder(t), 'none'));
  const opened = await openSource(stream, sizeAndHash(BYTES));
  await new Promise<void>((resolve) => stream.on('close', () => resolve()));
  await assert.rejects(readAll(opened), (error: Error) => {
    assert.equal(codeOf(error.cause), 'ENOENT');
    return fails(error, error.cause);
  });
  await opened.close();
});

test('A second close() waits as long as the first', async (t) => {
  const file = await RegularFile.open(fileOf(t));
  const first = file.close();
  assert.equal(file.close(), first);
  await first;
});
