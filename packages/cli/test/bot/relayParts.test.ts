import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test, { suite } from 'node:test';
import { isAuthentic } from '#src/bot/relay/authentication.js';
import { Repetitions } from '#src/bot/relay/repetitions.js';
import { PayloadError, type Notice } from '#src/bot/relay/sources/notice.js';
import { noticesOf, type Source } from '#src/bot/relay/sources/sources.js';
import { Folder } from '../harness/quietroom.js';
import { runHere } from '../harness/runHere.js';
import { githubEvents, githubPayloads, payload } from './payload.js';

function read(source: Source, body: string, headers: Record<string, string> = {}, template = ''): Notice[] {
  return noticesOf(source, { headers, body }, template);
}

/** The relay's texts for all payloads of an event. */
function textsOf(event: string): string[] {
  const headers = { 'x-github-event': event };
  const texts = githubPayloads(event).flatMap((body) =>
    read('github', body, headers).map(({ text }) => text),
  );
  return [...new Set(texts)];
}

suite('sources of the relay', () => {
  const cases: readonly [source: Source, file: string, headers: Record<string, string>, texts: string[]][] = [
    [
      'alertmanager',
      'alertmanager',
      {},
      [
        'FIRING HighRequestLatency (warning) db1:9100: Latency of db1 is above 500 ms.',
        'FIRING HighRequestLatency (critical) web1:9100: Latency of web1 is above 500 ms',
      ],
    ],
    [
      'alertmanager',
      'alertmanager-resolved',
      {},
      [
        'RESOLVED HighRequestLatency (warning) db1:9100: Latency of db1 is above 500 ms.',
        'FIRING HighRequestLatency (critical) web1:9100: Latency of web1 is above 500 ms',
      ],
    ],
    ['grafana', 'grafana', {}, ['FIRING High memory usage: This alert was triggered for zone us-1']],
    [
      'gitlab',
      'gitlab-push',
      {},
      [
        'mike/diaspora: John Smith pushed 4 commits to master: fixed readme http://example.com/mike/diaspora/commit/da156088',
      ],
    ],
    [
      'gitlab',
      'gitlab-pipeline',
      {},
      ['mike/diaspora: pipeline 31 on master: failed http://example.com/mike/diaspora/-/pipelines/31'],
    ],
    [
      'gitlab',
      'gitlab-merge-request',
      {},
      [
        'mike/diaspora: Administrator opened merge request !1: MS-Viewport http://example.com/mike/diaspora/merge_requests/1',
      ],
    ],
    ['uptime-kuma', 'uptime-kuma-down', {}, ['[Shop] [🔴 Down] connect ECONNREFUSED 192.0.2.7:443']],
  ];
  for (const [source, file, headers, texts] of cases) {
    test(`${source}: ${file} ${JSON.stringify(headers)}`, () => {
      assert.deepEqual(
        read(source, payload(file), headers).map(({ text }) => text),
        texts,
      );
    });
  }

  test('an alert keeps its key when it resolves', () => {
    const [firing, other] = read('alertmanager', payload('alertmanager'));
    const [resolved, repeated] = read('alertmanager', payload('alertmanager-resolved'));
    assert.deepEqual([resolved?.key, resolved?.state], [firing?.key, 'resolved']);
    assert.deepEqual([repeated?.key, repeated?.state], [other?.key, 'firing']);
    assert.notEqual(firing?.key, other?.key);
    const [down] = read('uptime-kuma', payload('uptime-kuma-down'));
    const [up] = read('uptime-kuma', payload('uptime-kuma-up'));
    assert.deepEqual([down?.key, down?.state, up?.state], [up?.key, 'firing', 'resolved']);
  });

  test('github: of all payloads the events that matter are told', () => {
    const who = 'Codertocat/Hello-World: Codertocat';
    const pages = 'https://github.com/Codertocat/Hello-World';
    const pull = `pull request #2: Update the README with new information. ${pages}/pull/2`;
    const issue = `issue #1: Spelling error in the README file ${pages}/issues/1`;
    assert.deepEqual(textsOf('push'), [
      `${who} deleted simple-tag`,
      `${who} pushed 1 commit to master: Initial commit ${pages}/commit/6113728f27ae82c7b1a177c8d03f9e96e0adf246`,
    ]);
    assert.deepEqual(
      textsOf('pull_request'),
      ['opened', 'closed', 'ready for review', 'reopened'].map((done) => `${who} ${done} ${pull}`),
    );
    assert.deepEqual(
      textsOf('issues'),
      ['opened', 'reopened'].map((done) => `${who} ${done} ${issue}`),
    );
    assert.deepEqual(textsOf('release'), [`${who} published 0.0.1 ${pages}/releases/tag/0.0.1`]);
    const runs = 'https://github.com/octo-org/octo-repo/actions/runs';
    assert.deepEqual(textsOf('workflow_run'), [
      `Codertocat/Hello-World: workflow Manually triggered workflow on main: ${runs}/1589141559`,
      `octo-org/octo-repo: workflow on master: success ${runs}/289782451`,
    ]);
  });

  test('github: all other events are taken, and tell nothing', () => {
    const others = githubEvents().filter((event) => textsOf(event).length === 0);
    assert.equal(others.length, 53);
  });

  test('a template takes fields of any JSON, and a missing one is an error', () => {
    const body = JSON.stringify({ project: 'shop', build: { status: 'red', number: 7 } });
    const [notice] = read('json', body, {}, '{{project}} {{ build.number }} is {{build.status}}');
    assert.equal(notice?.text, 'shop 7 is red');
    assert.throws(
      () => read('json', body, {}, '{{build.log}}'),
      new PayloadError('The body has no field build.log.'),
    );
    assert.throws(() => read('json', body, {}, '{{constructor}}'), PayloadError);
  });

  test('what is not the payload of a source is rejected', () => {
    for (const source of ['alertmanager', 'github', 'gitlab', 'uptime-kuma', 'json'] as const) {
      assert.throws(() => read(source, 'no JSON', { 'x-github-event': 'push' }), PayloadError);
    }
    assert.throws(() => read('alertmanager', '{"alerts":[{"status":"odd"}]}'), /alerts\.0\.status/);
    assert.deepEqual(read('text', ' \n'), []);
  });
});

test('requests prove their source by bearer, token or signature', () => {
  const bytes = Buffer.from('{"a":1}');
  const signature = createHmac('sha256', 'secret').update(bytes).digest('hex');
  const header = 'x-hub-signature-256';
  const check = (
    auth: 'bearer' | 'hmac' | 'gitlab' | 'none',
    headers: Record<string, string>,
    secret?: string,
  ): boolean =>
    isAuthentic({ auth, signature_header: header }, secret, { headers, body: bytes.toString(), bytes });
  assert.ok(check('bearer', { authorization: 'Bearer secret' }, 'secret'));
  assert.ok(check('gitlab', { 'x-gitlab-token': 'secret' }, 'secret'));
  assert.ok(check('hmac', { [header]: `sha256=${signature}` }, 'secret'));
  assert.ok(check('hmac', { [header]: signature }, 'secret'));
  assert.ok(check('none', {}));
  assert.ok(!check('bearer', { authorization: 'Bearer secret2' }, 'secret'));
  assert.ok(!check('bearer', {}, 'secret'));
  assert.ok(!check('bearer', { authorization: 'Bearer undefined' }, undefined));
  assert.ok(
    !check(
      'hmac',
      { [header]: `sha256=${signature.replace(/^./, (c) => (c === 'a' ? 'b' : 'a'))}` },
      'secret',
    ),
  );
  assert.ok(!check('hmac', { [header]: '' }, 'secret'));
});

test('an alert is told once until it resolves, and again after repeat_seconds', () => {
  const repetitions = new Repetitions([]);
  const route = { path: '/a', repeat_seconds: 100, resolved: true };
  const tell = (state: Notice['state'], now: number, key = 'k'): boolean => {
    const told = repetitions.check(route, { key, state, text: '' }, now);
    if (told !== undefined) repetitions.remember(told);
    return told !== undefined;
  };
  assert.deepEqual(
    [tell('resolved', 0), tell('firing', 0), tell('firing', 99_999), tell('firing', 100_000)],
    [false, true, false, true],
  );
  assert.deepEqual(
    [tell('resolved', 100_001), tell('resolved', 100_002), tell('firing', 100_003)],
    [true, false, true],
  );
  assert.deepEqual(
    [tell('event', 0, 'e'), tell('event', 1, 'e'), tell('event', 0, 'f')],
    [true, false, true],
  );
  assert.deepEqual(repetitions.expire(200_003), ['/a e', '/a f']);
  assert.ok(tell('resolved', 200_003));
});

const routeWith = (more: string): string => `[[routes]]\npath = "/a"\nsource = "text"\nto = "#ops"\n${more}`;

suite('quietroom bot relay', () => {
  const wrong: readonly [toml: string, stderr: RegExp][] = [
    ['', /relay\.toml: routes: /],
    [routeWith(''), /routes\.0\.auth: /],
    [routeWith('auth = "bearer"\n'), /routes\.0\.auth: give secret_env or secret_file/],
    [
      routeWith('auth = "bearer"\nsecret_env = "SURELY_NOT_SET"\n'),
      /routes\.0\.secret_env: the variable SURELY_NOT_SET is not set/,
    ],
    [routeWith('auth = "none"\ntemplate = "x"\n'), /routes\.0\.template: /],
    [routeWith('auth = "none"\n') + routeWith('auth = "none"\n'), /two routes have the same path/],
    [routeWith('auth = "none"\n').replace('#ops', 'two words'), /routes\.0\.to: /],
    [routeWith('auth = "none"\nrepeat = 5\n'), /routes\.0\.repeat: there is no such setting/],
  ];
  for (const [toml, stderr] of wrong) {
    test(`rejects ${JSON.stringify(toml)}`, async () => {
      await using folder = await Folder.make();
      await folder.write('relay.toml', toml);
      const outcome = await runHere(['bot', 'relay'], { cwd: folder.path });
      assert.equal(outcome.code, 2);
      assert.match(outcome.stderr, stderr);
    });
  }

  test('--init writes settings that are valid as they are', async () => {
    await using folder = await Folder.make();
    const options = { cwd: folder.path, env: { RELAY_SECRET: 'secret' } };
    assert.equal((await runHere(['bot', 'relay', '--init'], options)).code, 0);
    // It comes as far as the certificate, which is missing.
    assert.match(
      (await runHere(['bot', 'relay'], options)).stderr,
      /certificate file "chat_public\.pem" does not exist/,
    );
  });
});
