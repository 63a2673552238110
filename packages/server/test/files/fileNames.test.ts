import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offeredName } from '#src/files/fileNames.js';

for (const [path, name] of [
  ['report.pdf', 'report.pdf'],
  ['/etc/passwd', 'passwd'],
  ['..\\..\\Windows\\win.ini', 'win.ini'],
  ['a/b\\c/d.txt', 'd.txt'],
  ['folder/', 'folder'],
  ['..', 'file'],
  ['/', 'file'],
  ['a|b.txt', 'a_b.txt'],
  ['a\x00\x1b[2Jb\x7f\x9b', 'a__[2Jb__'],
  ['photo\u202Egpj.exe', 'photo_gpj.exe'],
  ['zażółć-纸-👩‍🚀.png', 'zażółć-纸-👩‍🚀.png'],
  ['.hidden', '.hidden'],
] as const) {
  test(`The path ${JSON.stringify(path)} is offered as ${JSON.stringify(name)}`, () => {
    assert.equal(offeredName(path), name);
  });
}

test('A long name is cut to what file systems take, between characters, and keeps its extension', () => {
  assert.equal(offeredName(`${'x'.repeat(300)}.tar`), `${'x'.repeat(251)}.tar`);
  assert.equal(offeredName('é'.repeat(300)), 'é'.repeat(127));
  assert.equal(offeredName(`${'👩'.repeat(64)}.x`), `${'👩'.repeat(63)}.x`);
  assert.equal(offeredName(`a.${'x'.repeat(300)}`), `a.${'x'.repeat(253)}`);
});
