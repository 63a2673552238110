import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import { SourcePenalties } from '#src/limits/sourcePenalties.js';
import { CurrentOptions } from '#src/options/currentOptions.js';
import { resolveOptions, type ServerOptions } from '#src/options/options.js';
import { LogBook, startServer } from '../startServer.js';
import { WireClient } from '../wireClient.js';

function makePenalties(options: ServerOptions = {}) {
  const clock = new FakeClock();
  const current = new CurrentOptions(resolveOptions(options));
  return { clock, current, penalties: new SourcePenalties(clock, current) };
}

suite('SourcePenalties', () => {
  test('add up to a refusal, and pass with time', () => {
    const { clock, penalties } = makePenalties();
    for (let count = 0; count < 5; count++) penalties.charge('protocolError', '192.0.2.1');
    assert.equal(penalties.refuses('192.0.2.1'), false);
    penalties.charge('protocolError', '192.0.2.1');
    assert.equal(penalties.refuses('192.0.2.1'), true);
    assert.equal(penalties.refuses('192.0.2.2'), false);
    clock.advance(1);
    assert.equal(penalties.refuses('192.0.2.1'), false);
    clock.advance(60_000);
    penalties.forgetOld();
    assert.equal(penalties.size, 0);
  });

  test('count for the 64-bit network of an IPv6 address', () => {
    const { penalties } = makePenalties();
    penalties.charge('junk', '2001:db8::1');
    assert.equal(penalties.refuses('2001:db8::2'), true);
    assert.equal(penalties.refuses('2001:db8:0:1::1'), false);
  });

  test('are at most maxPenalty', () => {
    const { clock, penalties } = makePenalties();
    for (let count = 0; count < 100; count++) penalties.charge('junk', '192.0.2.1');
    clock.advance(540_000);
    assert.equal(penalties.refuses('192.0.2.1'), true);
    clock.advance(1);
    assert.equal(penalties.refuses('192.0.2.1'), false);
  });

  test('are not given for an ordinary end', () => {
    const { penalties } = makePenalties();
    for (const end of ['quit', 'ended', 'idle', 'kicked', 'nameTaken'] as const) {
      for (let count = 0; count < 100; count++) penalties.charge(end, '192.0.2.1');
    }
    assert.equal(penalties.size, 0);
  });

  test('are not given to exempt addresses, which a reload can change', () => {
    const { penalties, current } = makePenalties({ penaltyExempt: ['192.0.2.0/24'] });
    penalties.charge('junk', '192.0.2.1');
    penalties.charge('junk', '::ffff:192.0.2.1');
    assert.equal(penalties.size, 0);
    current.change({ penaltyExempt: [] });
    penalties.charge('junk', '192.0.2.1');
    assert.equal(penalties.refuses('::ffff:192.0.2.1'), true);
  });

  test('end at once for an address that a reload exempts', () => {
    const { penalties, current } = makePenalties();
    penalties.charge('junk', '192.0.2.1');
    assert.equal(penalties.refuses('192.0.2.1'), true);
    current.change({ penaltyExempt: ['192.0.2.1'] });
    assert.equal(penalties.refuses('192.0.2.1'), false);
  });

  test('are given so that one close for junk refuses a minute', () => {
    const { clock, penalties } = makePenalties();
    penalties.charge('junk', '192.0.2.1');
    clock.advance(60_000);
    assert.equal(penalties.refuses('192.0.2.1'), true);
    clock.advance(1);
    assert.equal(penalties.refuses('192.0.2.1'), false);
  });

  test('can be switched off', () => {
    const { penalties, current } = makePenalties();
    penalties.charge('junk', '192.0.2.1');
    current.change({ penaltyThreshold: 0 });
    assert.equal(penalties.refuses('192.0.2.1'), false);
    penalties.charge('junk', '192.0.2.2');
    assert.equal(penalties.size, 1);
  });

  test('are remembered for a limited number of sources', () => {
    const { penalties } = makePenalties();
    for (let index = 0; index < 10_010; index++) {
      penalties.charge('junk', `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    }
    assert.equal(penalties.size, 10_000);
    assert.equal(penalties.refuses('10.0.0.0'), false);
    assert.equal(penalties.refuses('10.0.39.25'), true);
  });
});

test('An address whose handshakes fail is refused before TLS, and the others are served', async (t) => {
  const book = new LogBook();
  const server = await startServer(t, { log: book.log, penaltyExempt: ['127.0.0.1'], penaltyThreshold: 8 });
  const { port } = server;
  for (let count = 1; count <= 2; count++) {
    const scanner = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }).resume();
    scanner.on('error', () => {});
    scanner.write('GET / HTTP/1.0\r\n\r\n');
    await book.nth('closed', count);
  }
  const refused = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }).resume();
  await once(refused, 'close');
  assert.equal(refused.bytesRead, 0);
  assert.equal(server.stats().refused.penalty, 1);
  assert.deepEqual(book.of('refused'), [
    { event: 'refused', reason: 'penalty', address: '127.0.0.2', times: 1 },
  ]);
  await WireClient.login(server, 'alice');
});
