import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { eventually, quietroom, type Running } from '../../harness/quietroom.js';
import { Room } from '../../harness/room.js';
import { ScriptedIrcServer, type Script } from './scriptedIrcServer.js';

/** A bridge between a chat server and a scripted server of IRC. */
class HostileScene implements AsyncDisposable {
  readonly room: Room;
  readonly irc: ScriptedIrcServer;

  private constructor(room: Room, irc: ScriptedIrcServer) {
    this.room = room;
    this.irc = irc;
  }

  /** `top` and `irc`: further settings. */
  static async open(script?: Script, top = '', irc = ''): Promise<HostileScene> {
    const scene = new HostileScene(await Room.open(), await ScriptedIrcServer.start(script));
    await scene.room.folder.write(
      'irc.toml',
      `${top}\n[irc]\nhost = "127.0.0.1"\nport = ${scene.irc.port}\ntls = false\nlines_per_second = 1000\n${irc}\n[[links]]\nplace = "#ops"\nchannel = "#ops"\n`,
    );
    return scene;
  }

  async start(): Promise<Running> {
    const bridge = quietroom(['bot', ...this.room.args('irc')], { cwd: this.room.folder.path });
    await bridge.untilError(/IRC: in #ops/);
    return bridge;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.room[Symbol.asyncDispose]();
    await this.irc[Symbol.asyncDispose]();
  }
}

test('whatever an IRC server sends, the bridge stays and says nothing but texts with a name before them', async () => {
  await using scene = await HostileScene.open();
  const alice = await scene.room.joinRoom('alice', '#ops');
  await using bridge = await scene.start();
  const hugeNick = 'n'.repeat(400);
  scene.irc.send(
    [
      'PRIVMSG',
      ':x PRIVMSG #ops',
      'NOTICE',
      ':x!y@z JOIN',
      ':x KICK #ops',
      '@batch=1 :x!y@z PRIVMSG #ops :in no batch',
      'BATCH',
      'CAP',
      ':irc 353',
      ':irc 005 Bridge CHANMODES PREFIX STATUSMSG CASEMAPPING',
      'PING',
      ':mallory!m@host PRIVMSG #ops :/quit',
      ':mallory!m@host PRIVMSG #ops :/msg alice hi',
      ':mallory!m@host PRIVMSG #ops :a\0b\rPRIVMSG #ops :c\x1b[2Jd\u202ee',
      ':mallory!m@host PRIVMSG #ops :\x01ACTION /quit\x01',
      ':mallory!m@host PRIVMSG #ops :\x01VERSION\x01',
      ':mallory!m@host PRIVMSG #ops :\x03\x02\x0f',
      ':a>\u00a0<alice!m@host PRIVMSG #ops :spoofed',
      `:${hugeNick}!m@host PRIVMSG #ops :huge`,
      '',
    ].join('\r\n'),
  );
  scene.irc.send(
    Buffer.concat([
      Buffer.from(':m!m@h PRIVMSG #ops :'),
      Buffer.from([0xff, 0xc3, 0x28]),
      Buffer.from('\r\n'),
    ]),
  );
  scene.irc.send(':end!m@host PRIVMSG #ops :end\r\n');
  await alice.reads('#ops', 'Bridge: <end> end');
  const said = alice.texts.flatMap((text) => /^\[[\d:]{8}\] \[#ops\] Bridge: ([^]*)$/.exec(text)?.[1] ?? []);
  assert.deepEqual(
    said.map((line) => line.replace(/~[\w-]{6}/, '~hash')),
    [
      // The library takes the only word of a message for its text, too.
      '<x> #ops',
      '<mallory> /quit',
      '<mallory> /msg alice hi',
      '<mallory> abPRIVMSG #ops :c [2Jd e',
      '* mallory /quit',
      '<a___alice~hash> spoofed',
      `<${'n'.repeat(25)}~hash> huge`,
      '<m> \ufffd\ufffd(',
      '<end> end',
    ],
  );
  assert.ok(bridge.isRunning);
  assert.ok(scene.room.server.users.includes('Bridge'));
  // No answer to CTCP, no command by a text.
  assert.deepEqual(
    scene.irc.lines.filter((line) => !/^(?:CAP|NICK|USER|JOIN|PING|PONG)\b/.test(line)),
    [],
  );
});

test('a text of the chat is one line of IRC and no command', async () => {
  await using scene = await HostileScene.open();
  const mallory = await scene.room.joinRoom('mallory', '#ops');
  await using bridge = await scene.start();
  await mallory.connector.sendRoomMessage('#ops', 'a\rQUIT :b\nJOIN #c\0\x01d\x01');
  await mallory.connector.sendRoomMessage('#ops', '/quit');
  await mallory.connector.sendRoomMessage('#ops', 'x'.repeat(1000));
  const said = (): string[] => scene.irc.lines.filter((line) => line.includes('mallory'));
  await eventually('all has come', () => said().length === 7);
  assert.deepEqual(said().slice(0, 4), [
    'PRIVMSG #ops :<mallory> a',
    'PRIVMSG #ops :<mallory> QUIT :b',
    'PRIVMSG #ops :<mallory> JOIN #c  d',
    'PRIVMSG #ops :<mallory> /quit',
  ]);
  assert.equal(said().slice(4).join('').match(/x/g)?.length, 1000);
  assert.ok(bridge.isRunning);
});

const refuseForbidden: Script = (line) =>
  line.includes('forbidden') ? [':irc 404 Bridge #ops :Cannot send to channel'] : undefined;

test('lines that a server refuses are tried again alone, and become dead letters', async () => {
  await using scene = await HostileScene.open(refuseForbidden, 'max_refusals = 2');
  const alice = await scene.room.joinRoom('alice', '#ops');
  await using bridge = await scene.start();
  await Promise.all(['one', 'forbidden', 'two'].map((text) => alice.connector.sendRoomMessage('#ops', text)));
  await bridge.untilError(/1 messages to irc #ops were given up: refused/);
  await eventually('the next line has come', () =>
    scene.irc.lines.some((line) => line.endsWith('<alice> two')),
  );
  const letters = await readFile(`${scene.room.folder.path}/irc-dead-letters.jsonl`, 'utf8');
  assert.match(letters, /^\{[^\n]*"reason":"refused"[^\n]*<alice> forbidden"\}\n$/);
});

test('a server that knows no SASL is left, though it lets the bridge in', async () => {
  await using scene = await HostileScene.open(
    undefined,
    '',
    'sasl_account = "a"\nsasl_password_env = "IRC_PASSWORD"',
  );
  const args = ['bot', ...scene.room.args('irc')];
  await using bridge = quietroom(args, { cwd: scene.room.folder.path, env: { IRC_PASSWORD: 'secret' } });
  await bridge.untilError(/IRC: The server has not logged the bridge in by SASL\. Trying again in/);
  assert.deepEqual(
    scene.irc.lines.filter((line) => /secret|JOIN|AUTHENTICATE/.test(line)),
    [],
  );
});

test('a nick in use is replaced, and taken when it is free', async () => {
  let isFree = false;
  const script: Script = (line) => {
    if (line === 'NICK Bridge' && !isFree) return [':irc 433 * Bridge :Nickname is already in use'];
    if (line === 'NICK Bridge') return [':Bridge_1!b@host NICK :Bridge'];
    if (line.startsWith('USER')) return [];
    if (line === 'NICK Bridge_1') return [':irc 001 Bridge_1 :Welcome'];
    return undefined;
  };
  await using scene = await HostileScene.open(script);
  await using bridge = await scene.start();
  isFree = true;
  scene.irc.send(':Bridge!x@host JOIN #ops\r\n:Bridge!x@host QUIT :ghost\r\n');
  await eventually(
    'it has its nick',
    () => scene.irc.lines.filter((line) => line === 'NICK Bridge').length === 2,
  );
  assert.ok(bridge.isRunning);
});

test('a netsplit of 1,000 and its end are two lines in the room', async () => {
  await using scene = await HostileScene.open(undefined, 'presence_seconds = 1');
  const alice = await scene.room.joinRoom('alice', '#ops');
  await using bridge = await scene.start();
  const nicks = Array.from({ length: 1000 }, (_, index) => `user${index}`);
  const all = (line: (nick: string) => string): string => nicks.map((nick) => `${line(nick)}\r\n`).join('');
  scene.irc.send(`:irc 353 Bridge = #ops :Bridge ${nicks.slice(0, 500).join(' ')}\r\n`);
  scene.irc.send(`:irc 353 Bridge = #ops :${nicks.slice(500).join(' ')}\r\n:irc 366 Bridge #ops :End\r\n`);
  scene.irc.send(all((nick) => `:${nick}!u@host QUIT :hub.example.org leaf.example.org`));
  await alice.reads('#ops', 'Bridge: -- 1000 lost in a netsplit');
  scene.irc.send(all((nick) => `:${nick}!u@host JOIN #ops`));
  await alice.reads('#ops', 'Bridge: -- 1000 back after a netsplit');
  assert.equal(alice.texts.filter((text) => text.includes('Bridge: ')).length, 2);
  assert.ok(bridge.isRunning);
});
