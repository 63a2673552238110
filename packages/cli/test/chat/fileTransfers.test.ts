import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import test, { suite } from 'node:test';
import type { FilePort, Offer, TransferOptions } from '#src/chat/session/filePort.js';
import { FileTransfers } from '#src/chat/session/fileTransfers.js';
import { type ChatAction, type ChatEvent, type ChatState, update } from '@quietroom/chat';
import { eventually } from '../harness/quietroom.js';
import { lastEntry, start, types } from '@quietroom/testing/chat';

/** A transfer that the test moves along. */
interface Sent {
  readonly recipient: string;
  readonly path: string;
  readonly options: TransferOptions;
  readonly done: PromiseWithResolvers<void>;
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  const settle: { resolve?: (value: T) => void; reject?: (error: Error) => void } = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return {
    promise,
    resolve: (value) => settle.resolve?.(value),
    reject: (error) => settle.reject?.(error),
  };
}

/** The model with files that go nowhere. */
class Desk {
  state: ChatState = start();
  readonly sent: Sent[] = [];
  readonly declined: string[] = [];
  readonly transfers: FileTransfers;
  #offer: (offer: Offer) => void = () => {};

  constructor() {
    const port: FilePort = {
      send: (recipient, path, options) => {
        const done = withResolvers<void>();
        this.sent.push({ recipient, path, options, done });
        options.signal.addEventListener('abort', () => done.reject(new Error('aborted')), { once: true });
        return done.promise;
      },
      onOffer: (callback) => (this.#offer = callback),
    };
    this.transfers = new FileTransfers(port, {
      dispatch: (event) => this.dispatch(event),
      nextFile: () => this.state.nextFile,
      explain: (error) => (error instanceof Error ? error.message : String(error)),
    });
  }

  dispatch(event: ChatEvent): void {
    const { state, actions } = update(this.state, event);
    this.state = state;
    for (const action of actions) this.#perform(action);
  }

  /** bob offers a file, which saves itself when it is accepted. */
  offer(accept: Offer['accept'] = () => Promise.resolve('/downloads/a.pdf')): AbortController {
    const withdrawn = new AbortController();
    this.#offer({
      sender: 'bob',
      name: 'a.pdf',
      withdrawn: withdrawn.signal,
      accept,
      decline: () => {
        this.declined.push('a.pdf');
        return Promise.resolve();
      },
    });
    return withdrawn;
  }

  /** Resolves when the last file stands like this. */
  async until(status: string): Promise<{ note?: string }> {
    const file = (): ReturnType<typeof lastEntry> => lastEntry(this.state, 'dm:bob');
    await eventually(`the file is ${status}`, () => {
      const entry = file();
      return entry?.type === 'file' && entry.status === status;
    });
    const entry = file();
    return entry?.type === 'file' && entry.note !== undefined ? { note: entry.note } : {};
  }

  #perform(action: ChatAction): void {
    if (action.type === 'sendFile') this.transfers.send(action);
    if (action.type === 'acceptFile') this.transfers.accept(action.number);
    if (action.type === 'declineFile') this.transfers.decline(action.number);
    if (action.type === 'cancelFile') this.transfers.cancel(action.number);
  }
}

suite('files of the chat', () => {
  test('a file is sent, from the home folder too, and its way is told', async () => {
    const desk = new Desk();
    desk.dispatch(types('/msg bob'));
    desk.dispatch(types('/send ~/a.pdf'));
    const [sent] = desk.sent;
    assert.ok(sent);
    assert.deepEqual([sent.recipient, sent.path], ['bob', join(homedir(), 'a.pdf')]);
    await desk.until('preparing');
    sent.options.onProgress({ stage: 'offered', bytes: 0, totalBytes: 10 });
    await desk.until('offered');
    sent.options.onProgress({ stage: 'transferring', bytes: 5, totalBytes: 10 });
    await desk.until('transferring');
    assert.equal(desk.transfers.running, 1);
    sent.done.resolve();
    await desk.until('done');
    assert.equal(desk.transfers.running, 0);
  });

  test('progress in the same breath is told once', async () => {
    const desk = new Desk();
    desk.dispatch(types('/msg bob'));
    desk.dispatch(types('/send a.pdf'));
    const [sent] = desk.sent;
    assert.ok(sent);
    const states = new Set<ChatState>();
    for (let bytes = 0; bytes < 1000; bytes++) {
      sent.options.onProgress({ stage: 'transferring', bytes, totalBytes: 1000 });
      states.add(desk.state);
    }
    assert.ok(states.size < 100, `${states.size} events`);
    sent.done.resolve();
    await desk.until('done');
  });

  test('why a file did not arrive is told; a cancelled one was cancelled', async () => {
    const desk = new Desk();
    desk.dispatch(types('/msg bob'));
    desk.dispatch(types('/send a.pdf'));
    desk.sent[0]?.done.reject(new Error('bob is not online.'));
    assert.deepEqual(await desk.until('failed'), { note: 'bob is not online.' });
    desk.dispatch(types('/send a.pdf'));
    desk.dispatch(types('/cancel'));
    assert.deepEqual(await desk.until('failed'), { note: 'It was cancelled.' });
  });

  test('an offer is accepted, and it is told where the file is', async () => {
    const desk = new Desk();
    desk.offer();
    await desk.until('offered');
    desk.dispatch(types('/accept'));
    assert.deepEqual(await desk.until('done'), { note: '/downloads/a.pdf' });
  });

  test('an offer is declined, or withdrawn, and can then not be accepted', async () => {
    const desk = new Desk();
    const withdrawn = desk.offer();
    desk.dispatch(types('/decline'));
    assert.deepEqual(desk.declined, ['a.pdf']);
    withdrawn.abort();
    await desk.until('declined');
    desk.offer().abort();
    await desk.until('withdrawn');
    desk.dispatch(types('/accept'));
    assert.equal(desk.transfers.running, 0);
  });

  test('an offer that is withdrawn while it is moved fails as the transfer does', async () => {
    const desk = new Desk();
    const moved = withResolvers<string>();
    const withdrawn = desk.offer(() => moved.promise);
    desk.dispatch(types('/accept'));
    withdrawn.abort();
    await desk.until('waiting');
    moved.reject(new Error('The sender is gone.'));
    assert.deepEqual(await desk.until('failed'), { note: 'The sender is gone.' });
  });
});
