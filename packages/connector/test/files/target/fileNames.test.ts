import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isWhiteSpace, splitWords } from '@quietroom/protocol/internals';
import { MAX_FILE_NAME_BYTES, numberedName, safeName, sendableName } from '#src/files/target/fileNames.js';

const SENDABLE: { name: string; sendable: string }[] = [
  { name: 'report.pdf', sendable: 'report.pdf' },
  { name: '/home/ann/my report.pdf', sendable: 'my_report.pdf' },
  { name: 'C:\\Users\\Ann\\a|b.txt', sendable: 'a_b.txt' },
  { name: 'folder/', sendable: 'folder' },
  { name: ' \u0085wide\u3000name\u00a0', sendable: 'wide_name' },
  { name: 'a\u0000\u001b[31mb\u202egnp.exe', sendable: 'a[31mbgnp.exe' },
  { name: 'half\ud800.txt', sendable: 'half.txt' },
  { name: '.bashrc', sendable: '.bashrc' },
  { name: 'Re\u0301sume\u0301.pdf', sendable: 'R\u00e9sum\u00e9.pdf' },
  { name: 'e\u200d\u0301', sendable: '\u00e9' },
  { name: `${'€'.repeat(100)}.tar.gz`, sendable: `${'€'.repeat(64)}.tar.gz` },
  { name: `a${'🕊'.repeat(100)}.txt`, sendable: `a${'🕊'.repeat(48)}.txt` },
];

for (const { name, sendable } of SENDABLE) {
  test(`The name ${JSON.stringify(name).slice(0, 40)} is made fit to be sent`, () => {
    assert.equal(sendableName(name), sendable);
  });
}

for (const name of ['', ' ', '.', '..', '/', 'a/..', '\\', '\u200b', '\ud800', '\u2028']) {
  test(`Nothing of the name ${JSON.stringify(name)} can be sent`, () => {
    assert.throws(() => sendableName(name), { code: 'FILE_NAME_INVALID', name: 'FileTransferError' });
  });
}

const SAFE: { received: string; safe: string }[] = [
  { received: 'report.pdf', safe: 'report.pdf' },
  { received: 'my report.pdf', safe: 'my report.pdf' },
  { received: '../../.ssh/authorized_keys', safe: 'authorized_keys' },
  { received: '..\\..\\boot.ini', safe: 'boot.ini' },
  { received: '/etc/passwd', safe: 'passwd' },
  { received: 'a/b/', safe: 'b' },
  { received: '..', safe: 'file' },
  { received: '', safe: 'file' },
  { received: '/', safe: 'file' },
  { received: '\u200b\u202e', safe: 'file' },
  { received: '. . .', safe: 'file' },
  { received: '.bashrc', safe: 'bashrc' },
  { received: ' .. a.txt', safe: 'a.txt' },
  { received: 'a.exe. . ', safe: 'a.exe' },
  { received: 'a.txt:stream', safe: 'a.txt_stream' },
  { received: 'a<b>c"d|e?f*g', safe: 'a_b_c_d_e_f_g' },
  { received: 'cod\u202egpj.exe', safe: 'codgpj.exe' },
  { received: 'a\nb\tc\u001b[2Jd', safe: 'a b c[2Jd' },
  { received: '-rf', safe: '_rf' },
  { received: 'Re\u0301sume\u0301.pdf', safe: 'R\u00e9sum\u00e9.pdf' },
  { received: 'e\u200d\u0301', safe: '\u00e9' },
  { received: 'cloc\u212a$', safe: '_clocK$' },
  { received: 'CON', safe: '_CON' },
  { received: 'nul.txt', safe: '_nul.txt' },
  { received: 'Com1 .tar.gz', safe: '_Com1 .tar.gz' },
  { received: 'LPT².log', safe: '_LPT².log' },
  { received: 'com10.txt', safe: 'com10.txt' },
  { received: 'console.txt', safe: 'console.txt' },
  { received: `CON${' '.repeat(300)}x.txt`, safe: '_CON.txt' },
  { received: `con.${'a'.repeat(300)}`, safe: `_con.${'a'.repeat(195)}` },
  { received: `${'a'.repeat(300)}.txt`, safe: `${'a'.repeat(196)}.txt` },
  { received: `a.${'b'.repeat(300)}`, safe: `a.${'b'.repeat(198)}` },
];

for (const { received, safe } of SAFE) {
  test(`The name ${JSON.stringify(received).slice(0, 40)} of a peer is made safe`, () => {
    assert.equal(safeName(received), safe);
  });
}

/** Any text, and texts of what is dangerous in names. */
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '.',
          '..',
          '/',
          '\\',
          ' ',
          ':',
          '|',
          '-',
          '\u202e',
          '\u200d',
          '\u0085',
          '\u2028',
          '\ud800',
        ),
        fc.constantFrom(
          'CON',
          'nul',
          'com1',
          'LPT³',
          '.txt',
          '.tar.gz',
          'a',
          '€'.repeat(70),
          ' '.repeat(200),
          '🕊'.repeat(60),
        ),
      ),
    )
    .map((pieces) => pieces.join('')),
);

const RESERVED = new Set(
  ['con', 'prn', 'aux', 'nul', 'conin$', 'conout$', 'clock$'].concat(
    Array.from('0123456789¹²³').flatMap((digit) => [`com${digit}`, `lpt${digit}`]),
  ),
);

test('Whatever a peer sends, its safe name is one visible component that no system takes for something else', () => {
  fc.assert(
    fc.property(names, (received) => {
      const safe = safeName(received);
      assert.notEqual(safe, '');
      for (const path of [posix, win32]) assert.equal(path.basename(path.join('/folder', safe)), safe);
      assert.equal(posix.dirname(posix.resolve('/folder', safe)), '/folder');
      assert.equal(win32.dirname(win32.resolve('C:\\folder', safe)), 'C:\\folder');
      assert.doesNotMatch(safe, /^[.\s-]|[.\s]$/u);
      assert.doesNotMatch(safe, /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.ok(Buffer.byteLength(safe) <= MAX_FILE_NAME_BYTES);
      assert.equal(Buffer.from(safe).toString(), safe);
      const [device = ''] = safe.toLowerCase().split('.');
      assert.ok(!RESERVED.has(device.trimEnd()), safe);
      assert.equal(safeName(safe), safe);
    }),
    { numRuns: 3000 },
  );
});

test('Whatever a name is, it is sent as one word without bars, or not at all', () => {
  let sent = 0;
  fc.assert(
    fc.property(names, (name) => {
      let sendable;
      try {
        sendable = sendableName(name);
      } catch {
        assert.doesNotMatch(name, /^[a-z]+$/);
        return;
      }
      sent++;
      assert.deepEqual(splitWords(sendable), [sendable]);
      assert.doesNotMatch(sendable, /[|/\\\p{Cc}\p{Cf}\p{Cs}]/u);
      assert.ok(Array.from(sendable).every((character) => !isWhiteSpace(character.charCodeAt(0))));
      assert.ok(sendable !== '.' && sendable !== '..');
      assert.ok(Buffer.byteLength(sendable) <= MAX_FILE_NAME_BYTES);
      assert.equal(Buffer.from(sendable).toString(), sendable);
      assert.equal(sendableName(sendable), sendable);
    }),
    { numRuns: 3000 },
  );
  assert.ok(sent > 1000);
});

test('A number goes before the extension', () => {
  assert.equal(numberedName('report.pdf', 2), 'report (2).pdf');
  assert.equal(numberedName('a.b.tar.gz', 3), 'a.b (3).tar.gz');
  assert.equal(numberedName('Makefile', 2), 'Makefile (2)');
  assert.equal(numberedName('Mr. Smith went', 2), 'Mr. Smith went (2)');
});
