import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { BOB } from '@quietroom/testing/chat';
import { Notifier, notification, windowTitle } from '#src/chat/terminal/notifier.js';
import { markedSpans, marksOf } from '#src/chat/view/marks.js';
import { styled } from '#src/chat/view/style.js';

const HOSTILE = 'x\x1b]0;pwned\x07\u009c\n;y';

function sent(sequence: 'none' | 'osc9' | 'osc777' | 'osc99', text: string, isBellOn = false): string {
  let written = '';
  const write = (one: string): void => void (written += one);
  new Notifier({ write, sequence, command: undefined, now: () => 0 }).notify(
    { place: BOB, sender: 'bob', text },
    isBellOn,
  );
  return written;
}

suite('Notifier', () => {
  test('each sequence holds sender and text', () => {
    assert.equal(sent('osc9', 'hi'), '\x1b]9;bob: hi\x1b\\');
    assert.equal(sent('osc777', 'hi'), '\x1b]777;notify;bob;hi\x1b\\');
    assert.equal(sent('osc99', 'hi'), '\x1b]99;i=quietroom:d=0;bob\x1b\\\x1b]99;i=quietroom:p=body;hi\x1b\\');
    assert.equal(sent('none', 'hi'), '');
  });

  for (const sequence of ['osc9', 'osc777', 'osc99'] as const) {
    test(`nothing of others controls the terminal by ${sequence}`, () => {
      const inner = sent(sequence, HOSTILE)
        .split('\x1b\\')
        .map((part) => part.replace('\x1b]', ''));
      assert.doesNotMatch(inner.join(''), /\p{Cc}/u);
    });
  }

  test('a semicolon in the title does not end it', () => {
    assert.equal(notification('osc777', 'a;b', 'c'), '\x1b]777;notify;a,b;c\x1b\\');
  });

  test('the bell rings once for calls close together, and only when it is on', () => {
    let now = 0;
    let written = '';
    const notifier = new Notifier({
      write: (text) => void (written += text),
      sequence: 'none',
      command: undefined,
      now: () => now,
    });
    const call = { place: BOB, sender: 'bob', text: 'x' };
    notifier.notify(call, false);
    assert.equal(written, '');
    notifier.notify(call, true);
    notifier.notify(call, true);
    now = 1000;
    notifier.notify(call, true);
    assert.equal(written, '\x07\x07');
  });

  test('the title of the window has the unread count, and no control characters', () => {
    assert.equal(windowTitle(3, '#ops'), '\x1b]2;(3) #ops - QuietRoom\x1b\\');
    assert.doesNotMatch(windowTitle(0, HOSTILE).slice(4, -2), /\p{Cc}/u);
  });
});

suite('marks in texts', () => {
  const styles = { hit: { inverse: true }, word: { bold: true } };
  const none = { words: [], search: '' };

  test('mark hits, words and addresses, each once', () => {
    const line = 'alice: see https://a.example/alice.';
    const marks = marksOf(line, { words: ['alice'], search: 'see' }, styles);
    assert.deepEqual(
      marks.map(({ start, end }) => line.slice(start, end)),
      ['alice', 'see', 'alice'],
    );
    const [address] = marksOf(line, none, styles);
    assert.deepEqual(address?.style.link, 'https://a.example/alice');
  });

  test('a link holds printable ASCII only', () => {
    for (const address of ['https://a.example/ü\u202e', 'https://a.example/\\x1b]0;x', 'https://[bad']) {
      for (const { style } of marksOf(address, none, styles)) assert.match(style.link ?? '', /^[!-~]+$/);
    }
  });

  test('a link over two rows leads to the whole address from both', () => {
    const line = 'see https://a.example/long';
    const marks = marksOf(line, none, styles);
    const rows = [line.slice(0, 10), line.slice(10)];
    const links = rows.flatMap((row, index) => markedSpans(row, index * 10, marks, {}));
    assert.equal(links.map(({ text }) => text).join(''), line);
    assert.deepEqual(
      links.map(({ style }) => style.link),
      [undefined, 'https://a.example/long', 'https://a.example/long'],
    );
    assert.equal(
      styled({ text: 'x', style: { link: 'https://a.example' } }),
      '\x1b]8;;https://a.example\x1b\\x\x1b]8;;\x1b\\',
    );
  });
});
