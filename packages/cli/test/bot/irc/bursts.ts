import assert from 'node:assert/strict';
import { eventually, type Person } from '../../harness/quietroom.js';
import type { BridgeScene } from './bridgeScene.js';
import { IrcUser } from './ircUser.js';

/** The mark before what may have arrived already. */
const DOUBT = '(perhaps again) ';

/** Lines on their way at once: a group to a room, or a burst on IRC. */
const IN_FLIGHT = 20;

/** Numbered lines from one side to the other. */
class Burst {
  readonly alice: Person;
  bob: IrcUser;
  readonly #scene: BridgeScene;
  /** Lines read by earlier connections of bob. */
  readonly #readBefore: string[] = [];
  /** Alice, and those who came in her place after a restart. */
  readonly #readers: Person[];

  private constructor(scene: BridgeScene, alice: Person, bob: IrcUser) {
    this.#scene = scene;
    this.alice = alice;
    this.bob = bob;
    this.#readers = [alice];
  }

  /** Alice is in the room, and bob in the channel. */
  static async open(scene: BridgeScene): Promise<Burst> {
    const alice = await scene.room.joinRoom('alice', '#ops');
    return new Burst(scene, alice, await IrcUser.join(scene.irc.port, 'bob', '#ops'));
  }

  /** Says lines in the room, numbered from `from`. */
  async sayInRoom(from: number, to: number): Promise<void> {
    const speaker = this.#readers.at(-1) ?? this.alice;
    const receipts = Array.from({ length: to - from }, (_, index) =>
      speaker.connector.sendRoomMessage('#ops', `line ${from + index}`),
    );
    for (const { status } of await Promise.all(receipts)) assert.equal(status, 'accepted');
  }

  /** Says lines in the channel, not more at once than a server takes. */
  async sayOnIrc(from: number, to: number): Promise<void> {
    for (let next = from; next < to; next += 20) {
      const texts = Array.from({ length: Math.min(20, to - next) }, (_, index) => `line ${next + index}`);
      this.bob.say('#ops', ...texts);
      await this.bob.settled();
    }
  }

  /** Resolves when so many lines have come from IRC to the room. */
  async inRoom(count: number): Promise<void> {
    await eventually(`${count} lines have come from IRC`, () => this.#roomLines().length >= count);
  }

  /** Resolves when so many lines have come from the room to IRC. */
  async onIrc(count: number): Promise<void> {
    await eventually(`${count} lines have come from the room`, () => this.#ircLines().length >= count);
  }

  /** Resolves when all lines have come from IRC to the room, in order; with how many came twice. */
  async allInRoom(count: number): Promise<number> {
    return all(count, 'IRC', '<bob> line ', () => this.#roomLines());
  }

  /** Resolves when all lines have come from the room to IRC, in order; with how many came twice. */
  async allOnIrc(count: number): Promise<number> {
    return all(count, 'the room', '<alice> line ', () => this.#ircLines());
  }

  /** Bob connects again, to a server that was started again. */
  async bobReturns(): Promise<void> {
    this.#readBefore.push(...this.bob.saidBy('Bridge', '#ops'));
    await this.bob[Symbol.asyncDispose]();
    this.bob = await IrcUser.join(this.#scene.irc.port, 'bob', '#ops');
  }

  /** Somebody takes the place of alice, in a server that was started again. */
  async aliceReturns(): Promise<void> {
    this.#readers.push(await this.#scene.room.joinRoom('alice', '#ops'));
  }

  #roomLines(): string[] {
    return this.#readers.flatMap(({ texts }) =>
      texts.flatMap((text) => /^\[[\d:]{8}\] \[#ops\] Bridge: ([^]*)$/.exec(text)?.[1] ?? []),
    );
  }

  #ircLines(): string[] {
    return [...this.#readBefore, ...this.bob.saidBy('Bridge', '#ops')];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bob[Symbol.asyncDispose]();
  }
}

async function all(count: number, side: string, start: string, read: () => string[]): Promise<number> {
  let result = numbersOf([], start);
  await eventually(`all ${count} lines have come from ${side}`, () => {
    result = numbersOf(read(), start);
    return result.numbers.at(-1) === count - 1;
  });
  assert.deepEqual(
    result.numbers,
    Array.from({ length: count }, (_, index) => index),
  );
  assert.ok(result.doubled <= IN_FLIGHT, `${result.doubled} came twice`);
  return result.doubled;
}

/** The numbers of lines in order, and how many came again; those must be marked. */
function numbersOf(lines: readonly string[], start: string): { numbers: number[]; doubled: number } {
  const seen = new Set<number>();
  const numbers: number[] = [];
  let doubled = 0;
  for (const line of lines) {
    const text = line.replace(DOUBT, '');
    if (!text.startsWith(start)) continue;
    const number = Number(text.slice(start.length));
    if (seen.has(number)) {
      doubled++;
      assert.ok(line.startsWith(DOUBT), `${line} came again without a mark`);
    } else {
      numbers.push(number);
    }
    seen.add(number);
  }
  return { numbers, doubled };
}

/** The IRC server hangs in the middle of lines to it, is killed, and started again. */
export async function throughIrcRestart(scene: BridgeScene, lines: number): Promise<void> {
  await using burst = await Burst.open(scene);
  await using bridge = await scene.start();
  const saying = burst.sayInRoom(0, lines);
  await burst.onIrc(lines / 4);
  scene.irc.freeze();
  await saying;
  // The bridge goes on meanwhile: lines are on their way that the server will not read.
  const before = burst.alice.dms.length;
  for (let asked = 1; asked <= 3; asked++) {
    await burst.alice.connector.sendDm('Bridge', '!status');
    await eventually('the bridge answers', () => burst.alice.dms.length >= before + asked);
  }
  // So that bob is there first.
  bridge.signal('SIGSTOP');
  await scene.irc.restart();
  await burst.bobReturns();
  bridge.signal('SIGCONT');
  await burst.allOnIrc(lines);
}

/** The chat server ends in the middle of lines to it, and is started again. */
export async function throughChatRestart(scene: BridgeScene, lines: number): Promise<void> {
  await using burst = await Burst.open(scene);
  await using bridge = await scene.start();
  const saying = burst.sayOnIrc(0, lines);
  await burst.inRoom(lines / 4);
  bridge.signal('SIGSTOP');
  await scene.room.restart();
  await burst.aliceReturns();
  bridge.signal('SIGCONT');
  await saying;
  await burst.allInRoom(lines);
}

/** The bridge is killed while lines wait for the IRC server, which is away. */
export async function throughBridgeRestart(scene: BridgeScene, lines: number): Promise<void> {
  await using burst = await Burst.open(scene);
  {
    await using bridge = await scene.start();
    await scene.irc.kill();
    await burst.sayInRoom(0, lines);
    const { connector, dms } = burst.alice;
    await eventually('all is stored', async () => {
      await connector.sendDm('Bridge', '!status');
      return dms.some((text) => text.includes(` ${lines} messages wait`));
    });
    bridge.signal('SIGKILL');
    await bridge.ended();
  }
  await scene.irc.run();
  await burst.bobReturns();
  await eventually('its name is free', () => !scene.room.server.users.includes('Bridge'));
  await using again = await scene.start();
  assert.equal(await burst.allOnIrc(lines), 0);
  assert.ok(again.isRunning);
}

/** Waits for every 30 lines, so that no wait takes as long as a server with flood limits may take for all. */
async function slowly(burst: Burst, lines: number): Promise<void> {
  for (let count = 30; count < lines; count += 30) await burst.onIrc(count);
}

/** Lines go both ways at once. */
export async function bothWays(scene: BridgeScene, lines: number): Promise<void> {
  await using burst = await Burst.open(scene);
  await using bridge = await scene.start();
  await Promise.all([burst.sayInRoom(0, lines), burst.sayOnIrc(0, lines), slowly(burst, lines)]);
  assert.deepEqual(await Promise.all([burst.allOnIrc(lines), burst.allInRoom(lines)]), [0, 0]);
  assert.ok(bridge.isRunning);
}
