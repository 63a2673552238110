import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { THEME_NAMES, type ThemeName } from '@quietroom/chat';
import { backgroundIn, backgroundOf } from '#src/chat/terminal/background.js';
import { BLACK, contrastRatio, isDark, paletteColour, WHITE, type Rgb } from '#src/chat/view/contrast.js';
import type { Style } from '#src/chat/view/style.js';
import { HIGH_CONTRAST, MIN_CONTRAST, nameStyle, themeFor, type Theme } from '#src/chat/view/theme.js';

/** Backgrounds of common terminals and colour schemes. */
const BACKGROUNDS: Readonly<Record<string, Rgb>> = {
  black: BLACK,
  'VS Code dark': [0x1e, 0x1e, 0x1e],
  Gruvbox: [0x28, 0x28, 0x28],
  Nord: [0x2e, 0x34, 0x40],
  'Solarized dark': [0x00, 0x2b, 0x36],
  'Ubuntu aubergine': [0x30, 0x0a, 0x24],
  'middle grey': [0x77, 0x77, 0x77],
  'Solarized light': [0xfd, 0xf6, 0xe3],
  white: WHITE,
};

/** The styles of texts; separators are none. */
function textStyles({ names, line: _line, ...others }: Theme): [string, Style][] {
  return [...Object.entries(others), ...names.map((style): [string, Style] => ['name', style])];
}

function assertReadable(name: ThemeName, background: Rgb, least: number): void {
  for (const [what, style] of textStyles(themeFor(name, 8, background))) {
    if (style.foreground === undefined) {
      assert.ok(style.background === undefined || style.inverse, `${what} has no foreground of its own`);
      continue;
    }
    const text = paletteColour(style.foreground);
    const behind = style.background === undefined ? background : paletteColour(style.background);
    assert.ok(text && behind, `${what}: a colour of the first 16 is a different one on each terminal`);
    assert.ok(contrastRatio(text, behind) >= least, `${what}: ${contrastRatio(text, behind).toFixed(2)}`);
  }
}

suite('contrast of themes', () => {
  for (const [title, background] of Object.entries(BACKGROUNDS)) {
    const others = isDark(background) ? 'light' : 'dark';
    for (const name of THEME_NAMES.filter((one) => one !== others)) {
      test(`${name} on ${title}`, () =>
        assertReadable(name, background, name === 'contrast' ? HIGH_CONTRAST : MIN_CONTRAST));
    }
  }

  test('most colours remain on the common backgrounds', () => {
    for (const background of [BLACK, WHITE, BACKGROUNDS.Gruvbox, BACKGROUNDS['Solarized light']]) {
      assert.ok(background);
      const { names, quiet, own, good, unread } = themeFor('default', 8, background);
      assert.ok(names.length >= 10, `${names.length} colours of names`);
      for (const style of [quiet, own, good, unread]) assert.notEqual(style.foreground, undefined);
    }
  });

  test('the ratio is that of WCAG', () => {
    assert.equal(contrastRatio(BLACK, WHITE), 21);
    assert.equal(contrastRatio([0x76, 0x76, 0x76], WHITE).toFixed(2), '4.54');
    assert.deepEqual([16, 21, 231, 232, 255].map(paletteColour), [
      BLACK,
      [0, 0, 255],
      WHITE,
      [8, 8, 8],
      [238, 238, 238],
    ]);
  });
});

suite('themes', () => {
  test('a name has always the same colour, and names have many', () => {
    const theme = themeFor('dark', 8);
    assert.deepEqual(nameStyle(theme, 'bob'), nameStyle(theme, 'bob'));
    const colours = new Set(
      Array.from({ length: 200 }, (_, number) => nameStyle(theme, `name${number}`).foreground),
    );
    assert.equal(colours.size, theme.names.length);
  });

  test('with 16 colours, and on an unknown background, only attributes are used', () => {
    for (const [name, depth] of [
      ...THEME_NAMES.flatMap((one) => [[one, 1] as const, [one, 4] as const]),
      ['default', 8] as const,
      ['contrast', 24] as const,
    ]) {
      assert.doesNotMatch(JSON.stringify(themeFor(name, depth)), /ground/, `${name} at ${depth}`);
    }
    assert.match(JSON.stringify(themeFor('light', 8)), /ground":25/);
  });

  test('the background decides between dark and light', () => {
    assert.deepEqual(themeFor('default', 8, WHITE), themeFor('light', 8));
    assert.deepEqual(themeFor('default', 8, BLACK), themeFor('dark', 8));
    assert.deepEqual(themeFor('light', 8, BLACK), themeFor('light', 8));
  });
});

suite('the background of the terminal', () => {
  for (const [answer, background] of [
    [']11;rgb:ffff/8080/0000', [255, 128, 0]],
    [']11;rgb:ff/80/00', [255, 128, 0]],
    [']11;rgba:0000/0000/0000/ffff', BLACK],
    [']10;rgb:ffff/ffff/ffff', undefined],
    ['[?62c', undefined],
  ] as const) {
    test(`in ${JSON.stringify(answer)}`, () => assert.deepEqual(backgroundIn(answer), background));
  }

  test('COLORFGBG tells it, too', () => {
    assert.deepEqual(
      ['15;0', '0;15', '12;default;7', '', 'default'].map((COLORFGBG) => backgroundOf({ COLORFGBG })),
      [BLACK, WHITE, WHITE, undefined, undefined],
    );
  });
});
