import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { firstIdentity, ScriptedPeer, secondIdentity } from '@quietroom/testing';
import { appendPin } from '#src/pin/appendPin.js';
import { wordPairs } from '#src/pin/fingerprint.js';
import { BAD_PIN_FILES, FIRST_FINGERPRINT, SECOND_FINGERPRINT } from './pins.js';
import { assertOneLine, Folder, type Outcome } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';

interface Shown {
  readonly fingerprint: string;
  readonly pairs: readonly string[];
}

interface ShownAsJson {
  readonly v: number;
  readonly file: string;
  readonly certificates: readonly Shown[];
  readonly server: { readonly certificate: Shown; readonly placeInFile: number | null };
}

interface ComparedAsJson {
  readonly same: boolean;
  readonly expected: readonly string[];
  readonly presented: Shown;
}

/** A peer that does TLS and no more, and a folder that has its certificate pinned. */
class Scene implements AsyncDisposable {
  readonly folder: Folder;
  readonly peer: ScriptedPeer;

  private constructor(folder: Folder, peer: ScriptedPeer) {
    this.folder = folder;
    this.peer = peer;
  }

  static async begin(identity = firstIdentity): Promise<Scene> {
    const folder = await Folder.make();
    await folder.write('chat_public.pem', firstIdentity.certPem);
    return new Scene(folder, await ScriptedPeer.start((connection) => connection.secure(), { identity }));
  }

  get server(): string {
    return `127.0.0.1:${this.peer.port}`;
  }

  run(...args: string[]): Promise<Outcome> {
    return runHere(['pin', ...args], { cwd: this.folder.path });
  }

  /** As `run`, with the options that lead to the peer. */
  live(...args: string[]): Promise<Outcome> {
    return this.run(...args, '--host', '127.0.0.1', '--port', `${this.peer.port}`);
  }

  read(name = 'chat_public.pem'): Promise<string> {
    return readFile(join(this.folder.path, name), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer.close();
    await this.folder[Symbol.asyncDispose]();
  }
}

suite('quietroom pin show', () => {
  test('shows each certificate of a file, with its fingerprint and its pairs of words', async () => {
    await using scene = await Scene.begin();
    await scene.folder.write('two.pem', firstIdentity.certPem + secondIdentity.certPem);
    const { code, stdout, stderr } = await scene.run('show', 'two.pem');
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^two\.pem, certificate 1 of 2\n {2}subject {2}O=Private Chat, CN=Self-Hosted Chat Server\n {2}key {6}RSA 2048\n {2}valid {4}\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\n/,
    );
    const shown = stdout.replaceAll(/\n +/g, ':');
    for (const fingerprint of [FIRST_FINGERPRINT, SECOND_FINGERPRINT]) {
      assert.ok(shown.includes(`SHA-256  ${fingerprint}`), stdout);
      for (const pair of wordPairs(fingerprint)) assert.ok(stdout.includes(`  ${pair}`), pair);
    }
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 80),
      stdout,
    );
  });

  test('shows what a server presents and whether it is pinned, and sends nothing to it', async () => {
    await using scene = await Scene.begin();
    const same = await scene.live('show', '--live');
    assert.match(same.stdout, new RegExp(`^${scene.server}, by TLS 1\\.3\n`));
    assert.match(same.stdout, /\nIt is pinned: certificate 1 of 1 in chat_public\.pem\.\n$/);
    const { stdout, code } = await scene.live(
      'show',
      '--live',
      await scene.folder.write('other.pem', secondIdentity.certPem),
    );
    assert.match(stdout, /other\.pem, certificate 1 of 1\n/);
    assert.match(stdout, /\nIt is not pinned: .*other\.pem holds another certificate\.\n$/);
    assert.equal(code, 0);
    const none = await scene.live('show', '--live', '--cert', 'none.pem');
    assert.match(none.stdout, /\nThere is no file none\.pem to compare it with\.\n$/);
    assert.equal(scene.peer.connections.length, 3);
    for (const connection of scene.peer.connections) assert.equal(connection.plaintextBytes, 0);
  });

  test('says the same as JSON', async () => {
    await using scene = await Scene.begin(secondIdentity);
    const { stdout } = await scene.live('show', '--live', '--json');
    const { v, file, certificates, server }: ShownAsJson = JSON.parse(stdout);
    assert.deepEqual({ v, file }, { v: 1, file: 'chat_public.pem' });
    assert.deepEqual(
      certificates.map(({ fingerprint }) => fingerprint),
      [FIRST_FINGERPRINT],
    );
    assert.equal(server.certificate.fingerprint, SECOND_FINGERPRINT);
    assert.deepEqual(server.certificate.pairs, wordPairs(SECOND_FINGERPRINT));
    assert.equal(server.placeInFile, null);
  });

  test('warns of a private key beside the certificate', async () => {
    await using scene = await Scene.begin();
    await scene.folder.write('both.pem', firstIdentity.keyPem + firstIdentity.certPem);
    const { stdout, code } = await scene.run('show', 'both.pem');
    assert.match(stdout, /both\.pem also holds a private key: that is the server's secret/);
    assert.ok(!stdout.includes('BEGIN'));
    assert.equal(code, 0);
  });

  for (const { problem, bytes, says } of BAD_PIN_FILES) {
    test(`says what is wrong with a file that is ${problem}`, async () => {
      await using scene = await Scene.begin();
      await scene.folder.write('bad.pem', bytes);
      const { code, stderr } = await scene.run('show', 'bad.pem');
      assertOneLine(stderr, says);
      assert.equal(code, 1);
    });
  }

  test('says that there is no file, or a folder in its place', async () => {
    await using scene = await Scene.begin();
    assertOneLine((await scene.run('show', 'none.pem')).stderr, /"none\.pem": There is no such file\. Copy/);
    assertOneLine((await scene.run('show', '.')).stderr, /It cannot be read \(EISDIR\)/);
  });
});

suite('quietroom pin verify', () => {
  test('ends with 0 when the server presents a certificate of the file', async () => {
    await using scene = await Scene.begin(secondIdentity);
    await scene.folder.write('two.pem', firstIdentity.certPem + secondIdentity.certPem);
    const { code, stdout } = await scene.live('verify', 'two.pem');
    assert.equal(stdout, `${scene.server} presents the certificate of two.pem.\n`);
    assert.equal(code, 0);
  });

  test('ends with 4 and both fingerprints when it presents another', async () => {
    await using scene = await Scene.begin(secondIdentity);
    const { code, stdout, stderr } = await scene.live('verify');
    assert.ok(stderr.includes(`expected:  ${FIRST_FINGERPRINT}\n`), stderr);
    assert.ok(stderr.includes(`presented: ${SECOND_FINGERPRINT}\n`), stderr);
    assert.equal(stdout, '');
    assert.equal(code, 4);
  });

  test('compares with a fingerprint, or its words, without any file', async () => {
    await using scene = await Scene.begin();
    const words = wordPairs(FIRST_FINGERPRINT).join(' ');
    const same = await scene.live('verify', 'none.pem', '--fingerprint', words);
    assert.equal(same.stdout, `${scene.server} presents the certificate of this fingerprint.\n`);
    assert.equal(same.code, 0);
    assert.equal((await scene.live('verify', '--fingerprint', SECOND_FINGERPRINT)).code, 4);
    const bad = await scene.live('verify', '--fingerprint', 'AB:CD');
    assertOneLine(bad.stderr, /it has 4 hexadecimal digits/);
    assert.equal(bad.code, 2);
  });

  test('says the same as JSON, with the same exit codes', async () => {
    await using scene = await Scene.begin();
    const { stdout, code } = await scene.live('verify', '--json', '--fingerprint', SECOND_FINGERPRINT);
    const { same, expected, presented }: ComparedAsJson = JSON.parse(stdout);
    assert.deepEqual({ same, expected }, { same: false, expected: [SECOND_FINGERPRINT] });
    assert.equal(presented.fingerprint, FIRST_FINGERPRINT);
    assert.equal(code, 4);
  });

  test('ends with 3 when nothing listens, or what listens does not do TLS 1.3', async () => {
    await using scene = await Scene.begin();
    await using old = await ScriptedPeer.start((connection) => connection.secure(), {
      tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
    });
    await using plain = await PlainServer.listen('HTTP/1.1 400 Bad Request\r\n\r\n');
    await using rude = await PlainServer.listen('');
    const gone = await PlainServer.listen('');
    await gone[Symbol.asyncDispose]();
    const cases = [
      { port: old.port, says: /speaks no TLS 1\.3, as QuietRoom servers do/ },
      { port: plain.port, says: /does not speak TLS/ },
      { port: rude.port, says: /closed the connection instead of answering/ },
      { port: gone.port, says: /Nothing listens on 127\.0\.0\.1/ },
    ];
    for (const { port, says } of cases) {
      const { code, stderr } = await scene.run('verify', '--host', '127.0.0.1', '--port', `${port}`);
      assertOneLine(stderr, says);
      assert.equal(code, 3);
    }
  });
});

suite('quietroom pin add', () => {
  test('makes the file, when the fingerprint is the one that the server presents', async () => {
    await using scene = await Scene.begin();
    const { code, stdout } = await scene.live('add', 'new.pem', '--fingerprint', FIRST_FINGERPRINT);
    assert.equal(stdout, `Added the certificate of ${scene.server} to new.pem, which is new.\n`);
    assert.equal(code, 0);
    assert.equal(await scene.read('new.pem'), firstIdentity.certPem);
    assert.equal((await scene.live('verify', 'new.pem')).code, 0);
  });

  test('keeps what the file holds, to the byte, and its permissions', async () => {
    await using scene = await Scene.begin(secondIdentity);
    const before = `# the old one\n${firstIdentity.certPem}`;
    await chmod(await scene.folder.write('chat_public.pem', before), 0o640);
    const { stdout } = await scene.live('add', '--fingerprint', SECOND_FINGERPRINT);
    assert.match(stdout, /^Added the certificate of \S+ to chat_public\.pem, which holds 2 now: /);
    assert.equal(await scene.read(), before + secondIdentity.certPem);
    assert.equal((await stat(join(scene.folder.path, 'chat_public.pem'))).mode & 0o777, 0o640);
    assert.deepEqual(await readdir(scene.folder.path), ['chat_public.pem']);
  });

  test('does not add the same twice', async () => {
    await using scene = await Scene.begin();
    const { code, stdout } = await scene.live('add', '--fingerprint', FIRST_FINGERPRINT);
    assert.match(stdout, /holds the certificate of \S+ already; nothing was changed\.\n$/);
    assert.equal(code, 0);
    assert.equal(await scene.read(), firstIdentity.certPem);
    const { stdout: json } = await scene.live('add', '--json', '--fingerprint', FIRST_FINGERPRINT);
    const { added }: { added: boolean } = JSON.parse(json);
    assert.equal(added, false);
  });

  test('does not add what somebody else has added in the meantime', async () => {
    await using scene = await Scene.begin();
    const path = join(scene.folder.path, 'chat_public.pem');
    const certificate = new X509Certificate(secondIdentity.certPem);
    assert.equal(await appendPin(path, certificate), 2);
    assert.equal(await appendPin(path, certificate), undefined);
    assert.equal(await scene.read(), firstIdentity.certPem + secondIdentity.certPem);
  });

  test('changes nothing and ends with 4 when the fingerprint is another, even of what is pinned', async () => {
    await using scene = await Scene.begin();
    const { code, stderr } = await scene.live('add', '--fingerprint', SECOND_FINGERPRINT);
    assert.match(stderr, /presents another certificate than the one of this fingerprint; nothing was added/);
    assert.equal(code, 4);
    assert.equal(await scene.read(), firstIdentity.certPem);
  });

  test('without a terminal and a fingerprint it does not even connect', async () => {
    await using scene = await Scene.begin();
    const { code, stderr } = await scene.live('add', 'new.pem');
    assertOneLine(stderr, /only when someone vouches for it: run this on a terminal, or give --fingerprint/);
    assert.equal(code, 2);
    assert.equal(scene.peer.connections.length, 0);
  });

  for (const { problem, bytes, says } of BAD_PIN_FILES.filter((file) => file.problem !== 'empty')) {
    test(`leaves a file alone that is ${problem}`, async () => {
      await using scene = await Scene.begin();
      const path = await scene.folder.write('chat_public.pem', bytes);
      const { code, stderr } = await scene.live('add', '--fingerprint', FIRST_FINGERPRINT);
      assertOneLine(stderr, says);
      assert.equal(code, 1);
      assert.deepEqual(await readFile(path), Buffer.from(bytes));
    });
  }

  test('follows a link to the file, which stays a link', async () => {
    await using scene = await Scene.begin(secondIdentity);
    const link = join(scene.folder.path, 'link.pem');
    await symlink('chat_public.pem', link);
    await scene.live('add', 'link.pem', '--fingerprint', SECOND_FINGERPRINT);
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.equal(await scene.read(), firstIdentity.certPem + secondIdentity.certPem);
  });

  test('says so when it cannot write, and leaves nothing behind', async () => {
    await using scene = await Scene.begin();
    const missing = await scene.live('add', 'no/such.pem', '--fingerprint', FIRST_FINGERPRINT);
    assertOneLine(missing.stderr, /"no\/such\.pem" cannot be written \(ENOENT\); nothing was changed/);
    assert.equal(missing.code, 1);
    await mkdir(join(scene.folder.path, 'folder'));
    const folder = await scene.live('add', 'folder', '--fingerprint', FIRST_FINGERPRINT);
    assertOneLine(folder.stderr, /It cannot be read \(EISDIR\)/);
    assert.deepEqual(await readdir(scene.folder.path), ['chat_public.pem', 'folder']);
  });
});

/** Says one thing to each who connects, as soon as they have said something, and closes. */
class PlainServer implements AsyncDisposable {
  readonly #server = createServer();
  port = 0;

  static async listen(text: string): Promise<PlainServer> {
    const plain = new PlainServer();
    plain.#server.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(text));
    });
    await new Promise<void>((resolve) => {
      plain.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = plain.#server.address();
    assert.ok(typeof address === 'object' && address !== null);
    plain.port = address.port;
    return plain;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
