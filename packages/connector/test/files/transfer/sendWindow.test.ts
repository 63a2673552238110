import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ServerMessage } from '@quietroom/protocol';
import { FakeClock } from '@quietroom/testing';
import { ConnectorError } from 'quietroom-connector';
import { SendWindow } from '#src/files/transfer/sendWindow.js';
import type { TransferContext } from '#src/files/transfer/transferContext.js';

const KIB = 1024;
const ANSWER: ServerMessage = { type: 'features', text: 'fast-files' };

/** A window on a server that answers when the test says so. */
function open() {
  const clock = new FakeClock();
  const questions: { resolve(answer: ServerMessage): void; reject(error: unknown): void }[] = [];
  const context: TransferContext = {
    clock,
    username: 'tester',
    assertTakesCalls() {},
    assertTakesFiles() {},
    fileComes() {},
    fileIsOver() {},
    answerTimeoutMs: 10_000,
    fileTimeoutMs: 60_000,
    ask: () => new Promise((resolve, reject) => void questions.push({ resolve, reject })),
    sendPacket() {},
    pauseReading() {},
    resumeReading() {},
  };
  let changes = 0;
  const window = new SendWindow(context, new AbortController().signal, () => void changes++);
  return {
    window,
    questions,
    changes: () => changes,
    /** Sends until the window is full; gives the bytes. */
    fill: (): number => {
      let bytes = 0;
      for (; !window.isFull; bytes += KIB) window.add(KIB);
      return bytes;
    },
    /** The server answers after so many milliseconds. */
    answers: async (ms: number): Promise<void> => {
      clock.advance(ms);
      questions.shift()?.resolve(ANSWER);
      await turn();
    },
  };
}

test('A file that is small is not asked about', () => {
  const { window, questions } = open();
  window.add(15 * KIB);
  assert.equal(questions.length, 0);
});

test('There is one question at a time, and each answer stands for all that was sent before it', async () => {
  const { window, questions, fill, answers, changes } = open();
  assert.equal(fill(), 64 * KIB);
  assert.equal(questions.length, 1);
  await answers(10);
  assert.equal(changes(), 1);
  assert.equal(window.isFull, false);
  assert.equal(questions.length, 1, 'the next');
});

test('As long as answers come at once, more and more is sent ahead', async () => {
  const { fill, answers } = open();
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) {
    rounds.push(fill());
    await answers(10);
    await answers(10);
  }
  assert.ok(rounds.every((bytes, index) => index === 0 || bytes >= (rounds[index - 1] ?? 0)));
  assert.ok((rounds.at(-1) ?? 0) > 4 * (rounds[0] ?? 0));
});

test('When answers take longer, less is sent ahead, but never nothing', async () => {
  const { window, fill, answers } = open();
  fill();
  await answers(1);
  for (let round = 0; round < 12; round++) {
    fill();
    await answers(100);
  }
  await answers(1);
  assert.equal(window.isFull, false);
  assert.ok(fill() <= 64 * KIB);
});

test('A server that does not answer in time is asked again', async () => {
  const { window, questions, fill, answers } = open();
  fill();
  questions.shift()?.reject(new ConnectorError('NO_ANSWER', 'late'));
  await turn();
  assert.equal(window.isFull, true);
  assert.equal(questions.length, 1);
  await answers(1);
  assert.equal(window.isFull, false);
});

test('When the connection is gone nothing more is asked', async () => {
  const { questions, fill } = open();
  fill();
  questions.shift()?.reject(new ConnectorError('CONNECTION_LOST', 'gone'));
  await turn();
  assert.equal(questions.length, 0);
});
