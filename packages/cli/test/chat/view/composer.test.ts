import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import { completions, type Completions, isSecret, type ChatState } from '@quietroom/chat';
import { Composer } from '#src/chat/view/composer.js';
import { keyAction } from '#src/chat/terminal/keys.js';
import {
  deleteTo,
  EMPTY_FIELD,
  end,
  home,
  insert,
  left,
  MAX_LENGTH,
  right,
  wordLeft,
  wordRight,
  type Edit,
  type TextField,
} from '#src/chat/view/textField.js';
import { pathCompletions } from '#src/chat/session/filePaths.js';
import { Folder } from '../../harness/quietroom.js';
import { after, AT, BOB, joins, says, start } from '@quietroom/testing/chat';

/** `|` is the cursor. */
function field(text: string): TextField {
  return { text: text.replace('|', ''), cursor: text.indexOf('|') };
}

function shown({ text, cursor }: TextField): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const EDITS: readonly { name: string; edit: Edit; before: string; after: string }[] = [
  { name: 'insert', edit: insert('x'), before: 'a|b', after: 'ax|b' },
  { name: 'insert lines', edit: insert('1\r\n2\r3\t4'), before: '|', after: '1\n2\n3\t4|' },
  { name: 'insert controls', edit: insert('a\x1b[2J\x07b'), before: '|', after: 'a[2Jb|' },
  { name: 'insert half a character', edit: insert('\ud83d'), before: '|', after: '\ufffd|' },
  {
    name: 'left over an emoji',
    edit: left,
    before: 'a\u{1f469}\u200d\u{1f467}|',
    after: 'a|\u{1f469}\u200d\u{1f467}',
  },
  { name: 'left at the start', edit: left, before: '|a', after: '|a' },
  { name: 'right over a flag', edit: right, before: '|\u{1f1ec}\u{1f1f7}a', after: '\u{1f1ec}\u{1f1f7}|a' },
  { name: 'right at the end', edit: right, before: 'a|', after: 'a|' },
  { name: 'backspace', edit: deleteTo(left), before: 'e\u0301|x', after: '|x' },
  { name: 'delete', edit: deleteTo(right), before: '|日x', after: '|x' },
  { name: 'word left', edit: wordLeft, before: 'one two |', after: 'one |two ' },
  { name: 'word left at blanks', edit: wordLeft, before: '  |', after: '|  ' },
  { name: 'word right', edit: wordRight, before: 'one| two x', after: 'one two| x' },
  { name: 'word right at the end', edit: wordRight, before: 'one|  ', after: 'one  |' },
  { name: 'delete a word', edit: deleteTo(wordLeft), before: 'one two|x', after: 'one |x' },
  { name: 'home', edit: home, before: 'one\ntwo|', after: 'one\n|two' },
  { name: 'end', edit: end, before: 'o|ne\ntwo', after: 'one|\ntwo' },
  { name: 'kill to the end', edit: deleteTo(end), before: 'o|ne', after: 'o|' },
];

suite('editing a text', () => {
  for (const { name, edit, before, after: wanted } of EDITS) {
    test(name, () => assert.equal(shown(edit(field(before))), wanted));
  }

  test('a text that is too long is not taken', () => {
    const full = insert('x'.repeat(MAX_LENGTH))(EMPTY_FIELD);
    assert.equal(full.text.length, MAX_LENGTH);
    assert.deepEqual(insert('y')(full), full);
  });
});

/** Writes a line and takes it. */
function write(composer: Composer, text: string): string {
  composer.edit(insert(text));
  return composer.take((line) => !isSecret(line));
}

const twoWords = (): Completions => ({ start: 1, words: ['bob ', 'bert '] });

suite('Composer', () => {
  test('calls back the lines before, and what was left for them', () => {
    const composer = new Composer();
    for (const line of ['one', 'two', 'two', ' ', '/join #ops secret', '/join #ops']) write(composer, line);
    composer.edit(insert('draft'));
    const seen = [1, 1, 1, 1, -1, -1, -1, -1].map((by) => {
      composer.recall(by === 1 ? 1 : -1);
      return composer.field.text;
    });
    assert.deepEqual(seen, ['/join #ops', 'two', 'one', 'one', 'two', '/join #ops', 'draft', 'draft']);
  });

  test('keeps a text for each place', () => {
    const composer = new Composer();
    composer.edit(insert('for the lobby'));
    composer.goTo('dm:bob');
    assert.equal(composer.field.text, '');
    composer.edit(insert('for bob'));
    composer.goTo('lobby');
    assert.equal(
      composer.take(() => true),
      'for the lobby',
    );
    composer.goTo('dm:bob');
    assert.equal(composer.field.text, 'for bob');
  });

  test('completes a single word for good, and goes through several', () => {
    const composer = new Composer();
    composer.edit(insert('@b!'));
    composer.edit(left);
    const seen = [1, 1, 1, -1].map((by) => {
      composer.complete(by === 1 ? 1 : -1, twoWords);
      return shown(composer.field);
    });
    assert.deepEqual(seen, ['@bob |!', '@bert |!', '@bob |!', '@bert |!']);
    assert.equal(composer.completing?.index, 1);
    composer.edit(insert('x'));
    assert.equal(composer.completing, undefined);

    const single = new Composer();
    single.edit(insert('/qu'));
    single.complete(1, () => ({ start: 0, words: ['/quit '] }));
    assert.equal(shown(single.field), '/quit |');
    single.complete(1, () => ({ start: 6, words: [] }));
    assert.equal(shown(single.field), '/quit |');
  });
});

suite('completions', () => {
  const state: ChatState = after(
    start(),
    joins('#ops'),
    joins('#office'),
    says('bob', 'x', BOB),
    says('bert', 'x', { kind: 'room', room: '#office' }),
    { type: 'online', names: ['alice', 'bob', 'bert', 'Bea', 'Al x'], isAsked: false, at: AT },
    {
      type: 'rooms',
      rooms: [{ name: '#other', users: 1, isProtected: false }],
      isAsked: false,
      at: AT,
    },
  );
  for (const [text, words] of [
    ['/jo', ['/join ', '/joins ']],
    ['/', undefined],
    ['b', ['bert: ', 'bob: ', 'Bea: ']],
    ['hello be', ['bert ', 'Bea ']],
    ['see #o', ['#ops ', '#office ', '#other ']],
    ['/leave #', ['#ops ', '#office ']],
    ['/join #oth', ['#other ']],
    ['/go ', ['lobby ', '#ops ', '#office ', 'bob ']],
    ['/msg B', ['bert ', 'bob ', 'Bea ']],
    ['/msg bob b', []],
    ['/theme l', ['light ']],
    ['/bell ', ['on ', 'off ']],
    ['al', []],
    ['', []],
    ['/xyz ', []],
  ] as const) {
    test(`of ${JSON.stringify(text)}`, () => {
      const found = completions(state, text, text.length);
      if (words) assert.deepEqual(found.words, words);
      else assert.ok(found.words.length > 10);
      assert.equal(text.slice(found.start), /\S*$/.exec(text)?.[0]);
    });
  }
});

suite('pathCompletions', () => {
  test('completes files and folders behind /send, hidden ones only when they are meant', async () => {
    await using folder = await Folder.make();
    for (const name of ['report 1.pdf', 'report 2.pdf', '.hidden', 'other', 'bad\x1b[2J']) {
      await folder.write(name, '');
    }
    await mkdir(join(folder.path, 'reports'));
    const complete = (path: string): readonly string[] | undefined => {
      const text = `/send ${folder.path}/${path}`;
      return pathCompletions(text, text.length)?.words.map((word) => word.slice(folder.path.length + 1));
    };
    assert.deepEqual(complete('report'), ['report 1.pdf', 'report 2.pdf', 'reports/']);
    assert.deepEqual(complete('report 2'), ['report 2.pdf']);
    assert.deepEqual(complete(''), ['other', 'report 1.pdf', 'report 2.pdf', 'reports/']);
    assert.deepEqual(complete('.h'), ['.hidden']);
    assert.deepEqual(complete('missing/'), []);
    assert.deepEqual(complete('bad'), []);
    assert.equal(pathCompletions('/msg bob', 8), undefined);
    assert.equal(pathCompletions('/send', 5), undefined);
    assert.equal(pathCompletions('/send x', 2), undefined);
  });
});

suite('deleting in the composer', () => {
  test('Ctrl-U and Ctrl-K delete all before and behind the cursor, over lines, and Ctrl-Y inserts it again', () => {
    const composer = new Composer();
    composer.edit(insert('one\ntwo'));
    composer.edit(left);
    const [before, behind] = ['u', 'k'].map((name) => keyAction({ name, ctrl: true }));
    assert.ok(before?.type === 'delete' && behind?.type === 'delete');
    composer.delete(before.move, before.isKept);
    assert.equal(shown(composer.field), '|o');
    composer.edit(right);
    composer.yank();
    assert.equal(shown(composer.field), 'oone\ntw|');
    composer.edit(home);
    composer.edit(left);
    composer.delete(behind.move, behind.isKept);
    assert.equal(shown(composer.field), 'oone|');
  });

  test('undo takes back words that were typed, pastes and deletions', () => {
    const composer = new Composer();
    for (const character of 'one two') composer.edit(insert(character));
    composer.delete(wordLeft, true);
    composer.edit(insert('pasted text'));
    const seen = ['', '', '', ''].map(() => {
      composer.undo();
      return composer.field.text;
    });
    assert.deepEqual(seen, ['one ', 'one two', 'one', '']);
  });
});

suite('keyAction', () => {
  test('a key without a meaning does nothing', () => {
    assert.equal(keyAction({ name: 'f5' }), undefined);
    assert.equal(keyAction({ name: 'constructor', ctrl: true }), undefined);
  });

  for (const [key, action] of [
    [{ name: 'tab' }, { type: 'complete', by: 1 }],
    [
      { name: 'tab', shift: true },
      { type: 'complete', by: -1 },
    ],
    [{ name: 'return' }, { type: 'enter' }],
    [{ name: 'up' }, { type: 'recall', by: 1 }],
    [{ name: 'pageup' }, { type: 'scroll', pages: 1 }],
    [
      { name: 'n', ctrl: true },
      { type: 'step', by: 1, unreadOnly: false },
    ],
    [
      { name: 'a', meta: true },
      { type: 'step', by: 1, unreadOnly: true },
    ],
    [
      { name: '3', meta: true },
      { type: 'jump', index: 2 },
    ],
    [{ name: 'c', ctrl: true }, { type: 'interrupt' }],
    [{ name: 'd', ctrl: true }, { type: 'endOfInput' }],
  ] as const) {
    test(`reads ${JSON.stringify(key)}`, () => assert.deepEqual(keyAction(key), action));
  }
});
