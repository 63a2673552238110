import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { EXIT_CODE_MEANINGS } from '#src/failures/exitCodes.js';
import { assertOneLine, Folder, quietroom } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

const COMMANDS = ['demo', 'send', 'listen', 'users', 'rooms', 'members', 'echo', 'serve'];

suite('the command line', () => {
  for (const args of [['--help'], ...COMMANDS.map((command) => [command, '--help'])]) {
    test(`quietroom ${args.join(' ')} shows usage, examples and exit codes`, async () => {
      const { code, stdout, stderr } = await runHere(args);
      assert.equal(code, 0);
      assert.equal(stderr, '');
      const name = args.length === 1 ? 'quietroom' : `quietroom ${args[0]}`;
      assert.ok(stdout.startsWith(`Usage: ${name} [options]`), stdout);
      assert.match(stdout, /\nExamples:\n {2}quietroom /);
      for (const [exitCode, meaning] of Object.entries(EXIT_CODE_MEANINGS)) {
        assert.ok(stdout.includes(`\n  ${exitCode}  ${meaning}\n`), stdout);
      }
    });
  }

  test('the examples of the help are taken, but for what they lack on this machine', async () => {
    await using folder = await Folder.make();
    const { stdout } = await runHere(['echo', '--help']);
    const examples = [...stdout.matchAll(/^ {2}quietroom (echo(?: \S+)*)/gm)].map((match) => match[1] ?? '');
    assert.equal(examples.length, 2);
    for (const example of examples) {
      const { code, stderr } = await runHere(example.split(' '), { cwd: folder.path });
      assert.equal(code, 1);
      assertOneLine(stderr, /The certificate file .* does not exist/);
    }
  });

  test('--version prints the version of the package', async () => {
    const manifest: unknown = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    const { code, stdout } = await runHere(['--version']);
    assert.equal(code, 0);
    assert.equal(
      typeof manifest === 'object' && manifest && 'version' in manifest && manifest.version,
      stdout.trim(),
    );
  });

  test('without a command the usage goes to standard error, with exit code 2', async () => {
    const { code, stdout, stderr } = await runHere([]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: quietroom/);
  });

  const WRONG: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
    { args: ['bark'], says: /unknown command 'bark'.*See "quietroom --help"/ },
    {
      args: ['echo', '--prot', '1'],
      says: /unknown option '--prot' \(Did you mean --port\?\) See "quietroom echo --help"/,
    },
    { args: ['echo', '--port', '0'], says: /whole number from 1 to 65535.*See "quietroom echo --help"/ },
    { args: ['echo', '--port', '1e3'], says: /whole number from 1 to 65535/ },
    { args: ['echo', '--host', ''], says: /'--host <host>'.*must not be empty/ },
    { args: ['echo', '--cert'], says: /'--cert <file>' argument missing/ },
    { args: ['echo', 'hello'], says: /too many arguments/ },
    { args: ['echo', '--connect-timeout', '0'], says: /whole number from 1 to 3600/ },
    {
      args: ['serve', '--port', '65536'],
      says: /whole number from 0 to 65535.*See "quietroom serve --help"/,
    },
    { args: ['serve', '--protocol-version', '2'], says: /Allowed choices are 1\.1, 1\.2/ },
    { args: ['demo', '--fast'], says: /unknown option '--fast'.*See "quietroom demo --help"/ },
    { args: ['echo', '--\x1b[2J'], says: /\\x1b\[2J/ },
  ];
  for (const { args, says } of WRONG) {
    test(`refuses ${JSON.stringify(args)} in one line, with exit code 2`, async () => {
      const { code, stdout, stderr } = await runHere(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assertOneLine(stderr, says);
    });
  }

  test('a reader of the help that goes away ends it quietly', async () => {
    await using help = quietroom(['--help']);
    help.child.stdout?.destroy();
    const { code, stderr } = await help.ended();
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  test('README lists the same exit codes', () => {
    const listed = [...README.matchAll(/^\| (\d) +\| (.*?) +\|$/gm)].map((match) => [match[1], match[2]]);
    assert.deepEqual(Object.fromEntries(listed), EXIT_CODE_MEANINGS);
  });
});
