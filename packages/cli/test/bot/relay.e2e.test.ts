import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import type { ServerOptions } from '@quietroom/server';
import { eventually, quietroom, runToEnd, type Person, type Running } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { githubPayloads, payload } from './payload.js';

const SECRET = 'relay-secret';
const BEARER = { authorization: `Bearer ${SECRET}` };

/** A server, and settings of a relay in its folder. */
class Scene implements AsyncDisposable {
  readonly room: Room;
  #port = 0;

  private constructor(room: Room) {
    this.room = room;
  }

  static async open(settings: string, server: ServerOptions = {}): Promise<Scene> {
    const scene = new Scene(await Room.open(server));
    await scene.room.folder.write('relay.toml', settings);
    return scene;
  }

  get command(): string[] {
    return ['bot', ...this.room.args('relay')];
  }

  /** Starts a relay; resolves when it is connected. */
  async start(): Promise<Running> {
    const relay = quietroom(this.command, { cwd: this.room.folder.path, env: { SECRET } });
    const [, port] = await relay.until(/relays from http:\/\/127\.0\.0\.1:(\d+) on/);
    this.#port = Number(port);
    return relay;
  }

  async post(path: string, body: string, headers: Record<string, string> = BEARER): Promise<number> {
    const response = await fetch(this.#url(path), { method: 'POST', body, headers });
    await response.text();
    return response.status;
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(this.#url(path));
    return { status: response.status, text: await response.text() };
  }

  #url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.room[Symbol.asyncDispose]();
  }
}

function configOf(...routes: readonly string[]): string {
  return [`port = 0`, ...routes.map((route) => `[[routes]]\nsecret_env = "SECRET"\n${route}`)].join('\n');
}

const OPS = 'path = "/ops"\nsource = "text"\nto = "#ops"\nauth = "bearer"\ngroup_seconds = 0\n';

function routeTo(path: string, to: string): string {
  return `path = "/${path}"\nsource = "text"\nto = "${to}"\nauth = "bearer"\ngroup_seconds = 0\n`;
}

/** A 1.1 server does not name the room of a message. */
function hearsAtLast({ texts }: Person, text: string): Promise<void> {
  return eventually(`${text} has come`, () => texts.some((one) => one.endsWith(text)));
}

/** The lines that somebody read in a room, without the name of the relay. */
function linesIn(person: Person, room: string): string[] {
  return person.texts.flatMap((text) => {
    const [, said] = new RegExp(`^\\[[\\d:]{8}\\] \\[${room}\\] Relay: ([^]*)$`).exec(text) ?? [];
    return said === undefined ? [] : said.split('\n');
  });
}

test('each source reaches its room or user, and tells an alert once', async () => {
  await using scene = await Scene.open(
    configOf(
      'path = "/alerts"\nsource = "alertmanager"\nto = "#ops"\nauth = "bearer"\ngroup_seconds = 0\n',
      'path = "/github"\nsource = "github"\nto = "alice"\nauth = "hmac"\ngroup_seconds = 0\n',
      'path = "/gitlab"\nsource = "gitlab"\nto = "alice"\nauth = "gitlab"\ngroup_seconds = 0\n',
    ),
  );
  const alice = await scene.room.joinRoom('alice', '#ops');
  await using relay = await scene.start();

  assert.equal(await scene.post('/alerts', payload('alertmanager')), 202);
  const ofDb = 'HighRequestLatency (warning) db1:9100: Latency of db1 is above 500 ms.';
  const ofWeb = 'HighRequestLatency (critical) web1:9100: Latency of web1 is above 500 ms';
  await alice.reads('#ops', `Relay: FIRING ${ofDb}\nFIRING ${ofWeb}`);
  // Told already.
  assert.equal(await scene.post('/alerts', payload('alertmanager')), 200);
  // One has ended, and the other was told already.
  assert.equal(await scene.post('/alerts', payload('alertmanager-resolved')), 202);
  await alice.reads('#ops', `Relay: RESOLVED ${ofDb}`);
  assert.equal(linesIn(alice, '#ops').length, 3);

  const push = githubPayloads('push').find((body) => body.includes('"refs/heads/master"')) ?? '';
  const signature = `sha256=${createHmac('sha256', SECRET).update(push).digest('hex')}`;
  const github = { 'x-github-event': 'push', 'x-github-delivery': 'one', 'x-hub-signature-256': signature };
  assert.equal(await scene.post('/github', push, github), 202);
  assert.equal(await scene.post('/github', push, github), 200);
  assert.equal(await scene.post('/github', `${push} `, github), 401);
  assert.equal(await scene.post('/gitlab', payload('gitlab-pipeline'), { 'x-gitlab-token': SECRET }), 202);
  await alice.hears(
    'Relay: Codertocat/Hello-World: Codertocat pushed 1 commit to master: Initial commit https://github.com/Codertocat/Hello-World/commit/6113728f27ae82c7b1a177c8d03f9e96e0adf246',
  );
  await alice.hears(
    'Relay: mike/diaspora: pipeline 31 on master: failed http://example.com/mike/diaspora/-/pipelines/31',
  );

  const health = await scene.get('/healthz');
  assert.deepEqual(
    [health.status, JSON.parse(health.text)],
    [200, { connected: true, pending: 0, oldestSeconds: 0 }],
  );
  const { text } = await scene.get('/metrics');
  for (const line of [
    'quietroom_relay_requests_total{status="202"} 4',
    'quietroom_relay_requests_total{status="401"} 1',
    'quietroom_relay_delivered_total 5',
    'quietroom_relay_pending 0',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
  }
  relay.signal('SIGTERM');
  assert.equal((await relay.ended()).code, 0);
});

test('wrong requests are refused, and nothing of them is relayed', async () => {
  await using scene = await Scene.open(
    `max_body_bytes = 1000\nmax_pending = 1\n${configOf(OPS, 'path = "/nobody"\nsource = "text"\nto = "nobody"\nauth = "bearer"\n')}`,
  );
  const alice = await scene.room.joinRoom('alice', '#ops');
  await using relay = await scene.start();
  assert.equal(await scene.post('/ops', 'x', {}), 401);
  assert.equal(await scene.post('/ops', 'x', { authorization: 'Bearer wrong' }), 401);
  assert.equal(await scene.post('/elsewhere', 'x'), 404);
  assert.equal((await scene.get('/ops')).status, 405);
  assert.equal(await scene.post('/ops', 'x'.repeat(1001)), 413);
  assert.equal(await scene.post('/ops', ' '), 200);
  assert.equal(await scene.post('/nobody', 'fills the store'), 202);
  assert.equal(await scene.post('/ops', 'full'), 503);
  assert.ok(relay.isRunning);
  assert.deepEqual(linesIn(alice, '#ops'), []);
  assert.ok(!(relay.stdout + relay.stderr).includes(SECRET));
});

test('a message for somebody who is offline waits for them, and one that is too old becomes a dead letter', async () => {
  await using scene = await Scene.open(
    `max_age = 3\n${configOf(routeTo('bob', 'bob'), routeTo('nobody', 'nobody'))}`,
  );
  await using relay = await scene.start();
  assert.equal(await scene.post('/bob', 'hello'), 202);
  assert.equal(await scene.post('/nobody', 'lost'), 202);
  await relay.untilError(/bob: not delivered, will be tried again: refused: recipient-offline/);
  const bob = await scene.room.join('bob');
  await bob.hears('Relay: hello');
  await relay.untilError(/1 messages to nobody were given up: too-old/);
  const letter: unknown = JSON.parse(await readFile(`${scene.room.folder.path}/dead-letters.jsonl`, 'utf8'));
  assert.ok(typeof letter === 'object' && letter !== null);
  assert.deepEqual(
    { ...letter, time: '', acceptedAt: '' },
    { time: '', reason: 'too-old', to: 'nobody', acceptedAt: '', text: 'lost' },
  );
  assert.deepEqual(bob.dms, ['Relay: hello']);
});

test('on a 1.1 server, with rooms in turn and a restart of the server', async () => {
  await using scene = await Scene.open(configOf(routeTo('a', '#a'), routeTo('b', '#b')), {
    protocolVersion: '1.1',
  });
  const [alice, bob] = [await scene.room.joinRoom('alice', '#a'), await scene.room.joinRoom('bob', '#b')];
  await using relay = await scene.start();
  for (const n of [1, 2]) {
    for (const room of ['a', 'b']) assert.equal(await scene.post(`/${room}`, `${room}${n}`), 202);
  }
  await hearsAtLast(alice, 'a2');
  await hearsAtLast(bob, 'b2');
  await scene.room.restart();
  assert.equal(await scene.post('/a', 'after'), 202);
  const again = await scene.room.joinRoom('carol', '#a');
  await hearsAtLast(again, 'after');
  assert.ok(relay.isRunning);
});

test('two relays do not share a store', async () => {
  await using scene = await Scene.open(configOf(OPS));
  await using relay = await scene.start();
  const { code, stderr } = await runToEnd([...scene.command, '--username', 'Second'], {
    cwd: scene.room.folder.path,
    env: { SECRET },
  });
  assert.deepEqual([code, stderr], [1, 'quietroom: The store relay-store is in use by another bot.\n']);
  assert.ok(relay.isRunning);
});

test('after kill -9 in the middle of 1,000 posts all that was acknowledged arrives; only what was in flight doubles, and is marked', async () => {
  await using scene = await Scene.open(configOf(OPS));
  const alice = await scene.room.joinRoom('alice', '#ops');
  const acknowledged: string[] = [];
  const unclear: string[] = [];
  let next = 0;
  const postUntilKilled = async (): Promise<void> => {
    while (next < 1000) {
      const text = `message ${next++}`;
      const status = await scene.post('/ops', text).catch(() => undefined);
      if (status === 202) acknowledged.push(text);
      else unclear.push(text);
      if (status === undefined) return;
    }
  };
  for (const killAt of [300, 650]) {
    await using relay = await scene.start();
    const posting = Promise.all(Array.from({ length: 8 }, postUntilKilled));
    await eventually(`${killAt} are acknowledged`, () => acknowledged.length >= killAt);
    relay.signal('SIGKILL');
    await posting;
    await relay.ended();
    await eventually('its name is free', () => !scene.room.server.users.includes('Relay'));
  }
  await using relay = await scene.start();
  await Promise.all(Array.from({ length: 8 }, postUntilKilled));
  await eventually('all is delivered', async () =>
    (await scene.get('/healthz')).text.includes('"pending":0'),
  );
  assert.ok(relay.isRunning);

  const lines = linesIn(alice, '#ops');
  const arrived = new Map<string, string[]>();
  for (const line of lines) {
    const text = line.replace('(perhaps again) ', '');
    arrived.set(text, [...(arrived.get(text) ?? []), line]);
  }
  assert.deepEqual(
    acknowledged.filter((text) => !arrived.has(text)),
    [],
  );
  const doubled = [...arrived.values()].filter(({ length }) => length > 1);
  // One group in flight for each kill.
  assert.ok(doubled.length <= 2 * 20, `${doubled.length} doubled`);
  for (const [first = '', second = '', ...more] of doubled) {
    assert.deepEqual(
      [first.startsWith('message'), second.startsWith('(perhaps again) '), more],
      [true, true, []],
    );
  }
  assert.ok(acknowledged.length + unclear.length === 1000 && unclear.length <= 16);
});
