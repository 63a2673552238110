import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerMessage } from '@quietroom/protocol';
import type { FileTransfer } from '@quietroom/server';
import { FakeClock, propertyRuns } from '@quietroom/testing';
import fc from 'fast-check';
import { Broadcaster } from '#src/users/broadcaster.js';
import { Counters } from '#src/observe/counters.js';
import { FileCommands } from '#src/files/fileCommands.js';
import { CurrentOptions } from '#src/options/currentOptions.js';
import { resolveOptions } from '#src/options/options.js';
import { Rejections } from '#src/observe/rejections.js';
import { Users } from '#src/users/users.js';
import { ServerEvents } from '#src/observe/events.js';
import type { User } from '#src/users/user.js';

const RUNS = propertyRuns(1000);
const SENDERS = ['s0', 's1'] as const;
const RECIPIENTS = ['r0', 'r1'] as const;
const SHA256 = 'cd'.repeat(32);

/** Stands among the packets of a file where the recipient was told that it is over. */
const OVER = Buffer.from('over');

/** The bytes that may wait for a recipient, and those of the one packet that was under way. */
const MOST_WAITING = 256 * 1024 + 4064 + 512;

/** Who begins does not know how much waits of the files before. */
const START_BYTES = 700;

/** The same of a chunk before the start, which each accepted file may have. */
const EARLY_CHUNK_BYTES = 4000 + 512;

type Side = 0 | 1;
type Role = 'sender' | 'recipient' | 'stranger';

/** What one of the clients does, or the network, or time. */
type Step =
  | { readonly do: 'offer'; readonly from: Side; readonly to: Side }
  | { readonly do: 'answer'; readonly with: 'accept' | 'decline'; readonly by: Role; readonly nth: number }
  | {
      readonly do: 'send';
      readonly from: Side;
      readonly what: 'start' | 'chunk' | 'big' | 'end' | 'toExcess';
    }
  | { readonly do: 'take'; readonly to: Side; readonly packets: number }
  | { readonly do: 'drop'; readonly who: string }
  | { readonly do: 'wait'; readonly ms: number };

const side = fc.constantFrom<Side>(0, 1);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('offer' as const), from: side, to: side }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('answer' as const),
        with: fc.constantFrom<'accept' | 'decline'>('accept', 'accept', 'accept', 'accept', 'decline'),
        by: fc.constantFrom<Role>('recipient', 'recipient', 'recipient', 'recipient', 'sender', 'stranger'),
        nth: fc.nat(5),
      }),
    },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        from: side,
        what: fc.constantFrom('start', 'chunk', 'chunk', 'big', 'big', 'big', 'end', 'toExcess'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('take' as const),
        to: side,
        packets: fc.integer({ min: 1, max: 200 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('drop' as const),
        who: fc.constantFrom(...SENDERS, ...RECIPIENTS),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(100, 100, 100, 10_000, 31_000, 300_000),
      }),
    },
  ),
  { maxLength: 150, size: 'max' },
);

/** A client that keeps what it is told and is sent; packets wait until it takes them. */
class FakeUser implements User {
  readonly name: string;
  readonly address = '127.0.0.1';
  isOnline = true;
  isHeld = false;
  readonly texts: string[] = [];
  readonly files: Uint8Array[] = [];
  fileBytesWaiting = 0;
  starts = 0;
  acceptances = 0;
  /** How many texts it must have got that say that something is over. */
  closingsDue = 0;
  readonly #waiting: { bytes: number; taken: () => void }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  send(text: Uint8Array): void {
    if (!this.isOnline) return;
    this.texts.push(Buffer.from(text).toString());
    if (isClosing(this.texts.at(-1) ?? '')) this.files.push(OVER);
  }

  sendFile(packet: Uint8Array, taken: () => void): void {
    assert.ok(this.isOnline, 'nothing is relayed to who is gone');
    this.files.push(packet);
    if (packet.length < 200) this.starts++;
    this.#waiting.push({ bytes: packet.length + 512, taken });
    this.fileBytesWaiting += packet.length + 512;
  }

  holdReading(): void {
    assert.equal(this.isHeld, false);
    this.isHeld = true;
  }

  releaseReading(): void {
    assert.equal(this.isHeld, true);
    this.isHeld = false;
  }

  take(packets: number): void {
    for (const { bytes, taken } of this.#waiting.splice(0, packets)) {
      this.fileBytesWaiting -= bytes;
      taken();
    }
  }

  pause(): Promise<void> {
    return Promise.resolve();
  }

  fileBegins(): void {}

  fileIsOver(): void {}

  beSteady(): undefined {
    return undefined;
  }

  quit(): void {}
}

/** The commands, four clients, and what they were sent. */
class Stage {
  readonly clock = new FakeClock();
  readonly users = new Map<string, FakeUser>();
  /** Every client there has been. */
  readonly everyone: FakeUser[] = [];
  readonly #users = new Users();
  readonly commands: FileCommands;
  readonly #counters = new Counters();
  readonly #open = new Map<string, FileTransfer>();

  constructor() {
    const events = new ServerEvents(() => {});
    events.transfer.add((transfer) => this.#note(transfer));
    const options = new CurrentOptions(resolveOptions({ clock: this.clock }));
    const rejections = new Rejections(() => {});
    this.commands = new FileCommands({
      clock: this.clock,
      date: () => new Date(0),
      log: () => {},
      options,
      counters: this.#counters,
      events,
      users: this.#users,
      broadcaster: new Broadcaster(options, this.#counters, rejections),
    });
    for (const name of [...SENDERS, ...RECIPIENTS]) this.#enter(name);
  }

  user(name: string): FakeUser {
    return this.users.get(name) ?? assert.fail(name);
  }

  get counters(): Counters {
    return this.#counters;
  }

  run(step: Step): void {
    switch (step.do) {
      case 'offer':
        return this.commands.offer(this.user(SENDERS[step.from]), {
          type: 'file',
          user: RECIPIENTS[step.to],
          name: 'a.bin',
          sha256: SHA256,
        });
      case 'answer':
        return this.#answer(step);
      case 'send':
        return this.#send(this.user(SENDERS[step.from]), step.what);
      case 'take':
        return this.user(RECIPIENTS[step.to]).take(step.packets);
      case 'drop': {
        const user = this.user(step.who);
        user.isOnline = false;
        this.#users.remove(user);
        this.commands.leave(user);
        user.take(Number.POSITIVE_INFINITY);
        return this.#enter(step.who);
      }
      case 'wait':
        return this.clock.advance(step.ms);
    }
  }

  /** What is answered is one of the files that are not over, the latest ones first. */
  #answer(step: Extract<Step, { do: 'answer' }>): void {
    const open = [...this.#open.values()];
    const transfer = open.at(-1 - (step.nth % Math.max(1, open.length)));
    if (transfer === undefined) return;
    const stranger = SENDERS.find((name) => name !== transfer.sender) ?? '';
    const user = this.user(step.by === 'stranger' ? stranger : transfer[step.by]);
    // Of these, the answer is a closing text that closes nothing.
    if (step.by === 'stranger' || (step.by === 'sender' && step.with === 'accept')) user.closingsDue++;
    this.commands[step.with](user, transfer.id);
  }

  #note(transfer: FileTransfer): void {
    if (transfer.state === 'accepted') this.user(transfer.recipient).acceptances++;
    if (transfer.state !== 'over') return void this.#open.set(transfer.id, transfer);
    this.#open.delete(transfer.id);
    if (transfer.end !== 'senderGone') this.user(transfer.sender).closingsDue++;
    if (transfer.end !== 'recipientGone' && transfer.end !== 'expired') {
      this.user(transfer.recipient).closingsDue++;
    }
  }

  #enter(name: string): void {
    const user = new FakeUser(name);
    this.users.set(name, user);
    this.everyone.push(user);
    this.#users.add(user);
  }

  /** Whoever is held sends nothing that is read. Content says whose it is. */
  #send(sender: FakeUser, what: Extract<Step, { do: 'send' }>['what']): void {
    const chunk = Buffer.alloc(4000, sender.name);
    const packets = {
      start: ['FILE_START|a.bin|400000'],
      chunk: [chunk],
      big: Array.from({ length: 40 }, () => chunk),
      end: ['FILE_END'],
      toExcess: Array.from({ length: 101 }, () => chunk),
    }[what];
    for (const packet of packets) {
      if (sender.isHeld) return;
      this.commands.receive(sender, Buffer.from(packet));
    }
  }
}

test('However offers, answers, packets, drops and time mix, files do not, and everyone is told', () => {
  let completed = 0;
  let held = 0;
  fc.assert(
    fc.property(steps, (all) => {
      const stage = new Stage();
      for (const step of all) {
        stage.run(step);
        for (const user of stage.everyone) {
          const most = MOST_WAITING + START_BYTES * user.starts + EARLY_CHUNK_BYTES * user.acceptances;
          assert.ok(user.fileBytesWaiting <= most, `${user.fileBytesWaiting} bytes wait`);
          if (user.isHeld) held++;
        }
      }
      // Whatever is left runs into one time limit or another.
      stage.clock.advance(5 * 60_000);
      for (let round = 0; stage.commands.openCount > 0; round++) {
        assert.ok(round < 200, 'all comes to an end');
        stage.clock.advance(10 * 60_000 + 100);
      }
      for (const user of stage.everyone) {
        assertWhole(user);
        assertTold(user);
        assert.equal(user.isHeld, false);
      }
      assert.deepEqual(
        [stage.commands.openCount, stage.commands.runningCount, stage.clock.pending],
        [0, 0, 0],
      );
      const { transfersByEnd, offers } = stage.counters;
      assert.equal(
        Object.values(transfersByEnd).reduce((sum, count) => sum + count),
        offers,
      );
      completed += transfersByEnd.completed;
    }),
    { numRuns: RUNS },
  );
  assert.ok(completed > RUNS / 50 && held > RUNS / 50, `${completed} completed, ${held} held`);
});

/** What a recipient was sent is one file after another, each from one sender, none longer than announced. */
function assertWhole(user: FakeUser): void {
  let sender: number | undefined;
  let isRunning = false;
  let bytes = 0;
  for (const packet of user.files) {
    const text = Buffer.from(packet).toString('latin1');
    if (text.startsWith('FILE_START|')) {
      assert.equal(text, `FILE_START|a.bin|400000|${SHA256}`);
      sender = undefined;
      isRunning = true;
      bytes = 0;
    } else if (text === 'FILE_END' || packet === OVER) {
      isRunning = false;
    } else if (isRunning) {
      // A second start is content in two short pieces, which do not say whose they are.
      if (packet.length === 4000) sender ??= packet[1];
      if (packet.length === 4000) assert.equal(packet[1], sender, 'of one sender');
      bytes += packet.length;
      assert.ok(bytes <= 400_000);
    }
  }
}

/** The texts by which one hears that something is over. */
const CLOSINGS: readonly string[] = [
  'fileSent',
  'fileReceived',
  'fileCancelled',
  'transferCancelled',
  'fileExpired',
  'fileDeclined',
  'fileDeclinedBy',
  'fileSendTimedOut',
  'fileReceiveTimedOut',
];

function isClosing(text: string): boolean {
  const message = parseServerMessage(text);
  return (
    CLOSINGS.includes(message.type) || (message.type === 'refusal' && message.reason === 'transferNotYours')
  );
}

/** Nobody who is still there waits for the end of anything, and nobody hears of one twice. */
function assertTold(user: FakeUser): void {
  if (!user.isOnline) return;
  const closings = user.texts.filter(isClosing);
  assert.equal(closings.length, user.closingsDue, JSON.stringify(user.texts));
}

test('While a sender goes on sending, a transfer lasts, also when its recipient has taken nothing yet', () => {
  const stage = new Stage();
  stage.run({ do: 'offer', from: 0, to: 0 });
  stage.run({ do: 'answer', with: 'accept', by: 'recipient', nth: 0 });
  stage.run({ do: 'wait', ms: 100 });
  stage.run({ do: 'send', from: 0, what: 'start' });
  for (let count = 0; count < 10; count++) {
    stage.run({ do: 'wait', ms: 29_000 });
    stage.run({ do: 'send', from: 0, what: 'chunk' });
  }
  assert.equal(stage.commands.runningCount, 1);
  stage.run({ do: 'wait', ms: 30_000 });
  assert.equal(stage.counters.transfersByEnd.senderStalled, 1);
});
