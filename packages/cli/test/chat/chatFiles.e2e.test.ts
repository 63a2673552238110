import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { FileTransferError, type FileOffer } from 'quietroom-connector';
import { terminalSkip } from '../harness/terminal.js';
import { ChatScene } from './chatScene.js';

suite('files in quietroom chat', { skip: terminalSkip }, () => {
  const content = randomBytes(2_000_000);

  test('a file is offered, sent and told of, with a bar while it moves', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await writeFile(join(scene.folder.path, 'my report.pdf'), content);
    const received: Promise<Buffer | undefined>[] = [];
    bob.connector.onFileOffer((offer) => {
      received.push(offer.accept({ memory: true }).then(({ data }) => data));
    });
    await alice.enter('/msg bob');
    await alice.type('/send my');
    await alice.press('Tab', 'Enter');
    await alice.until(/↑ File 1: my report\.pdf \(2\.0 MB\) has\s+│?\s*arrived/);
    const [data] = await Promise.all(received);
    assert.ok(data?.equals(content));
    assert.match(await alice.raw(), / % {2}[\d.]+ \w*B of 2\.0 MB/);
  });

  test('an offer is accepted into the folder for downloads, or declined', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat(['--downloads', 'got']);
    await using bob = await scene.person('bob');
    const sent = bob.connector.sendFile('alice', content, { name: '../../report.pdf' });
    await alice.until(/● bob +1 /);
    await alice.press('M-a');
    await alice.until(/↓ File 1: \S*report\.pdf is offered\./);
    await alice.enter('/accept');
    await sent;
    await alice.until(/↓ File 1: \S*report\.pdf \(2\.0 MB\) is saved/);
    const downloads = join(scene.folder.path, 'got');
    const [name = '', ...others] = await readdir(downloads);
    assert.deepEqual(others, []);
    assert.ok((await readFile(join(downloads, name))).equals(content));

    const refused = bob.connector.sendFile('alice', Buffer.from('x'), { name: 'x.txt' });
    const why = refused.then(
      () => undefined,
      (error: unknown) => error,
    );
    await alice.until('File 2: x.txt is offered.');
    await alice.enter('/decline 2');
    await alice.until('File 2: x.txt was declined');
    const error = await why;
    assert.ok(error instanceof FileTransferError);
    assert.equal(error.code, 'FILE_DECLINED');
    assert.deepEqual(await readdir(downloads), [name]);
  });

  test('an offer of ours is taken back, and one of a file that is not there is not made', async () => {
    await using scene = await ChatScene.begin();
    await using alice = await scene.chat();
    await using bob = await scene.person('bob');
    await writeFile(join(scene.folder.path, 'a.txt'), 'hello');
    const offers: FileOffer[] = [];
    bob.connector.onFileOffer((offer) => void offers.push(offer));
    await alice.enter('/msg bob');
    await alice.enter('/send a.txt');
    await alice.until('File 1: a.txt (5 B) is offered; /cancel 1');
    await alice.enter('/cancel 1');
    await alice.until('File 1: a.txt (5 B) failed. It was cancelled.');
    await assert.rejects(async () => {
      await offers[0]?.accept({ memory: true });
    }, FileTransferError);
    await alice.enter('/send missing.txt');
    await alice.until('File 2: missing.txt failed.');
  });
});
