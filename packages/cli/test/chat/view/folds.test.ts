import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { shownThread, type ChatState } from '@quietroom/chat';
import { expandTabs } from '#src/output/expandTabs.js';
import { roomPasswords } from '#src/chat/roomPasswords.js';
import { chatFrame } from '#src/chat/view/chatFrame.js';
import { Composer } from '#src/chat/view/composer.js';
import { insert } from '#src/chat/view/textField.js';
import { Folder } from '../../harness/quietroom.js';
import { statusBar, titleBar } from '#src/chat/view/bars.js';
import { MAX_FOLDED_ROWS } from '#src/chat/view/entryRows.js';
import { inputRows } from '#src/chat/view/inputRows.js';
import { MessagePane } from '#src/chat/view/messagePane.js';
import { themeFor } from '#src/chat/view/theme.js';
import { after, AT, BOB, presence, says, start, types } from '@quietroom/testing/chat';

const THEME = themeFor('dark', 8);

function rows(pane: MessagePane, state: ChatState, height: number): string[] {
  return pane.view(shownThread(state), 60, height, THEME).rows.map((spans) => text(spans).trimEnd());
}

function text(spans: readonly { readonly text: string }[]): string {
  return spans.map((span) => span.text).join('');
}

suite('folds', () => {
  const lines = Array.from({ length: 300 }, (_, number) => `line ${number}`).join('\n');

  test('a long message is folded, unfolds to its last line, and folds again', () => {
    const state = after(start(), says('bob', lines));
    const pane = new MessagePane();
    assert.equal(rows(pane, state, 400).length, MAX_FOLDED_ROWS + 1);
    assert.match(rows(pane, state, 10).at(-1) ?? '', /^ {2}… 250 more rows: Ctrl-O unfolds$/);
    pane.toggleFolds();
    assert.equal(rows(pane, state, 400).length, 300);
    assert.match(rows(pane, state, 10).at(-1) ?? '', /line 299$/);
    pane.toggleFolds();
    assert.match(rows(pane, state, 10).at(-1) ?? '', /Ctrl-O/);
  });

  test('the reason of a failure stands below a folded message', () => {
    const state = after(start(), types(lines), {
      type: 'delivery',
      place: 'lobby',
      entry: 1,
      delivery: 'failed',
      note: 'Not sent: too long.',
      at: AT,
    });
    assert.match(rows(new MessagePane(), state, 5).at(-1) ?? '', /Not sent: too long\.$/);
  });

  test('joins unfold to names', () => {
    const state = after(start(), ...['a', 'b', 'c', 'd'].map((name) => presence(name, 'joined')));
    const pane = new MessagePane();
    assert.match(rows(pane, state, 5).join('\n'), /4 joined$/);
    pane.toggleFolds();
    assert.match(rows(pane, state, 5).join('\n'), /a, b, c, d joined$/);
  });

  test('scrolling back goes to every row of an unfolded message', () => {
    const state = after(start(), says('bob', lines));
    const pane = new MessagePane();
    rows(pane, state, 10);
    pane.toggleFolds();
    const seen = new Set(rows(pane, state, 10));
    for (let page = 0; page < 40; page++) {
      pane.scroll(shownThread(state), 1);
      for (const row of rows(pane, state, 10)) seen.add(row);
    }
    assert.equal(seen.size, 300);
    pane.scroll(shownThread(state), -1);
    pane.scroll(shownThread(state), Infinity);
    assert.match(rows(pane, state, 10)[0] ?? '', /line 0$/);
  });
});

suite('tabs', () => {
  test('go to the next stop, in messages and in the input', () => {
    assert.equal(expandTabs('a\tb\t\tc'), 'a       b               c');
    assert.equal(expandTabs('日本\tx'), '日本    x');
    const state = after(start(), says('bob', 'if\tx'));
    assert.match(rows(new MessagePane(), state, 3).at(-1) ?? '', /if {6}x$/);
    const [row] = inputRows({ text: 'if\tx', cursor: 4 }, '', 40, 3, THEME).rows;
    assert.equal(text(row ?? []), '› if      x');
  });
});

/** The input row with this text. */
function typed(line: string): string {
  const composer = new Composer();
  composer.edit(insert(line));
  const view = { pane: new MessagePane(), composer, hint: '', isListShown: false, arePeopleShown: true };
  const { rows: frame } = chatFrame(start(), view, { columns: 60, rows: 10 }, THEME);
  return text(frame.at(-1)?.flatMap(({ spans }) => spans) ?? []);
}

suite('passwords', () => {
  test('are dots while they are typed behind /join', () => {
    assert.equal(typed('/join #ops se cret'), '› /join #ops •••••••');
    assert.equal(typed('/JOIN #ops s'), '› /JOIN #ops •');
    assert.equal(typed('/join #ops'), '› /join #ops');
    assert.equal(typed('/msg bob secret'), '› /msg bob secret');
  });

  test('of rooms come from files that the configuration names', async () => {
    await using folder = await Folder.make();
    const file = await folder.write('ops.password', 'secret\n');
    assert.deepEqual([...roomPasswords([`#ops=${file}`])], [['#ops', 'secret']]);
    assert.throws(() => roomPasswords(['ops']), /names no room and file/);
    assert.throws(() => roomPasswords([`#ops=${folder.path}/missing`]), /cannot be read/);
  });
});

suite('bars', () => {
  const hints = { below: 0, completing: undefined, isNarrow: false, hint: '' };

  test('candidates that are too wide are cut, not left out', () => {
    const words = ['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(30)];
    const shown = (width: number): string =>
      text(statusBar(start(), { ...hints, completing: { words, index: 0 } }, width, THEME)).trim();
    assert.match(shown(80), /a{30} {2}b{30} …$/);
    assert.match(shown(50), /a{30} …$/);
    assert.match(shown(20), /^● +a{10,}…$/);
  });

  test('candidates are listed without what they share', () => {
    const completing = { words: ['/tmp/one ', '/tmp/two '], index: 0, shared: 5 };
    assert.match(text(statusBar(start(), { ...hints, completing }, 80, THEME)), / one {2}two $/);
  });

  test('nothing is said of users who may be online elsewhere', () => {
    const online = { type: 'online', names: [], isAsked: false, at: AT } as const;
    const shown = after(start(), says('bob', 'hi', BOB), types('/go bob'));
    assert.match(text(titleBar(after(shown, online), 80, THEME)), /not online/);
    assert.doesNotMatch(text(titleBar(after(shown, { ...online, isPartial: true }), 80, THEME)), /online/);
  });
});
