import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { ExitGuard, HINT_MS } from '#src/chat/terminal/exitGuard.js';
import { InputDecoder, type InputEvent, type Key } from '#src/chat/terminal/inputDecoder.js';
import { sizeOf } from '#src/chat/terminal/fullScreen.js';
import { MAX_LENGTH } from '#src/chat/view/textField.js';

function decode(...chunks: readonly string[]): InputEvent[] {
  const decoder = new InputDecoder();
  return [...chunks.flatMap((chunk) => decoder.decode(chunk)), ...decoder.flush()];
}

const KEYS: readonly (readonly [input: string, key: Key])[] = [
  ['\r', { name: 'return' }],
  ['\x1b\r', { name: 'return', meta: true }],
  ['\x7f', { name: 'backspace' }],
  ['\x03', { name: 'c', ctrl: true }],
  ['\x1f', { name: '_', ctrl: true }],
  ['\x1b', { name: 'escape' }],
  ['\x1ba', { name: 'a', meta: true }],
  ['\x1b]', { name: ']', meta: true }],
  ['\x1b[A', { name: 'up' }],
  ['\x1bOA', { name: 'up' }],
  ['\x1b[1;5C', { name: 'right', ctrl: true }],
  ['\x1b[3~', { name: 'delete' }],
  ['\x1b[5~', { name: 'pageup' }],
  ['\x1b[5;5~', { name: 'pageup', ctrl: true }],
  ['\x1b[Z', { name: 'tab', shift: true }],
  ['\x1bOQ', { name: 'f2' }],
  ['\x1b[12~', { name: 'f2' }],
  ['\x1b[27;5;97~', { name: 'a', ctrl: true }],
  ['\x1b[13;3u', { name: 'return', meta: true }],
];

suite('InputDecoder', () => {
  for (const [input, key] of KEYS) {
    test(`reads ${JSON.stringify(input)}, whole and in pieces`, () => {
      assert.deepEqual(decode(input), [{ type: 'key', key }]);
      assert.deepEqual(decode(...Array.from(input)), [{ type: 'key', key }]);
    });
  }

  test('text is one event up to the next control', () => {
    assert.deepEqual(decode('Grüße 日本\r'), [
      { type: 'text', text: 'Grüße 日本' },
      { type: 'key', key: { name: 'return' } },
    ]);
  });

  for (const answer of [
    '\x1b]11;rgb:ffff/ffff/ffff\x1b\\',
    '\x1b]11;rgb:00/00/00\x07',
    '\x1b[?62;22c',
    '\x1b[>1;10;0c',
    '\x1b[24;80R',
    '\x1b[0n',
    '\x1b[?2026;2$y',
    '\x1bP>|XTerm(370)\x1b\\',
    '\x1b[I',
  ]) {
    test(`the answer ${JSON.stringify(answer)} of a terminal is not text, whole or in pieces`, () => {
      for (const chunks of [[answer], Array.from(answer)]) {
        const events = decode('a', ...chunks, 'b');
        assert.deepEqual(
          events.map((event) => (event.type === 'text' ? event.text : event.type)),
          ['a', 'answer', 'b'],
        );
      }
    });
  }

  test('an answer that breaks off is dropped after its wait, and keys count again', () => {
    const decoder = new InputDecoder();
    decoder.decode('\x1b]11;rgb:ff');
    assert.ok((decoder.waitMs ?? 0) > 0);
    assert.deepEqual(decoder.flush(), []);
    assert.deepEqual(decoder.decode('x'), [{ type: 'text', text: 'x' }]);
    assert.equal(decoder.waitMs, undefined);
  });

  test('reads the mouse', () => {
    assert.deepEqual(decode('\x1b[<64;3;7M\x1b[<0;1;1M\x1b[<0;1;1m'), [
      { type: 'mouse', button: 64, column: 2, row: 6 },
      { type: 'mouse', button: 0, column: 0, row: 0 },
    ]);
  });

  test('a paste is one text with its line breaks, however it is cut', () => {
    const input = 'a\x1b[200~one\rtwo\t\x1b[201~b';
    for (const chunks of [[input], Array.from(input)]) {
      const events = decode(...chunks).filter(({ type }) => type !== 'pasting');
      assert.deepEqual(events, [
        { type: 'text', text: 'a' },
        { type: 'paste', text: 'one\rtwo\t', length: 8 },
        { type: 'text', text: 'b' },
      ]);
    }
  });

  test('a paste without an end says that it goes on, and Ctrl-C ends it', () => {
    const decoder = new InputDecoder();
    assert.deepEqual(decoder.decode('\x1b[200~abc'), [{ type: 'pasting', length: 3 }]);
    assert.equal(decoder.waitMs, undefined);
    assert.deepEqual(decoder.decode('\x03'), [{ type: 'paste', text: 'abc', length: 3 }]);
    assert.deepEqual(decoder.decode('\x03'), [{ type: 'key', key: { name: 'c', ctrl: true } }]);
  });

  test('of a paste that is too long no more is kept than shows that', () => {
    const decoder = new InputDecoder();
    decoder.decode('\x1b[200~');
    for (let count = 0; count < 30; count++) decoder.decode('x'.repeat(10_000));
    const [paste] = decoder.decode('\x1b[201~');
    assert.ok(paste?.type === 'paste');
    assert.deepEqual([paste.text.length, paste.length], [MAX_LENGTH + 1, 300_000]);
  });
});

suite('ExitGuard', () => {
  test('the hint of Ctrl-C ages, and a later press is a first one again', () => {
    let now = 0;
    const guard = new ExitGuard(() => now);
    assert.equal(guard.interrupt(), false);
    assert.notEqual(guard.hint, '');
    now += HINT_MS;
    assert.equal(guard.hint, '');
    assert.equal(guard.interrupt(), false);
    now += HINT_MS - 1;
    assert.equal(guard.interrupt(), true);
  });

  test('Ctrl-D asks while files are on their way', () => {
    const guard = new ExitGuard(() => 0);
    assert.equal(guard.endOfInput(0), true);
    assert.equal(guard.endOfInput(2), false);
    assert.match(guard.hint, /^2 files are on the way/);
    assert.equal(guard.interrupt(), false, 'another key is not the second press');
    assert.equal(guard.endOfInput(1), false);
    assert.equal(guard.endOfInput(1), true);
  });
});

test('a terminal without a size has 80 by 24', () => {
  assert.deepEqual(sizeOf({ columns: 0, rows: 0 }), { columns: 80, rows: 24 });
  assert.deepEqual(sizeOf({ columns: 132, rows: 50 }), { columns: 132, rows: 50 });
});
