import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FileTransferError } from 'quietroom-connector';
import {
  openTarget,
  type FileTarget,
  type OpenedTarget,
  type TargetOptions,
} from '#src/files/target/fileTarget.js';
import type { TargetResult } from '#src/files/target/sinks.js';
import { openIn, scratchFolder } from '../scratchFolder.js';

/** More than two pieces of what goes to the disk at once, and a multiple of nothing. */
const BYTES = randomBytes(1_300_003);
const CHUNK_BYTES = 3900;
const NAME = 'my report.pdf';

/** Opens a target for a file of this size. */
async function openFor(
  target: FileTarget,
  options: Partial<TargetOptions>,
  size = BYTES.length,
): Promise<OpenedTarget> {
  const opened = await openTarget(target, { name: NAME, ...options });
  await opened.expect(size);
  return opened;
}

/** Writes the bytes as they come in a transfer, and ends. */
async function receive(target: OpenedTarget, bytes: Uint8Array = BYTES): Promise<TargetResult> {
  await writeAll(target, bytes);
  return target.finish();
}

async function writeAll(target: OpenedTarget, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    await target.write(Buffer.from(bytes.subarray(at, at + CHUNK_BYTES)));
  }
}

interface Place {
  readonly target: FileTarget;
  /** What came, when it is whole. */
  readonly received: (result: TargetResult) => Promise<Uint8Array> | Uint8Array;
  /** Nothing is there, nothing is open, and a stream knows why. */
  readonly assertNothingLeft: (reason: unknown) => Promise<void> | void;
}

interface Kind {
  readonly kind: string;
  readonly make: (t: TestContext) => Place;
}

function onDisk(folder: string, target: FileTarget, path: string): Place {
  return {
    target,
    received: (result) => {
      assert.deepEqual(result, { path });
      assert.deepEqual(readdirSync(folder), [basename(path)]);
      assert.deepEqual(openIn(folder) ?? [], []);
      return readFileSync(path);
    },
    assertNothingLeft: () => {
      assert.deepEqual(readdirSync(folder), []);
      assert.deepEqual(openIn(folder) ?? [], []);
    },
  };
}

/** What a stream of Node was given, with back-pressure at every turn. */
function intoWritable(): Place {
  const chunks: Uint8Array[] = [];
  let failure: unknown;
  const target = new Writable({
    highWaterMark: 10_000,
    write(chunk: Uint8Array, _encoding, done) {
      chunks.push(chunk);
      setImmediate(done);
    },
    destroy(error, done) {
      failure = error;
      done(null);
    },
  });
  return {
    target,
    received: (result) => {
      assert.deepEqual(result, {});
      assert.ok(target.writableFinished);
      return Buffer.concat(chunks);
    },
    assertNothingLeft: (reason) => {
      assert.ok(target.destroyed && !target.writableFinished);
      assert.equal(failure, reason);
    },
  };
}

function intoWebStream(): Place {
  const chunks: Uint8Array[] = [];
  const ends: unknown[] = [];
  const target = new WritableStream<Uint8Array>({
    write: (chunk) => void chunks.push(chunk),
    close: () => void ends.push('closed'),
    abort: (reason: unknown) => void ends.push(reason),
  });
  return {
    target,
    received: (result) => {
      assert.deepEqual([result, ends], [{}, ['closed']]);
      return Buffer.concat(chunks);
    },
    assertNothingLeft: (reason) => assert.deepEqual(ends, [reason]),
  };
}

const KINDS: Kind[] = [
  {
    kind: 'a folder',
    make: (t) => {
      const folder = scratchFolder(t);
      return onDisk(folder, { folder }, join(folder, NAME));
    },
  },
  {
    kind: 'a text that names a folder',
    make: (t) => {
      const folder = scratchFolder(t);
      return onDisk(folder, folder, join(folder, NAME));
    },
  },
  {
    kind: 'a path',
    make: (t) => {
      const folder = scratchFolder(t);
      return onDisk(folder, { path: join(folder, '.x') }, join(folder, '.x'));
    },
  },
  {
    kind: 'a URL of a path',
    make: (t) => {
      const folder = scratchFolder(t);
      return onDisk(folder, pathToFileURL(join(folder, 'a b.pdf')), join(folder, 'a b.pdf'));
    },
  },
  { kind: 'a stream of Node', make: intoWritable },
  { kind: 'a stream of the Web', make: intoWebStream },
  {
    kind: 'memory',
    make: () => ({
      target: { memory: true },
      received: ({ data, path }) => {
        assert.ok(data !== undefined && path === undefined);
        return data;
      },
      assertNothingLeft: () => {},
    }),
  },
];

const reason = new Error('enough');

interface Fault {
  readonly fault: string;
  readonly maxBytes?: number;
  /** Bytes announced. Default: all; `undefined` in an own property: none. */
  readonly size?: number | undefined;
  readonly run: (target: OpenedTarget) => Promise<unknown>;
  /** The code that it fails with; undefined for the reason that it is discarded for. */
  readonly code: string | undefined;
}

const half = BYTES.subarray(0, BYTES.length / 2);

const FAULTS: Fault[] = [
  {
    fault: 'a discard before the first byte',
    run: async (target) => {
      void target.discard(reason);
      await receive(target);
    },
    code: undefined,
  },
  {
    fault: 'a discard in the middle',
    run: async (target) => {
      await writeAll(target, half);
      void target.discard(reason);
      await target.write(half);
    },
    code: undefined,
  },
  {
    fault: 'a discard during a write',
    run: async (target) => {
      const writing = Promise.resolve(target.write(Buffer.alloc(BYTES.length - 1)));
      void target.discard(reason);
      // One that was taken at once has not failed.
      await writing;
      await target.write(Buffer.alloc(1));
    },
    code: undefined,
  },
  {
    fault: 'a discard before the end',
    run: async (target) => {
      await writeAll(target, BYTES);
      void target.discard(reason);
      await target.finish();
    },
    code: undefined,
  },
  { fault: 'an end that comes too soon', run: (target) => receive(target, half), code: 'FILE_TOO_SHORT' },
  {
    fault: 'one byte too much',
    run: async (target) => {
      await writeAll(target, BYTES);
      await target.write(Buffer.alloc(1));
    },
    code: 'FILE_TOO_LONG',
  },
  {
    fault: 'more than the limit, announced',
    size: 1,
    maxBytes: 5,
    run: (target) => target.expect(6),
    code: 'FILE_TOO_LARGE',
  },
  {
    fault: 'more than the limit, not announced',
    size: undefined,
    maxBytes: CHUNK_BYTES * 3 - 1,
    run: (target) => writeAll(target, BYTES),
    code: 'FILE_TOO_LARGE',
  },
  { fault: 'a size that is none', run: (target) => target.expect(NaN), code: 'FILE_TARGET_FAILED' },
  {
    fault: 'an end without a size',
    size: undefined,
    run: (target) => receive(target),
    code: 'FILE_TOO_SHORT',
  },
];

for (const { kind, make } of KINDS) {
  test(`A file arrives whole in ${kind}`, async (t) => {
    const { target, received } = make(t);
    const opened = await openFor(target, {});
    const result = await receive(opened);
    // Too late.
    await assert.rejects(Promise.resolve(opened.write(BYTES)), /finished already/);
    await assert.rejects(opened.finish(), /finished already/);
    await opened.discard();
    assert.deepEqual(await received(result), BYTES);
  });

  test(`A single chunk arrives in ${kind}, and so does one of many pieces`, async (t) => {
    for (const bytes of [BYTES.subarray(0, 1), BYTES]) {
      const { target, received } = make(t);
      const opened = await openFor(target, { maxBytes: bytes.length }, bytes.length);
      await opened.write(bytes);
      assert.deepEqual(Buffer.from(await received(await opened.finish())), bytes);
    }
  });

  for (const { fault, run, code, ...options } of FAULTS) {
    test(`Nothing is left in ${kind} after ${fault}`, async (t) => {
      const { target, assertNothingLeft } = make(t);
      const { size, maxBytes } = { size: BYTES.length, maxBytes: undefined, ...options };
      const opened = await openTarget(target, { name: NAME, maxBytes });
      if (size !== undefined) await opened.expect(size);
      let failure: unknown;
      await assert.rejects(run(opened), (error) => {
        failure = error;
        return true;
      });
      if (code === undefined) assert.equal(failure, reason);
      else assert.equal(codeOf(failure), code);
      // What follows fails alike.
      await assert.rejects(opened.finish(), (error) => error === failure);
      await opened.discard();
      await assertNothingLeft(failure);
    });
  }
}

for (const { kind, make } of KINDS) {
  // Memory is whole at once, and a stream of the Web that is being closed cannot be stopped.
  if (kind === 'memory' || kind === 'a stream of the Web') continue;
  test(`A discard at the beginning of the end leaves nothing in ${kind}`, async (t) => {
    const { target, assertNothingLeft } = make(t);
    const opened = await openFor(target, {});
    await writeAll(opened, BYTES);
    const finishing = opened.finish();
    void opened.discard(reason);
    await assert.rejects(finishing, reason);
    await assertNothingLeft(reason);
  });
}

test('A discard at any moment of the end leaves the file whole, or nothing, as finish() says', async (t) => {
  for (let turns = 0; turns < 40; turns++) {
    const folder = scratchFolder(t);
    const opened = await openFor({ folder }, {}, 5);
    await opened.write(Buffer.alloc(5));
    const finishing = opened.finish().then(
      () => [NAME],
      () => [],
    );
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    void opened.discard(reason);
    const expected = await finishing;
    await opened.discard();
    assert.deepEqual(readdirSync(folder), expected);
  }
});

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function assertFails(run: Promise<unknown>, code: string, cause?: string): Promise<void> {
  await assert.rejects(run, (error: unknown) => {
    assert.ok(error instanceof FileTransferError);
    assert.equal(error.code, code);
    assert.equal(codeOf(error.cause), cause);
    return true;
  });
}

test('What is written is for its owner only, while it comes and afterwards', async (t) => {
  const folder = scratchFolder(t);
  const opened = await openFor(folder, {});
  const [part = ''] = readdirSync(folder);
  assert.match(part, /^quietroom-[0-9a-f]{16}\.part$/);
  assert.equal(statSync(join(folder, part)).mode & 0o777, 0o600);
  await receive(opened);
  assert.equal(statSync(join(folder, NAME)).mode & 0o777, 0o600);
});

test('The name of a peer does not lead out of the folder', async (t) => {
  const folder = join(scratchFolder(t), 'inner');
  mkdirSync(folder);
  const { path } = await receive(await openFor(folder, { name: '../../.bashrc' }));
  assert.equal(path, join(folder, 'bashrc'));
});

for (const [form, targetOf] of [
  ['a text', (folder: string) => `${folder}/`],
  ['a URL', (folder: string) => new URL(`${pathToFileURL(folder).href}/`)],
  ['{ folder }', (folder: string) => ({ folder: `${folder}/` })],
] as const) {
  test(`A folder that is missing is made when ${form} ends with a slash`, async (t) => {
    const folder = join(scratchFolder(t), 'deep', 'incoming');
    // Made for the first file, and there for the second.
    for (const name of [NAME, 'my report (2).pdf']) {
      const { path } = await receive(await openFor(targetOf(folder), {}));
      assert.equal(path, join(folder, name));
    }
  });
}

test('A folder that is missing is an error that says so, and nothing is made', async (t) => {
  const folder = scratchFolder(t);
  for (const target of [join(folder, 'incoming'), { folder: join(folder, 'incoming') }]) {
    await assert.rejects(openFor(target, {}), {
      code: 'FILE_TARGET_FAILED',
      message: /folder .*End the path with "\/"|folder is missing: make it, end its path with "\/"/,
    });
  }
  assert.deepEqual(readdirSync(folder), []);
  const { path } = await receive(await openFor({ path: join(folder, 'incoming') }, {}));
  assert.equal(path, join(folder, 'incoming'));
  await assertFails(openFor(`${path}/`, {}), 'FILE_TARGET_FAILED', 'ENOTDIR');
});

test('Files of the same name get numbers', async (t) => {
  const folder = scratchFolder(t);
  mkdirSync(join(folder, NAME));
  symlinkSync('/nowhere', join(folder, 'my report (2).pdf'));
  const targets = await Promise.all([1, 2].map(() => openFor(folder, {})));
  const results = await Promise.all(targets.map((target) => receive(target)));
  assert.deepEqual(
    new Set(results.map(({ path }) => path)),
    new Set([join(folder, 'my report (3).pdf'), join(folder, 'my report (4).pdf')]),
  );
  assert.equal(readdirSync(folder).length, 4);
  assert.ok(!existsSync('/nowhere'));
});

const IN_THE_WAY: { what: string; make: (path: string) => void }[] = [
  { what: 'a file', make: (path) => writeFileSync(path, 'old') },
  { what: 'a folder', make: (path) => mkdirSync(path) },
  { what: 'a link to a file', make: (path) => symlinkSync(import.meta.filename, path) },
  { what: 'a link that leads nowhere', make: (path) => symlinkSync('nowhere', path) },
];

for (const { what, make } of IN_THE_WAY) {
  test(`A path where there is ${what} is refused at the start`, async (t) => {
    const folder = scratchFolder(t);
    const path = join(folder, 'x');
    make(path);
    await assertFails(openFor({ path }, {}), 'FILE_EXISTS');
    assert.deepEqual(readdirSync(folder), ['x']);
  });

  test(`A path where ${what} comes in the last moment is left alone`, async (t) => {
    const folder = scratchFolder(t);
    const path = join(folder, 'x');
    const opened = await openFor({ path }, {});
    await writeAll(opened, BYTES);
    make(path);
    await assertFails(opened.finish(), 'FILE_EXISTS');
    assert.deepEqual(readdirSync(folder), ['x']);
    assert.deepEqual(openIn(folder) ?? [], []);
    if (what === 'a file') assert.equal(readFileSync(path, 'utf8'), 'old');
  });
}

test('A path that ends in a slash is a folder, never a file', async (t) => {
  const folder = scratchFolder(t);
  await assertFails(openFor({ path: `${join(folder, 'none')}/` }, {}), 'FILE_TARGET_FAILED', 'ENOENT');
  const { path } = await receive(await openFor(`${folder}/`, {}));
  assert.equal(path, join(folder, NAME));
});

test('The folder of a file is not made', async (t) => {
  const folder = join(scratchFolder(t), 'none');
  for (const target of [{ folder }, { path: join(folder, 'x') }, join(folder, 'x.pdf')]) {
    await assertFails(openFor(target, {}), 'FILE_TARGET_FAILED', 'ENOENT');
  }
  assert.ok(!existsSync(folder));
});

test('A file is no folder', async (t) => {
  const file = join(scratchFolder(t), 'x');
  writeFileSync(file, '');
  await assertFails(openFor({ folder: file }, {}), 'FILE_TARGET_FAILED', 'ENOTDIR');
  await assertFails(openFor({ path: join(file, 'y') }, {}), 'FILE_TARGET_FAILED', 'ENOTDIR');
});

for (const finding of ['folder', 'path'] as const) {
  test(`A ${finding} whose folder is removed meanwhile fails, and leaves nothing open`, async (t) => {
    const folder = join(scratchFolder(t), 'inner');
    mkdirSync(folder);
    const target = finding === 'folder' ? { folder } : { path: join(folder, 'x') };
    const opened = await openFor(target, {});
    await writeAll(opened, BYTES);
    rmSync(folder, { recursive: true });
    await assertFails(opened.finish(), 'FILE_TARGET_FAILED', 'ENOENT');
    assert.ok(!existsSync(folder));
    assert.deepEqual(openIn(folder) ?? [], []);
  });
}

test('A part that is removed is an error', async (t) => {
  const folder = scratchFolder(t);
  const opened = await openFor({ folder }, {});
  await writeAll(opened, BYTES);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  await assertFails(opened.finish(), 'FILE_TARGET_FAILED', 'ENOENT');
  assert.deepEqual(readdirSync(folder), []);
});

test('The error of a stream is the cause', async () => {
  const cause = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  for (const highWaterMark of [1, 10_000_000]) {
    const target = new Writable({ highWaterMark, write: (_chunk, _encoding, done) => done(cause) });
    const opened = await openFor(target, {});
    await assertFails(receive(opened), 'FILE_TARGET_FAILED', 'EPIPE');
    assert.ok(target.destroyed);
  }
});

test('A stream that fails between two chunks does not end the process', async () => {
  const target = new PassThrough();
  const opened = await openFor(target, {});
  const closed = once(target, 'close').catch(() => {});
  target.destroy(new Error('gone'));
  await closed;
  await assert.rejects(Promise.resolve(opened.write(BYTES)), {
    code: 'FILE_TARGET_FAILED',
    message: /gone/,
  });
});

test('A stream that is closed by somebody else fails', async () => {
  const target = new Writable({ highWaterMark: 1, write: () => {} });
  const opened = await openFor(target, {});
  const writing = Promise.resolve(opened.write(BYTES));
  target.destroy();
  await assert.rejects(writing, { code: 'FILE_TARGET_FAILED', message: /closed before the end/ });
});

test('A stream that fails at its end is an error', async () => {
  const target = new Writable({
    write: (_chunk, _encoding, done) => done(),
    final: (done) => done(new Error('not flushed')),
  });
  await assert.rejects(receive(await openFor(target, {})), {
    code: 'FILE_TARGET_FAILED',
    message: /not flushed/,
  });
});

test('A stream that is destroyed at its end by somebody else fails', async () => {
  const target = new Writable({
    write: (_chunk, _encoding, done) => done(),
    final: () => void target.destroy(),
  });
  await assert.rejects(receive(await openFor(target, {})), {
    code: 'FILE_TARGET_FAILED',
    message: /closed before the end/,
  });
});

test('An ended stream is refused', async () => {
  const ended = new PassThrough();
  ended.end();
  await assertFails(openFor(ended, {}), 'FILE_TARGET_FAILED');
  const locked = new WritableStream<Uint8Array>();
  locked.getWriter();
  await assertFails(openFor(locked, {}), 'FILE_TARGET_FAILED', 'ERR_INVALID_STATE');
});

test(
  'A full device behind a stream is told',
  { skip: !existsSync('/dev/full') && 'no /dev/full' },
  async () => {
    const target = createWriteStream('/dev/full', { flags: 'r+' });
    await assertFails(receive(await openFor(target, {})), 'FILE_TARGET_FAILED', 'ENOSPC');
  },
);

test('The error of a Web stream is the cause', async () => {
  const cause = Object.assign(new Error('no'), { code: 'EPIPE' });
  const failing: ConstructorParameters<typeof WritableStream<Uint8Array>>[] = [
    [{ write: () => Promise.reject(cause) }],
    [{ write: () => Promise.reject(cause) }, { highWaterMark: 1000 }],
    [{ close: () => Promise.reject(cause) }],
  ];
  for (const [sink, strategy] of failing) {
    const opened = await openFor(new WritableStream(sink, strategy), {});
    await assertFails(receive(opened), 'FILE_TARGET_FAILED', 'EPIPE');
  }
});

const hang = (): Promise<void> => new Promise(() => {});

for (const step of ['write', 'close'] as const) {
  test(`A discard does not wait for a stream that hangs in ${step}`, async () => {
    const ofNode = step === 'write' ? { write: () => {} } : { final: () => {} };
    const targets = [
      new WritableStream<Uint8Array>({ [step]: hang }),
      new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done(), ...ofNode }),
    ];
    for (const target of targets) {
      const opened = await openFor(target, {});
      const receiving = step === 'write' ? Promise.resolve(opened.write(BYTES)) : receive(opened);
      // The hanging call is reached.
      for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve));
      void opened.discard(reason);
      await assert.rejects(receiving, reason);
      await opened.discard();
    }
  });
}

test('Standard output is not ended, nor destroyed', async () => {
  const before = process.stdout.listenerCount('error');
  const opened = await openFor(process.stdout, {}, 1);
  await opened.write(Buffer.from('\n'));
  await opened.finish();
  const failing = await openFor(process.stdout, {});
  await failing.discard(reason);
  assert.ok(!process.stdout.destroyed && !process.stdout.writableEnded);
  assert.equal(process.stdout.listenerCount('error'), before);
});

test('Memory takes 64 MiB by default', async () => {
  const limit = 64 * 1024 * 1024;
  const fits = await openFor({ memory: true }, {}, limit);
  await fits.discard();
  await assertFails(openFor({ memory: true }, {}, limit + 1), 'FILE_TOO_LARGE');
  const allowed = await openFor({ memory: true }, { maxBytes: limit + 1 }, limit + 1);
  await allowed.discard();
});

const WRONG: unknown[] = [
  5,
  null,
  undefined,
  '',
  {},
  { folder: '' },
  { path: 5 },
  { memory: false },
  () => {},
];

for (const target of WRONG) {
  test(`A file cannot go to ${JSON.stringify(target) ?? typeof target}`, async () => {
    // The types forbid it; JavaScript does not.
    await assert.rejects(openFor(target as FileTarget, {}), TypeError);
  });
}

test('An invalid limit is refused', async () => {
  for (const maxBytes of [0, -1, NaN]) {
    await assert.rejects(openFor({ memory: true }, { maxBytes }), { code: 'OPTION_INVALID' });
  }
});
