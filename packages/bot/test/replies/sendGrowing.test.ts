import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'node:test';
import type { Receipt } from 'quietroom-connector';
import { FakeClock } from '@quietroom/bot/testing';
import { completeLength } from '#src/replies/sentences.js';
import { sendGrowing } from '#src/replies/sendGrowing.js';

const ACCEPTED: Receipt = { status: 'accepted', parts: 1, acceptedParts: 1 };

test('sentences end at full stops and line breaks, not after abbreviations and numbers', () => {
  const cases: [text: string, complete: string][] = [
    ['Hello. How', 'Hello. '],
    ['Hello.', ''],
    ['It costs 3.50 and', ''],
    ['Ask Dr. Who about it', ''],
    ['1. Install it', ''],
    ['z. B. heute', ''],
    ['Line\nnext', 'Line\n'],
    ['He said "no." Then', 'He said "no." '],
    ['終わり。次', '終わり。'],
    ['One! Two? Thr', 'One! Two? '],
  ];
  for (const [text, complete] of cases) assert.equal(text.slice(0, completeLength(text)), complete, text);
});

/** A text that grows when a test says so. */
class Source implements AsyncIterable<string> {
  readonly #chunks: (string | undefined)[] = [];
  #wake: () => void = () => {};
  isReturned = false;

  async push(chunk: string | undefined): Promise<void> {
    this.#chunks.push(chunk);
    this.#wake();
    await turn();
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: async () => {
        while (this.#chunks.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
        const value = this.#chunks.shift();
        return value === undefined ? { done: true, value: undefined } : { done: false, value };
      },
      return: async () => {
        this.isReturned = true;
        return { done: true, value: undefined };
      },
    };
  }
}

test('the first sentence goes at once, the next ones together after a second, the rest at the end', async () => {
  const clock = new FakeClock();
  const source = new Source();
  const sent: string[] = [];
  const receipts = sendGrowing(source, async (text) => (sent.push(text), ACCEPTED), clock, undefined);
  await source.push('One. T');
  assert.deepEqual(sent, ['One.']);
  await source.push('wo. Three. Fo');
  assert.deepEqual(sent, ['One.']);
  await clock.advance(1);
  assert.deepEqual(sent, ['One.', 'Two. Three.']);
  await source.push('ur');
  await source.push(undefined);
  assert.equal((await receipts).length, 3);
  assert.deepEqual(sent, ['One.', 'Two. Three.', 'Four']);
  assert.equal(clock.pending, 0);
});

test('a message waits for the receipt of the one before', async () => {
  const clock = new FakeClock();
  const source = new Source();
  const sent: string[] = [];
  const confirm: ((receipt: Receipt) => void)[] = [];
  const send = (text: string): Promise<Receipt> => {
    sent.push(text);
    return new Promise((resolve) => confirm.push(resolve));
  };
  const receipts = sendGrowing(source, send, clock, undefined);
  await source.push('One. Two. Thr');
  await source.push('ee. ');
  await clock.advance(5);
  assert.deepEqual(sent, ['One. Two.']);
  confirm[0]?.(ACCEPTED);
  await turn();
  assert.deepEqual(sent, ['One. Two.', 'Three.']);
  confirm[1]?.(ACCEPTED);
  await source.push(undefined);
  assert.equal((await receipts).length, 2);
});

test('an abort ends a text that hangs, and its iterator', async () => {
  const clock = new FakeClock();
  const source = new Source();
  const stop = new AbortController();
  const receipts = sendGrowing(source, async () => ACCEPTED, clock, stop.signal);
  await source.push('One. T');
  stop.abort(new Error('stopped'));
  await assert.rejects(receipts, /stopped/);
  assert.equal(source.isReturned, true);
  assert.equal(clock.pending, 0);
});

async function* broken(): AsyncGenerator<string> {
  yield 'One. ';
  throw new Error('broken source');
}

test('what the source throws and what sending throws ends the reply', async () => {
  await assert.rejects(
    sendGrowing(broken(), async () => ACCEPTED, new FakeClock(), undefined),
    /broken source/,
  );
  const source = new Source();
  const refused = sendGrowing(
    source,
    async () => Promise.reject(new Error('refused')),
    new FakeClock(),
    undefined,
  );
  const outcome = assert.rejects(refused, /refused/);
  await source.push('One. Two');
  await outcome;
  assert.equal(source.isReturned, true);
});
