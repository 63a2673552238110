import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { PlaceLimiter } from '#src/limits/placeLimiter.js';
import { CurrentOptions } from '#src/options/currentOptions.js';
import { resolveOptions } from '#src/options/options.js';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

function placeLimiter(): { clock: FakeClock; limiter: PlaceLimiter } {
  const clock = new FakeClock();
  const options = resolveOptions({ clock, placeMessagesPerSecond: 1000, placeMessageBurst: 500 });
  return { clock, limiter: new PlaceLimiter(clock, new CurrentOptions(options)) };
}

/** Sends to a place as fast as it may, and counts. */
class Flood {
  sent = 0;
  readonly #limiter: PlaceLimiter;
  readonly #message: { readonly place: object; readonly members: number; readonly bytes: number };

  constructor(limiter: PlaceLimiter, place: object, members = 5, bytes = 1) {
    this.#limiter = limiter;
    this.#message = { place, members, bytes };
    void this.#run();
  }

  async #run(): Promise<void> {
    for (;;) {
      this.sent++;
      await this.#limiter.charge({ ...this.#message, sender: this });
    }
  }
}

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    // Let each sender send until it must wait.
    await new Promise(setImmediate);
  }
}

test('Senders to one place share its rate equally', async () => {
  const { clock, limiter } = placeLimiter();
  const place = {};
  const floods = Array.from({ length: 4 }, () => new Flood(limiter, place));
  await pass(clock, 10_000);
  const sent = floods.map((flood) => flood.sent);
  const total = sent.reduce((sum, count) => sum + count);
  // The burst, ten seconds, and what each may send in any case.
  assert.ok(total >= 10_000 && total <= 500 + 10_000 + 4 * 150 + 40, `${total} messages`);
  const later = floods.map((flood) => flood.sent);
  await pass(clock, 10_000);
  const shares = floods.map((flood, index) => flood.sent - (later[index] ?? 0));
  assert.ok(Math.max(...shares) - Math.min(...shares) < 100, shares.join(' '));
});

test('After many slow senders, a fast one waits for seconds and not for hours', async () => {
  const { clock, limiter } = placeLimiter();
  const place = {};
  const slow = Array.from({ length: 64 }, () => ({}));
  for (let tenth = 0; tenth < 600; tenth++) {
    for (const sender of slow)
      assert.equal(limiter.charge({ place, sender, members: 64, bytes: 1 }), undefined);
    clock.advance(100);
  }
  const flood = new Flood(limiter, place);
  await pass(clock, 1000);
  const { sent } = flood;
  await pass(clock, 5000);
  assert.ok(flood.sent > sent + 1000, `${flood.sent - sent} in five seconds`);
});

test('A lone sender gets the whole rate', async () => {
  const { clock, limiter } = placeLimiter();
  const flood = new Flood(limiter, {});
  await pass(clock, 10_000);
  assert.ok(flood.sent >= 10_000 && flood.sent <= 10_700, `${flood.sent} messages`);
});

test('A sender below 10 messages a second never waits', async () => {
  const { clock, limiter } = placeLimiter();
  const place = {};
  const floods = Array.from({ length: 10 }, () => new Flood(limiter, place));
  const sender = {};
  for (let count = 0; count < 100; count++) {
    await pass(clock, 100);
    assert.equal(limiter.charge({ place, sender, members: 5, bytes: 1 }), undefined);
  }
  assert.ok(floods.every((flood) => flood.sent > 500));
});

test('Another place has its own rate', () => {
  const { limiter } = placeLimiter();
  const message = { sender: {}, members: 5, bytes: 1 };
  const lobby = {};
  const waits = Array.from({ length: 700 }, () => limiter.charge({ ...message, place: lobby }));
  assert.notEqual(waits.at(-1), undefined);
  assert.equal(limiter.charge({ ...message, place: {} }), undefined);
});

for (const { what, members, bytes, share } of [
  { what: 'In a place of 60 members a quarter of the messages', members: 60, bytes: 1, share: 1 / 4 },
  { what: 'Of messages of 1,100 bytes a third', members: 5, bytes: 1100, share: 1 / 3 },
]) {
  test(`${what} is allowed`, async () => {
    const { clock, limiter } = placeLimiter();
    const flood = new Flood(limiter, {}, members, bytes);
    await pass(clock, 10_000);
    const before = flood.sent;
    await pass(clock, 10_000);
    const perSecond = (flood.sent - before) / 10;
    assert.ok(Math.abs(perSecond - 1000 * share) < 20, `${perSecond} per second`);
  });
}

async function flooded(t: TestContext, join: string | undefined, prefix: string): Promise<void> {
  const clock = new FakeClock();
  const book = new LogBook();
  const server = await startServer(t, {
    clock,
    log: book.log,
    decoyTraffic: false,
    placeMessagesPerSecond: 10,
    placeMessageBurst: 20,
  });
  const flooding = await WireClient.login(server, 'flooding');
  const honest = await WireClient.login(server, 'honest');
  for (const client of [flooding, honest]) if (join !== undefined) await client.ask(join);
  const before = server.stats().messages.received;
  for (let count = 0; count < 500; count++) flooding.send(`${prefix}flood`);
  for (let count = 0; count < 20; count++) {
    assert.ok((await honest.ask(`${prefix}hello ${count}`)).some((text) => text.endsWith(`hello ${count}`)));
  }
  const { received } = server.stats().messages;
  assert.ok(received - before < 200, `${received - before} requests were handled`);
  assert.deepEqual(
    server.admin.clients().map(({ slowedBy }) => slowedBy),
    ['place', undefined],
  );
  // Nothing is lost.
  for (let second = 0; second < 60; second++) {
    clock.advance(1000);
    await honest.settle();
  }
  assert.equal(honest.received.filter((text) => text.endsWith('flood')).length, 500);
}

test('A flood in the lobby is slowed, others there are not, and nothing is lost', async (t) =>
  flooded(t, undefined, ''));
test('A flood in a room is slowed, others there are not, and nothing is lost', async (t) =>
  flooded(t, '/join #a', '[#a] '));
