import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { suite } from 'node:test';
import { Folder } from '../harness/quietroom.js';
import { Terminal, terminalSkip } from '../harness/terminal.js';
import { runHere } from '../harness/runHere.js';

const BASH = 'bash';
const ZSH = 'zsh';
const FISH = 'fish';

/** In CI they must be there: `.ci/run` installs them. */
function skipWithout(shell: string): string | false {
  const isMissing = spawnSync(shell, ['-c', ':']).error !== undefined;
  return isMissing && process.env.CI === undefined ? `${shell} is not installed` : false;
}

/** A folder with `quietroom` in it, for PATH, and a configuration with two profiles. */
async function scene(): Promise<{ folder: Folder; env: NodeJS.ProcessEnv } & AsyncDisposable> {
  const folder = await Folder.make();
  const command = fileURLToPath(new URL('../../bin/quietroom.js', import.meta.url));
  await symlink(command, join(folder.path, 'quietroom'));
  await folder.write('quietroom.config.json', JSON.stringify({ profiles: { home: {}, work: {} } }));
  await folder.write('report.pdf', '');
  return {
    folder,
    env: { ...process.env, PATH: `${folder.path}:${process.env.PATH ?? ''}` },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** What is typed up to the key, and what is offered then, or some of it. */
const ROWS: readonly {
  readonly typed: readonly string[];
  readonly offers: readonly string[];
  readonly not?: string;
}[] = [
  { typed: ['se'], offers: ['send', 'serve'] },
  { typed: ['pin', ''], offers: ['show', 'verify', 'add'] },
  { typed: ['pin', 'verify', '--fing'], offers: ['--fingerprint'] },
  { typed: ['serve', '--protocol-version', ''], offers: ['1.1', '1.2'] },
  { typed: ['send', '--file', 'rep'], offers: ['report.pdf'] },
  { typed: ['users', '--profile', ''], offers: ['home', 'work'] },
  { typed: ['completion', 'b'], offers: ['bash'] },
  // The names of commands are no commands behind an option.
  { typed: ['send', '--to', 'chat', '--p'], offers: ['--password-file'], not: '--plain' },
];

suite('quietroom completion', () => {
  for (const { typed, offers, not } of ROWS) {
    const line = `quietroom ${typed.join(' ')}`;

    test(`bash completes ${JSON.stringify(line)}`, { skip: skipWithout(BASH) }, async () => {
      await using set = await scene();
      const words = ['quietroom', ...typed].map((word) => `'${word}'`).join(' ');
      const script = `source <(quietroom completion bash); COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _quietroom; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const options = { cwd: set.folder.path, env: set.env, encoding: 'utf8' } as const;
      const replies = execFileSync(BASH, ['-euc', script], options).trim().split('\n');
      for (const offer of offers)
        assert.ok(replies.includes(offer), `${offer} is among ${replies.join(' ')}`);
      if (not !== undefined) assert.ok(!replies.includes(not), not);
    });

    test(`fish completes ${JSON.stringify(line)}`, { skip: skipWithout(FISH) }, async () => {
      await using set = await scene();
      const script = `quietroom completion fish | source; complete -C '${line}'`;
      const options = { cwd: set.folder.path, env: set.env, encoding: 'utf8' } as const;
      const replies = execFileSync(FISH, ['--no-config', '-c', script], options).split('\n');
      const words = replies.map((reply) => reply.split('\t')[0]);
      for (const offer of offers) assert.ok(words.includes(offer), `${offer} is among ${words.join(' ')}`);
      if (not !== undefined) assert.ok(!words.includes(not), not);
    });

    test(
      `zsh completes ${JSON.stringify(line)}`,
      { skip: terminalSkip === false ? skipWithout(ZSH) : terminalSkip },
      async () => {
        await using set = await scene();
        const env = { PATH: set.env['PATH'] };
        await using terminal = await Terminal.start([ZSH, '-f'], { cwd: set.folder.path, env });
        await terminal.enter(
          "PS1='> '; autoload -U compinit; compinit -u -D; source <(quietroom completion zsh); clear; echo ready",
        );
        await terminal.until(/^ready/m);
        await terminal.type(line);
        // Twice: where there are several, the first key completes what they share.
        await terminal.press('Tab', 'Tab');
        for (const offer of offers)
          await terminal.until(new RegExp(`(^|\\s)${offer.replaceAll('.', '\\.')}(\\s|$)`, 'm'));
      },
    );
  }

  test('a script is made of what the command line has now', async () => {
    const { code, stdout } = await runHere(['completion', 'bash']);
    assert.equal(code, 0);
    const help = await runHere(['listen', '--help']);
    const options = [...help.stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name ?? '');
    assert.ok(options.length > 10);
    for (const option of options) assert.ok(stdout.includes(option), option);
  });

  test('another shell is refused', async () => {
    const { code, stderr } = await runHere(['completion', 'tcsh']);
    assert.equal(code, 2);
    assert.match(stderr, /Allowed choices are bash, zsh, fish/);
  });
});
