import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, Running } from '../harness/quietroom.js';
import { Scene } from './scene.js';

test('examples/dice-bot.test.ts, the test in the documentation, passes', async () => {
  const path = fileURLToPath(new URL('../../../../examples/dist/dice-bot.test.js', import.meta.url));
  await using run = new Running(process.execPath, ['--test-reporter=tap', path], {
    env: { NODE_TEST_CONTEXT: undefined },
  });
  const { code, stdout } = await run.ended();
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^# pass 1$/m);
});

test('examples/dice-bot.ts rolls dice, and ends with 0 at Ctrl-C', async () => {
  await using scene = await Scene.begin();
  await using alice = await scene.person('alice', '#games');
  await using bot = scene.run('dice-bot', ['#games']);
  await alice.hearsText(/DiceBot joined #games/);
  await alice.connector.sendRoomMessage('#games', '!roll 2 3');
  await alice.hearsText(/DiceBot: You rolled [12] \+ [12] \+ [12] = [3-6]\.$/);
  bot.signal('SIGINT');
  const { code, stderr } = await bot.ended();
  assert.deepEqual([code, stderr], [0, '']);
});

test('examples/poll-bot.ts counts one vote for each person', async () => {
  await using scene = await Scene.begin();
  await using alice = await scene.person('alice', '#general');
  await using bob = await scene.person('bob', '#general');
  await using bot = scene.run('poll-bot', ['#general']);
  await alice.hearsText(/PollBot joined #general/);
  const say = async (person: typeof alice, text: string, reply: string): Promise<void> => {
    await person.connector.sendRoomMessage('#general', text);
    await alice.reads('#general', `PollBot: ${reply}`);
  };
  await say(bob, '!vote 1', 'There is no poll. Begin one: !poll "Lunch?" pizza soup');
  await say(alice, '!poll "Lunch today?" pizza soup', 'Lunch today? !vote 1 for pizza, !vote 2 for soup');
  await say(alice, '!vote 1', 'alice votes for pizza.');
  await say(alice, '!vote 2', 'alice votes for soup.');
  await say(bob, '!vote 2', 'bob votes for soup.');
  await say(bob, '!vote 3', 'There are 2 choices.');
  await say(bob, '!close', 'Only alice can close it.');
  await say(alice, '!close', 'pizza: 0, soup: 2');
  bot.signal('SIGTERM');
  assert.equal((await bot.ended()).code, 0);
});

test('examples/reminder-bot.ts reminds after the time, also when it was restarted meanwhile', async () => {
  await using scene = await Scene.begin();
  await using alice = await scene.person('alice');
  const options = { cwd: scene.folder.path };
  await using first = scene.run('reminder-bot', [], options);
  await alice.hearsText(/Reminder joined/);
  await alice.connector.sendDm('Reminder', '!remind 1s Tea is ready');
  await alice.hearsText(/I will remind you at/);
  first.signal('SIGKILL');
  await first.ended();
  await using second = scene.run('reminder-bot', [], options);
  await alice.hears('Reminder: Reminder: Tea is ready');
  await eventually('it is forgotten', async () => {
    return (await readFile(`${scene.folder.path}/reminders.json`, 'utf8')) === '[]';
  });
  second.signal('SIGINT');
  assert.equal((await second.ended()).code, 0);
});

test('examples/file-inbox.ts takes files from those who gave the passphrase', async () => {
  await using scene = await Scene.begin();
  await using alice = await scene.person('alice');
  const inbox = `${scene.folder.path}/inbox`;
  await using bot = scene.run('file-inbox', [inbox], { env: { INBOX_PASSPHRASE: 'correct horse battery' } });
  await alice.hearsText(/Inbox joined/);
  await assert.rejects(
    alice.connector.sendFile('Inbox', Buffer.from('hello'), { name: 'a.txt' }),
    /declined/,
  );
  await alice.hears('Inbox: Write !open first, and send the file again.');
  await alice.connector.sendDm('Inbox', '!open');
  await alice.hears('Inbox: Passphrase?');
  await alice.connector.sendDm('Inbox', 'correct horse battery');
  await alice.hears('Inbox: Send your files.');
  await alice.connector.sendFile('Inbox', Buffer.from('hello'), { name: 'a.txt' });
  await alice.hears('Inbox: Got a.txt: 5 bytes.');
  await alice.connector.sendDm('Inbox', '!list');
  await alice.hears('Inbox: a.txt');
  assert.equal(await readFile(`${inbox}/a.txt`, 'utf8'), 'hello');
  bot.signal('SIGINT');
  assert.equal((await bot.ended()).code, 0);
});

const FEEDS = {
  rss: (items: readonly string[]) =>
    `<rss version="2.0"><channel><title>Blog</title>${items
      .map((title) => `<item><title>${title}</title><link>https://blog.example/${title}</link></item>`)
      .join('')}</channel></rss>`,
  atom: (items: readonly string[]) =>
    `<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>${items
      .map((title) => `<entry><title>${title}</title><link href="https://blog.example/${title}"/></entry>`)
      .join('')}</feed>`,
};

for (const [format, feedOf] of Object.entries(FEEDS)) {
  test(`examples/feed-reader.ts posts what is new in an ${format} feed, oldest first`, async () => {
    await using scene = await Scene.begin();
    await using alice = await scene.person('alice', '#news');
    let items = ['one'];
    let requests = 0;
    const feed = createServer((_, response) => {
      requests++;
      response.end(feedOf(items));
    });
    feed.listen(0, '127.0.0.1');
    await once(feed, 'listening');
    const address = feed.address();
    assert.ok(typeof address === 'object' && address !== null);
    await using bot = scene.run('feed-reader', [`http://127.0.0.1:${address.port}/`, '#news', '0.05']);
    await eventually('the feed was read', () => requests >= 2);
    items = ['three', 'two', 'one'];
    await alice.reads('#news', 'News: three https://blog.example/three');
    const posts = alice.texts
      .filter((text) => text.includes('News: '))
      .map((text) => text.replace(/^.*News: /, ''));
    assert.deepEqual(posts, ['two https://blog.example/two', 'three https://blog.example/three']);
    bot.signal('SIGINT');
    assert.equal((await bot.ended()).code, 0);
    feed.closeAllConnections();
    feed.close();
  });
}
