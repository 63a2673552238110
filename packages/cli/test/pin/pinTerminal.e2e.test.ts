import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { firstIdentity, ScriptedPeer, secondIdentity } from '@quietroom/testing';
import { wordPairs } from '#src/pin/fingerprint.js';
import { FIRST_FINGERPRINT, SECOND_FINGERPRINT } from './pins.js';
import { Folder } from '../harness/quietroom.js';
import { Terminal, terminalSkip } from '../harness/terminal.js';

/** `quietroom pin add` on a terminal, before a server whose certificate is not pinned yet. */
class Asked implements AsyncDisposable {
  readonly folder: Folder;
  readonly peer: ScriptedPeer;
  readonly terminal: Terminal;
  /** The screen as it asks, with the hidden pair and its number made alike. */
  readonly screen: string;
  /** What the hidden pair is. */
  readonly missing: string;

  private constructor(folder: Folder, peer: ScriptedPeer, terminal: Terminal, rows: readonly string[]) {
    this.folder = folder;
    this.peer = peer;
    this.terminal = terminal;
    const text = rows.join('\n').trimEnd();
    const number = Number(/Pair (\d+), as it is read to you:/.exec(text)?.[1]);
    this.missing = wordPairs(FIRST_FINGERPRINT)[number - 1] ?? '';
    assert.ok(!text.includes(this.missing), text);
    this.screen = text
      .replace(`Pair ${number},`, 'Pair N,')
      .replace('?????', this.missing)
      .replace(`127.0.0.1:${peer.port}`, 'SERVER')
      // The columns are as wide as the widest of the pairs that are shown.
      .replaceAll(/ +/g, ' ');
  }

  static async begin(pinned = ''): Promise<Asked> {
    const folder = await Folder.make();
    if (pinned !== '') await folder.write('chat_public.pem', pinned);
    const peer = await ScriptedPeer.start((connection) => connection.secure());
    const args = ['pin', 'add', '--host', '127.0.0.1', '--port', `${peer.port}`];
    const terminal = await Terminal.quietroom(args, { cwd: folder.path });
    try {
      return new Asked(folder, peer, terminal, await terminal.until('as it is read to you:'));
    } catch (error) {
      await Promise.all([terminal, peer, folder].map((one) => one[Symbol.asyncDispose]()));
      throw error;
    }
  }

  async answer(line: string): Promise<{ code: number | undefined; screen: string }> {
    await this.terminal.enter(line);
    return this.end();
  }

  async end(): Promise<{ code: number | undefined; screen: string }> {
    const { code } = await this.terminal.ended();
    return { code, screen: (await this.terminal.capture()).join('\n') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
    await this.peer.close();
    await this.folder[Symbol.asyncDispose]();
  }
}

const SCREEN = `\
SERVER presents a certificate that is not pinned yet:
   1  unaware gospel   2  chief duck       3  liar tiger
   4  task success     5  pair brand       6  mother pave
   7  omit matrix      8  pear naive       9  economy escape
  10  fly boost       11  mom party       12  sausage review
Have them read to you at the server, from "quietroom pin show chat_public.pem"
in its folder. If all are the same, type the one that is missing here; or paste
the whole fingerprint from there. An empty line stops.
Pair N, as it is read to you:`;

suite('quietroom pin add on a terminal', { skip: terminalSkip }, () => {
  test('shows all pairs but one, and adds the certificate when that one is typed', async () => {
    await using asked = await Asked.begin();
    assert.equal(asked.screen, SCREEN.replaceAll(/ +/g, ' '));
    assert.deepEqual(await readdir(asked.folder.path), []);
    const { code, screen } = await asked.answer(` ${asked.missing.toUpperCase()}`);
    assert.match(screen, /^Added the certificate of 127\.0\.0\.1:\d+ to chat_public\.pem, which is new\.$/m);
    assert.equal(code, 0);
    assert.equal(await readFile(join(asked.folder.path, 'chat_public.pem'), 'utf8'), firstIdentity.certPem);
  });

  test('takes the whole fingerprint as openssl writes it at the server, after a slip', async () => {
    await using asked = await Asked.begin(secondIdentity.certPem);
    await asked.terminal.enter('yes');
    await asked.terminal.untilScreen(
      'it asks again',
      (rows) => rows.filter((row) => row.startsWith('Pair ')).length === 2,
    );
    await asked.terminal.until(/"yes" is not pair \d+ of the certificate presented here\. Compare again:/);
    await asked.terminal.paste(`sha256 Fingerprint=${FIRST_FINGERPRINT}`);
    await asked.terminal.press('Enter');
    const { code, screen } = await asked.end();
    assert.match(screen, /which holds 2 now/);
    assert.equal(code, 0);
  });

  test('adds nothing and ends with 4 when what is read differs', async () => {
    await using asked = await Asked.begin(secondIdentity.certPem);
    for (const answer of ['zoo zoo', SECOND_FINGERPRINT]) await asked.terminal.enter(answer);
    const { code, screen } = await asked.answer('yes');
    assert.match(screen, /That is not what 127\.0\.0\.1:\d+ presents, and nothing was added\./);
    assert.equal(code, 4);
    assert.equal(await readFile(join(asked.folder.path, 'chat_public.pem'), 'utf8'), secondIdentity.certPem);
  });

  for (const key of ['Enter', 'C-c', 'C-d']) {
    test(`adds nothing when ${key} is pressed`, async () => {
      await using asked = await Asked.begin();
      await asked.terminal.press(key);
      const { code, screen } = await asked.end();
      assert.match(screen, /quietroom: Nothing was added\.$/m);
      assert.equal(code, 1);
      assert.deepEqual(await readdir(asked.folder.path), []);
    });
  }
});
