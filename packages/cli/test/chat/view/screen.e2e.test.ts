import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import fc from 'fast-check';
import { type ChatState, MAX_ENTRIES, THEME_NAMES } from '@quietroom/chat';
import { Painter, type Frame } from '#src/chat/view/canvas.js';
import { chatFrame } from '#src/chat/view/chatFrame.js';
import { Composer } from '#src/chat/view/composer.js';
import { MessagePane } from '#src/chat/view/messagePane.js';
import { insert } from '#src/chat/view/textField.js';
import { textWidth } from '#src/output/textWidth.js';
import { themeFor } from '#src/chat/view/theme.js';
import { after, AT, BOB, joins, presence, says, start, types } from '@quietroom/testing/chat';

const THEME = themeFor('dark', 8);

interface Scene {
  readonly columns?: number;
  readonly rows?: number;
  readonly typed?: string;
  readonly pane?: MessagePane;
  readonly hint?: string;
  readonly isListShown?: boolean;
  readonly arePeopleShown?: boolean;
}

function frameOf(
  state: ChatState,
  {
    columns = 80,
    rows = 24,
    typed = '',
    pane = new MessagePane(),
    hint = '',
    isListShown = true,
    arePeopleShown = true,
  }: Scene = {},
): Frame {
  const composer = new Composer();
  composer.edit(insert(typed));
  return chatFrame(state, { pane, composer, hint, isListShown, arePeopleShown }, { columns, rows }, THEME);
}

/** The frame as text, as a terminal would show it. */
function screenOf(frame: Frame): string[] {
  return frame.rows.map((pieces) => {
    let row = '';
    for (const { column, spans } of pieces) {
      row = row.padEnd(row.length + Math.max(0, column - textWidth(row)));
      row += spans.map(({ text }) => text).join('');
    }
    return row.trimEnd();
  });
}

function screen(state: ChatState, scene?: Scene): string[] {
  return screenOf(frameOf(state, scene));
}

const busy = after(
  start(),
  { type: 'online', names: ['alice', 'bob', 'carol'], isAsked: false, at: AT },
  joins('#ops'),
  { type: 'members', room: '#ops', names: ['alice', 'bob'], isAsked: false, at: AT },
  says('bob', 'Hello there', { kind: 'room', room: '#ops' }),
  says('carol', 'hi all'),
  says('bob', 'psst', BOB),
  types('Good morning'),
  { type: 'delivery', at: AT, place: 'room:#ops', entry: 5, delivery: 'accepted' },
  { type: 'roundTrip', seconds: 0.0123 },
);

suite('the screen of the chat', () => {
  test('80 by 16: places with what is unread, people, messages, status and input', () => {
    assert.deepEqual(screen(busy, { rows: 16, typed: 'so far' }), [
      ' #ops  2 people',
      ' Lobby         1  │',
      ' #ops             │',
      '                  │',
      ' Direct           │',
      ' ● bob         1  │',
      '                  │',
      ' Here (2)         │',
      ' alice            │',
      ' bob              │',
      '                  │',
      '                  │ 12:30  * You joined #ops.',
      '                  │ 12:30    bob   Hello there',
      '                  │ 12:30  alice ✓ Good morning',
      ' ● connected · 12 ms · alice on chat.example:37842                        /help',
      '› so far',
    ]);
  });

  test('of many people the first are shown, and how many more there are', () => {
    const names = Array.from({ length: 10_000 }, (_, number) => `p${String(number).padStart(5, '0')}`);
    const crowd = after(start(), { type: 'online', names, isAsked: false, at: AT }, says('bob', 'x', BOB));
    assert.deepEqual(
      screen(crowd, { rows: 14 })
        .map((row) => row.slice(0, 18).trimEnd())
        .slice(1, -2),
      [
        ' Lobby',
        '',
        ' Direct',
        ' ○ bob         1',
        '',
        ' Here (10000)',
        ' p00000',
        ' p00001',
        ' p00002',
        ' p00003',
        ' and 9996 more',
      ],
    );
  });

  test('narrow: no list, names before texts, what is unread in the status', () => {
    assert.deepEqual(screen(busy, { columns: 36, rows: 7 }), [
      ' #ops  2 people',
      '',
      '* You joined #ops.',
      'bob: Hello there',
      'alice✓ Good morning',
      ' ● connected        2 unread, Alt-A',
      '› Write to #ops',
    ]);
  });

  test('what does not fit is left out, down to the text that is being written', () => {
    assert.deepEqual(screen(busy, { columns: 20, rows: 3 }), [
      'alice✓ Good morning',
      ' ● connected',
      '› Write to #ops',
    ]);
    assert.deepEqual(screen(busy, { columns: 3, rows: 1, typed: 'abcdef' }), ['ef']);
    assert.equal(screen(busy, { columns: 1, rows: 1 }).length, 1);
  });

  test('a message with lines stays within its columns, and can imitate nobody', () => {
    const state = after(start(), says('eve', 'hi\n12:30  bob   I pay\n\x1b[2J\r'));
    assert.deepEqual(screen(state, { rows: 8 }).slice(3, 6), [
      '                  │ 12:30   eve   hi',
      '                  │               12:30  bob   I pay',
      String.raw`                  │               \x1b[2J\r`,
    ]);
  });

  test('a name that is longer than its column is not cut', () => {
    const state = after(start(), says('a-name-of-many-letters', 'hi'));
    assert.deepEqual(screen(state, { rows: 6 }).slice(2, 4), [
      '                  │ 12:30  a-name-of-many-letters',
      '                  │                         hi',
    ]);
  });

  test('joins, leaves and what went wrong', () => {
    const failed = {
      type: 'delivery',
      at: AT,
      place: 'lobby',
      entry: 2,
      delivery: 'refused',
      note: 'Not delivered.',
    } as const;
    const state = after(
      start(),
      ...['a', 'b', 'c', 'd'].map((name) => presence(name, 'joined')),
      types('x'),
      failed,
      { type: 'connection', status: { type: 'reconnecting', attempt: 2, reason: 'It broke.' }, at: AT },
    );
    const text = screen(state, { rows: 9 }).join('\n');
    assert.match(text, /12:30 {4}4 joined\n/);
    assert.match(text, /12:30 {2}alice ! x\n.*│ {16}Not delivered\.\n/);
    assert.match(
      text,
      /\* It broke\. Connecting again; what you write waits\.\n ◌ connecting again, attempt 2 · It broke\. +\/help\n/,
    );
  });

  test('a file that moves has a bar', () => {
    const state = after(
      start(),
      { type: 'fileOffered', sender: 'bob', name: 'a\x1b.pdf', at: AT },
      types('/go bob'),
      types('/accept'),
      { type: 'file', at: AT, number: 1, status: 'transferring', bytes: 500, totalBytes: 1000 },
    );
    assert.match(
      screen(state).join('\n'),
      /12:30 {2}↓ File 1: a\\x1b\.pdf \(1\.0 kB\)\n.*│ +━{10,}─{10,} {2}50 % {2}500 B of 1\.0 kB\n/,
    );
  });

  test('the input grows with its lines, and shows those around the cursor', () => {
    const rows = screen(busy, { rows: 12, typed: '1\n2\n3\n4\n5\n6' });
    assert.deepEqual(rows.slice(-4), ['  3', '  4', '  5', '  6']);
    const frame = frameOf(busy, { rows: 12, typed: '日本' });
    assert.deepEqual(frame.cursor, { column: 6, row: 11 });
  });

  test('the cursor goes to the next row with a word that is wrapped', () => {
    const frame = frameOf(busy, { columns: 12, rows: 12, typed: 'abcdefghij' });
    assert.deepEqual(screenOf(frame).slice(-2), ['› abcdefghi', '  j']);
    assert.deepEqual(frame.cursor, { column: 3, row: 11 });
  });
});

suite('the list', () => {
  test('is hidden below 90 columns, and by a key; so are the people in it', () => {
    const columnsOf = (columns: number, isListShown: boolean | undefined): string[] => {
      const composer = new Composer();
      const view = { pane: new MessagePane(), composer, hint: '', isListShown, arePeopleShown: true };
      return screenOf(chatFrame(busy, view, { columns, rows: 16 }, THEME));
    };
    assert.doesNotMatch(columnsOf(89, undefined).join('\n'), /│/);
    assert.match(columnsOf(90, undefined).join('\n'), /│/);
    assert.match(columnsOf(80, true).join('\n'), /│/);
    assert.doesNotMatch(columnsOf(120, false).join('\n'), /│/);
    assert.match(screen(busy).join('\n'), /Here \(2\)/);
    assert.doesNotMatch(screen(busy, { arePeopleShown: false }).join('\n'), /Here/);
  });
});

suite('reading back', () => {
  const state = after(start(), ...Array.from({ length: 50 }, (_, number) => says('bob', `line ${number}`)));
  const [thread] = state.threads;
  const texts = (pane: MessagePane, chat = state): string[] =>
    screen(chat, { rows: 13, pane }).flatMap((row) => /line \d+/.exec(row) ?? []);

  test('goes by pages, stops at both ends, and stays where it is when more comes', () => {
    assert.ok(thread);
    const pane = new MessagePane();
    assert.deepEqual([texts(pane)[0], texts(pane).at(-1)], ['line 40', 'line 49']);
    pane.scroll(thread, 1);
    assert.deepEqual([texts(pane)[0], texts(pane).at(-1)], ['line 31', 'line 40']);
    assert.match(screen(state, { rows: 13, pane }).at(-2) ?? '', /↓ 9 below/);
    const more = after(state, says('bob', 'line 50'));
    assert.equal(texts(pane, more).at(-1), 'line 40');
    for (let page = 0; page < 9; page++) pane.scroll(thread, 1);
    assert.deepEqual([texts(pane)[0], texts(pane).at(-1)], ['line 0', 'line 9']);
    for (let page = 0; page < 9; page++) pane.scroll(thread, -1);
    assert.equal(texts(pane, more).at(-1), 'line 50');
  });

  test('what is forgotten while somebody reads it gives way to the oldest that is left', () => {
    assert.ok(thread);
    const pane = new MessagePane();
    texts(pane);
    pane.scroll(thread, 3);
    const much = after(
      state,
      ...Array.from({ length: MAX_ENTRIES }, (_, number) => says('bob', `line ${number + 50}`)),
    );
    assert.deepEqual(texts(pane, much), ['line 50']);
  });
});

suite('any screen', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '日本語のテキスト',
      '\u{1f469}\u{1f3fd}\u200d\u2695\ufe0f',
      '\x1b[2J\x1b]0;x\x07',
      'a\n'.repeat(300),
    ),
  );
  const chat = fc.array(
    fc.tuple(fc.constantFrom('lobby', '#ops', 'dm'), fc.oneof(fc.constant('bob'), text), text),
    { maxLength: 12 },
  );

  test('fills the terminal and no more, and sends it nothing but what draws', () => {
    fc.assert(
      fc.property(
        chat,
        text,
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(...THEME_NAMES),
        (said, typed, columns, rows, theme) => {
          let state = after(start({ theme }), joins('#ops'));
          for (const [where, name, one] of said) {
            const place =
              where === 'dm'
                ? { kind: 'dm' as const, name }
                : where === 'lobby'
                  ? undefined
                  : ({ kind: 'room', room: '#ops' } as const);
            state = after(
              state,
              says(name, one, place),
              presence(name, 'joined', where === '#ops' ? '#ops' : undefined),
            );
          }
          const frame = frameOf(state, { columns, rows, typed });
          assert.equal(frame.rows.length, rows);
          assert.ok(frame.cursor.row >= 0 && frame.cursor.row < rows);
          assert.ok(frame.cursor.column >= 0 && frame.cursor.column < columns);
          for (const pieces of frame.rows) {
            for (const { column, spans } of pieces) {
              const width = spans.reduce((sum, span) => sum + textWidth(span.text), column);
              // Below that, a wide character can be wider than its room.
              if (columns >= 8) assert.ok(width <= columns, `${width} in ${columns}`);
            }
          }
          const drawn = new Painter().paint(frame).replaceAll(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, '');
          assert.doesNotMatch(drawn, /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e]/u);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function plainRow(text: string): Frame['rows'][number] {
  return [{ column: 0, spans: [{ text, style: {} }] }];
}

suite('Painter', () => {
  test('writes only the rows that are other than before', () => {
    const painter = new Painter();
    const cursor = { column: 2, row: 0 };
    assert.match(painter.paint({ rows: [plainRow('one'), plainRow('two')], cursor }), /one.*two/);
    assert.equal(painter.paint({ rows: [plainRow('one'), plainRow('two')], cursor }), '\x1b[1;3H');
    const changed = painter.paint({ rows: [plainRow('one'), plainRow('2')], cursor });
    assert.match(changed, /\p{Cc}\[2;1H\p{Cc}\[K2\p{Cc}\[1;3H/u);
    assert.doesNotMatch(changed, /one/);
    painter.reset();
    assert.match(painter.paint({ rows: [plainRow('one'), plainRow('2')], cursor }), /one/);
  });
});
