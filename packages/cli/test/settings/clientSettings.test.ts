import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import type { ChatFlags } from '#src/settings/clientOptions.js';
import { clientSettings, type ClientSettings } from '#src/settings/clientSettings.js';
import { Failure } from '#src/failures/failure.js';
import { assertOneLine, Folder } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';

const PROFILES = {
  host: 'base.example',
  port: 4000,
  profile: 'work',
  profiles: {
    work: { host: 'work.example', cert: 'work.pem' },
    home: { host: 'home.example', port: 5000, username: 'Me' },
  },
};

const CHAT_DEFAULTS = {
  theme: 'default',
  bell: false,
  quietHours: 'none',
  notify: 'none',
  notifyCommand: undefined,
  highlight: [],
  ignore: [],
  mute: [],
  hideJoinsAbove: 1_000_000,
  aliases: [],
  mouse: false,
  log: undefined,
  logFormat: 'json',
  rooms: [],
  passwordFiles: [],
  downloads: '.',
};

suite('client settings', () => {
  test('without a file or a variable are the documented defaults', async () => {
    const settings = await resolved({}, {});
    assert.deepEqual(
      { ...settings, username: '' },
      {
        host: 'localhost',
        port: 37842,
        cert: 'chat_public.pem',
        username: '',
        connectSeconds: 30,
        cover: 'decoys',
        leaveSteadyForFiles: false,
        daemon: undefined,
        daemonSocket: undefined,
        profile: undefined,
        profiles: [],
        chat: CHAT_DEFAULTS,
      },
    );
    assert.match(settings.username, /^[A-Za-z0-9_.-]{1,32}$/);
  });

  test('come from the file, over which the environment and then options have the last word', async () => {
    const file = { host: 'file.example', port: 1, cert: 'c.pem', username: 'File', connectTimeout: 1 };
    const environment = { QUIETROOM_PORT: '2', QUIETROOM_USERNAME: 'Env', QUIETROOM_CONNECT_TIMEOUT: '2' };
    const { host, port, username, connectSeconds } = await resolved(file, {
      flags: { connectTimeout: 3 },
      environment,
    });
    assert.deepEqual(
      { host, port, username, connectSeconds },
      {
        host: 'file.example',
        port: 2,
        username: 'Env',
        connectSeconds: 3,
      },
    );
  });

  test('of the chat come from the member chat, variables and options', async () => {
    const chat = {
      theme: 'light',
      bell: true,
      quietHours: '22:00-07:00',
      notify: 'osc9',
      notifyCommand: 'notify-send',
      highlight: ['deploy'],
      ignore: ['eve'],
      mute: ['#random'],
      hideJoinsAbove: 50,
      aliases: ['w=/msg bob'],
      mouse: true,
      log: '/tmp/log',
      logFormat: 'text',
      rooms: ['#ops'],
      passwordFiles: ['#ops=ops.password'],
      downloads: '/tmp/files',
    };
    const fromFile = await resolved({ chat }, {});
    assert.deepEqual(fromFile.chat, chat);
    const { chat: over } = await resolved(
      { chat },
      {
        environment: {
          QUIETROOM_BELL: 'false',
          QUIETROOM_QUIET_HOURS: 'none',
          QUIETROOM_HIGHLIGHT: 'release, deploy',
        },
        flags: { theme: 'dark' },
      },
    );
    assert.deepEqual(over, {
      ...chat,
      bell: false,
      quietHours: 'none',
      theme: 'dark',
      highlight: ['release', 'deploy'],
    });
  });

  test('take an IPv6 address as it stands in URLs', async () => {
    await using folder = await Folder.make();
    const { settings } = await printed(['--host', '[::1]'], folder, {});
    assert.equal(settings.host.value, '::1');
  });

  test('a variable that is empty is not set', async () => {
    const { host } = await resolved({ host: 'file.example' }, { environment: { QUIETROOM_HOST: '' } });
    assert.equal(host, 'file.example');
  });

  const CHOICES = [
    { name: 'the file', environment: {}, flags: {}, host: 'work.example', port: 4000, profile: 'work' },
    {
      name: 'a variable',
      environment: { QUIETROOM_PROFILE: 'home' },
      flags: {},
      host: 'home.example',
      port: 5000,
      profile: 'home',
    },
    {
      name: 'a variable, under variables',
      environment: { QUIETROOM_PROFILE: 'home', QUIETROOM_HOST: 'env.example' },
      flags: {},
      host: 'env.example',
      port: 5000,
      profile: 'home',
    },
    {
      name: 'an option, over variables',
      environment: { QUIETROOM_PROFILE: 'work', QUIETROOM_HOST: 'env.example' },
      flags: { profile: 'home' },
      host: 'home.example',
      port: 5000,
      profile: 'home',
    },
    {
      name: 'an option, under options',
      environment: {},
      flags: { profile: 'home', host: 'flag.example' },
      host: 'flag.example',
      port: 5000,
      profile: 'home',
    },
  ];
  for (const { name, environment, flags, ...expected } of CHOICES) {
    test(`a profile is chosen by ${name}`, async () => {
      const { host, port, profile, profiles } = await resolved(PROFILES, { environment, flags });
      assert.deepEqual({ host, port, profile }, expected);
      assert.deepEqual(profiles, [
        { name: 'work', host: 'work.example', port: 4000 },
        { name: 'home', host: 'home.example', port: 5000 },
      ]);
    });
  }

  test('paths in the file are seen from its folder, and those of variables and options are not', async () => {
    await using folder = await Folder.make();
    const cert = async (path: string, more: Given = {}): Promise<string> =>
      (await resolved({ cert: path }, { folder, ...more })).cert;
    assert.equal(await cert('certs/a.pem'), join(folder.path, 'certs/a.pem'));
    assert.equal(await cert('/etc/a.pem'), '/etc/a.pem');
    assert.equal(await cert('~/a.pem'), join(homedir(), 'a.pem'));
    assert.equal(await cert('a.pem', { environment: { QUIETROOM_CERT: 'b.pem' } }), 'b.pem');
    assert.equal(await cert('a.pem', { flags: { cert: 'c.pem' } }), 'c.pem');
  });

  const WRONG: readonly { readonly config: unknown; readonly says: RegExp }[] = [
    { config: '{ "host": ', says: /config\.json: it is not JSON: / },
    { config: [], says: /config\.json: it must be an object, such as/ },
    { config: { hots: 'x' }, says: /config\.json: there is no key "hots"\. Did you mean host\?/ },
    { config: { connect_timeout: 3 }, says: /"connect_timeout"\. Did you mean connectTimeout\?/ },
    { config: { password: 'x' }, says: /no key "password"\. Known are host, port, .*profiles/ },
    { config: { port: 0 }, says: /config\.json: port must be a whole number from 1 to 65535\./ },
    { config: { port: '37842' }, says: /port must be a whole number/ },
    { config: { host: '' }, says: /host must be a host name or an IP address/ },
    { config: { host: 'https://chat.example' }, says: /without protocol and port/ },
    { config: { cert: null }, says: /cert must be a text that is not empty/ },
    { config: { chat: { bell: 'on' } }, says: /chat\.bell must be true or false/ },
    { config: { chat: { quietHours: '22-7' } }, says: /chat\.quietHours must be a span of the day such as/ },
    { config: { chat: { tehme: 'x' } }, says: /"chat\.tehme"\. Did you mean chat\.theme\?/ },
    { config: { chat: true }, says: /chat must be an object/ },
    { config: { profiles: { a: 1 } }, says: /profiles\.a must be an object/ },
    {
      config: { profiles: { a: { prot: 1 } } },
      says: /"profiles\.a\.prot"\. Did you mean profiles\.a\.port\?/,
    },
    { config: { profiles: { a: { port: 1.5 } } }, says: /profiles\.a\.port must be a whole number/ },
    { config: { profiles: { a: { profile: 'b' } } }, says: /there is no key "profiles\.a\.profile"/ },
    { config: { profiles: { 'a b': {} } }, says: /"a b" cannot be the name of a profile/ },
    { config: { profile: 'c', profiles: { a: {}, b: {} } }, says: /no profile "c"; \S+ has a, b\./ },
    { config: { __proto__: { host: 'x' }, constructor: 'x' }, says: /there is no key "constructor"/ },
  ];
  for (const { config, says } of WRONG) {
    test(`refuse a file with ${JSON.stringify(config)}`, async () => {
      await assert.rejects(resolved(config, {}), failure(says));
    });
  }

  test('refuse a variable that cannot be, by its name', async () => {
    const environment = { QUIETROOM_PORT: '70000' };
    await assert.rejects(
      resolved({}, { environment }),
      failure(/The variable QUIETROOM_PORT must be a whole number from 1 to 65535\./),
    );
  });

  test('refuse a profile that there is not, and say who asked for it', async () => {
    await assert.rejects(resolved({}, { flags: { profile: 'x' } }), failure(/^--profile: .*has none/));
    await assert.rejects(
      resolved(PROFILES, { environment: { QUIETROOM_PROFILE: 'x' } }),
      failure(/^QUIETROOM_PROFILE: .*has work, home\./),
    );
    await assert.rejects(
      clientSettings({ profile: 'x' }, {}, { XDG_CONFIG_HOME: '/nonexistent' }),
      failure(/there is no configuration file/),
    );
  });
});

suite('the configuration file', () => {
  test('is the one named, else that in the current folder, else that of the user', async () => {
    await using folder = await Folder.make();
    await using home = await Folder.make();
    await mkdir(join(home.path, 'quietroom'));
    await writeFile(join(home.path, 'quietroom', 'quietroom.config.json'), '{ "host": "user.example" }');
    const named = await folder.write('named.json', '{ "host": "named.example" }');
    const variable = await folder.write('variable.json', '{ "host": "variable.example" }');
    const host = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> =>
      (await printed(args, folder, { XDG_CONFIG_HOME: home.path, ...env })).settings.host.value;
    assert.equal(await host([]), 'user.example');
    await folder.write('quietroom.config.json', '{ "host": "here.example" }');
    assert.equal(await host([]), 'here.example');
    assert.equal(await host([], { QUIETROOM_CONFIG: variable }), 'variable.example');
    assert.equal(await host(['--config', named], { QUIETROOM_CONFIG: variable }), 'named.example');
  });

  test('that is named and not there ends the command, with who named it', async () => {
    const byOption = await runHere(['echo', '--config', 'no.json']);
    assert.equal(byOption.code, 1);
    assertOneLine(byOption.stderr, /no configuration file "no\.json"\. Check --config\./);
    const byVariable = await runHere(['echo'], { env: { QUIETROOM_CONFIG: 'no.json' } });
    assertOneLine(byVariable.stderr, /Check QUIETROOM_CONFIG\./);
  });

  test('with a control in it reaches the terminal escaped', async () => {
    await using folder = await Folder.make();
    await folder.write('quietroom.config.json', JSON.stringify({ '\u001b[2J': 1 }));
    const { stderr } = await runHere(['echo'], { cwd: folder.path });
    assertOneLine(stderr, /\\u001b\[2J/);
  });
});

suite('--print-config', () => {
  test('prints each setting and where it comes from, and connects to nothing', async () => {
    await using folder = await Folder.make();
    const path = await folder.write('quietroom.config.json', JSON.stringify(PROFILES));
    const { config, profile, profiles, settings } = await printed(['--connect-timeout', '7'], folder, {
      QUIETROOM_USERNAME: '\u202eeve',
    });
    assert.equal(config, path);
    assert.deepEqual(profile, { value: 'work', from: path });
    assert.deepEqual(profiles, ['work', 'home']);
    assert.deepEqual(settings.host, { value: 'work.example', from: `profile work in ${path}` });
    assert.deepEqual(settings.port, { value: 4000, from: path });
    assert.deepEqual(settings.connectTimeout, { value: 7, from: '--connect-timeout' });
    assert.deepEqual(settings.username, { value: '\u202eeve', from: 'QUIETROOM_USERNAME' });
    // JSON has no undefined.
    const wanted = Object.entries(CHAT_DEFAULTS).map(([name, value]) => [
      name,
      { ...(value !== undefined && { value }), from: 'default' },
    ]);
    assert.deepEqual(settings.chat, Object.fromEntries(wanted));
  });
});

interface Given {
  readonly flags?: ChatFlags;
  readonly environment?: NodeJS.ProcessEnv;
  readonly folder?: Folder;
}

async function resolved(config: unknown, { flags, environment, folder }: Given): Promise<ClientSettings> {
  await using own = await Folder.make();
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  const path = await (folder ?? own).write('quietroom.config.json', text);
  return await clientSettings({ ...flags, config: path }, {}, environment ?? {});
}

function failure(says: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Failure);
    assert.match(error.message, says);
    assert.equal(error.exitCode, 1);
    return true;
  };
}

interface Printed {
  readonly config: string | null;
  readonly profile: unknown;
  readonly profiles: unknown;
  readonly settings: Readonly<Record<string, { readonly value: unknown; readonly from: string }>> & {
    readonly host: { readonly value: unknown };
  };
}

async function printed(args: readonly string[], folder: Folder, env: NodeJS.ProcessEnv): Promise<Printed> {
  const { code, stdout, stderr } = await runHere(['echo', '--print-config', ...args], {
    cwd: folder.path,
    env,
  });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /\u202e/);
  return JSON.parse(stdout) as Printed;
}
