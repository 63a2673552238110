import { randomBytes } from 'node:crypto';
import { DECOY, rawPacket } from '../../wire/packets.js';
import {
  chat,
  holding,
  type ServerBench,
  type ServerCase,
  type ServerGroup,
  type User,
} from '../serverBench.js';
import { dmFrom, dmTo, unknownCommand } from '../serverTexts.js';

/** Waits for all of the texts; those that do not come are the known loss of servers that draw empty padding. */
async function receivesAll(
  bench: ServerBench,
  user: User,
  mark: string,
  expected: readonly string[],
): Promise<void> {
  const own = (): string[] => user.texts.filter((text) => text.includes(mark));
  await user.wire
    .until(() => (own().length >= expected.length ? true : undefined))
    .catch(() => {
      bench.loses(`${expected.length - own().length} of ${expected.length} texts did not arrive.`);
    });
  const isWhole = isSame(own(), expected);
  bench.check(
    `${expected.length} texts in order`,
    isWhole,
    `${own().length} texts${isWhole ? ' in order' : ' in another order'}`,
  );
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A burst of direct messages, each in a record of its own, without waiting for the answers. */
function dmBurst(count: number, size: number, padding: number): ServerCase {
  return {
    id: `dms-${count}-size-${size}-padding-${padding}`,
    title: `${count} direct messages of ${size} bytes in a row arrive in order, with ${padding} bytes of padding`,
    async run(bench) {
      const [one, two] = await bench.logins();
      const mark = bench.word();
      const texts = numbers(count).map((index) => `${mark} ${index} `.padEnd(size, 'x'));
      for (const text of texts) void one.say(`/msg ${two.userName} ${text}`, padding);
      await receivesAll(
        bench,
        two,
        mark,
        texts.map((text) => dmFrom(one.userName, text)),
      );
      await receivesAll(
        bench,
        one,
        mark,
        texts.map((text) => dmTo(two.userName, text)),
      );
    },
  };
}

export const bursts: ServerGroup = {
  name: 'bursts',
  title: 'Bursts',
  cases: [
    dmBurst(100, 30, 1),
    dmBurst(100, 30, 16),
    dmBurst(100, 30, 255),
    dmBurst(100, 30, 1023),
    dmBurst(50, 450, 16),
    dmBurst(50, 1000, 16),
    dmBurst(50, 4000, 16),
    dmBurst(400, 30, 16),
    {
      id: 'chat',
      title: '100 texts in the lobby in a row reach everyone in order',
      async run(bench) {
        const users = await bench.logins(3);
        const mark = bench.word();
        const texts = numbers(100).map((index) => `${mark} ${index}`);
        for (const text of texts) void users[0].say(text);
        for (const user of users) {
          await user.wire
            .until(() => (user.countOf(holding(mark)) >= 100 ? true : undefined))
            .catch(() => {
              bench.loses(`${100 - user.countOf(holding(mark))} of 100 texts did not arrive.`);
            });
          const seen = user.texts.filter((text) => text.includes(mark)).map((text) => text.slice(11));
          const expected = texts.map((text) => `${users[0].userName}: ${text}`);
          bench.check('100 texts in order', isSame(seen, expected), `${seen.length} texts`);
        }
      },
    },
    {
      id: 'commands',
      title: '200 commands in a row are answered in order',
      async run(bench) {
        const user = await bench.login();
        const mark = bench.word();
        const words = numbers(200).map((index) => `/${mark}-${index}`);
        for (const word of words) void user.say(word);
        await receivesAll(bench, user, mark, words.map(unknownCommand));
      },
    },
    {
      id: 'with-decoys',
      title: 'texts between decoys in a row arrive in order',
      async run(bench) {
        const [one, two] = await bench.logins();
        const mark = bench.word();
        const texts = numbers(50).map((index) => `${mark} ${index}`);
        for (const text of texts) {
          void one.wire.write(rawPacket(DECOY, randomBytes(300)));
          void one.say(`/msg ${two.userName} ${text}`);
        }
        await receivesAll(
          bench,
          two,
          mark,
          texts.map((text) => dmFrom(one.userName, text)),
        );
      },
    },
    {
      id: 'many-senders',
      title: 'ten senders in a row each keep their order',
      async run(bench) {
        const two = await bench.login();
        const senders = await Promise.all(numbers(10).map(() => bench.login()));
        const mark = bench.word();
        for (const index of numbers(20)) {
          for (const sender of senders) void sender.say(`/msg ${two.userName} ${mark} ${index}`);
        }
        await two.wire
          .until(() => (two.countOf(holding(mark)) >= 200 ? true : undefined))
          .catch(() => {
            bench.loses(`${200 - two.countOf(holding(mark))} of 200 texts did not arrive.`);
          });
        for (const { userName } of senders) {
          const seen = two.texts.filter((text) => text.startsWith(dmFrom(userName, mark)));
          const expected = numbers(20).map((index) => dmFrom(userName, `${mark} ${index}`));
          bench.check(`20 texts of ${userName} in order`, isSame(seen, expected), `${seen.length} texts`);
        }
      },
    },
    {
      id: 'room',
      title: '100 messages for a room in a row reach its members in order',
      async run(bench) {
        const [one, two] = await bench.logins();
        const [room, mark] = [bench.room(), bench.word()];
        await bench.join(one, room);
        await bench.join(two, room);
        for (const index of numbers(100)) void one.say(bench.inRoom(room, `${mark} ${index}`));
        for (const user of [one, two]) {
          await user.wire
            .until(() => (user.countOf(holding(mark)) >= 100 ? true : undefined))
            .catch(() => {
              bench.loses(`${100 - user.countOf(holding(mark))} of 100 texts did not arrive.`);
            });
          const seen = user.texts
            .filter((text) => text.includes(mark))
            .map((text) => text.slice(text.indexOf(mark)));
          const expected = numbers(100).map((index) => `${mark} ${index}`);
          bench.check('100 texts in order', isSame(seen, expected), `${seen.length} texts`);
        }
      },
    },
    {
      id: 'logins',
      title: 'ten logins at once all succeed',
      async run(bench) {
        const users = await Promise.all(numbers(10).map(() => bench.login()));
        const word = bench.word();
        await users[0]?.say(word);
        for (const user of users) await user.hears(chat(users[0]?.userName ?? '', word));
      },
    },
  ],
};
