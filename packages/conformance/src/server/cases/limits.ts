import { chat, holding, type ServerCase, type ServerGroup } from '../serverBench.js';
import { dmFrom } from '../serverTexts.js';

/** A text too large to be sent on may be dropped or refused; then the sender and all others go on. */
function survives(id: string, title: string, make: (name: string) => string): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      const [user, other] = await bench.logins();
      await user.say(make(other.userName));
      await bench.works(user);
      await bench.works(other);
      await bench.fence(user, other);
      const most = Math.max(...other.packets.map(({ dataBytes }) => dataBytes));
      bench.check('packets of at most 32768 bytes', most <= 32768, `${most} bytes`);
    },
  };
}

const filled = (size: number): string => 'x'.repeat(size);

export const limits: ServerGroup = {
  name: 'limits',
  title: 'Limits',
  cases: [
    ...[3000, 4000, 4030].map((size): ServerCase => ({
      id: `chat-${size}`,
      title: `chat of ${size} bytes reaches everyone`,
      async run(bench) {
        const [user, other] = await bench.logins();
        await user.say(filled(size));
        await other.hears(chat(user.userName, filled(size)));
      },
    })),
    ...[3000, 4000, 4030].map((size): ServerCase => ({
      id: `dm-${size}`,
      title: `a direct message of ${size} bytes arrives`,
      async run(bench) {
        const [user, other] = await bench.logins();
        await user.say(`/msg ${other.userName} ${filled(size)}`);
        await other.hears(dmFrom(user.userName, filled(size)));
      },
    })),
    ...[4069, 5000, 8192, 16384, 20000, 32000, 32700, 32740].map((size) =>
      survives(`chat-${size}`, `chat of ${size} bytes harms nobody`, () => filled(size)),
    ),
    ...[5000, 16384, 32700].map((size) =>
      survives(
        `dm-${size}`,
        `a direct message of ${size} bytes harms nobody`,
        (name) => `/msg ${name} ${filled(size)}`,
      ),
    ),
    survives('command-32700', 'a command of 32700 bytes harms nobody', () => `/${filled(32700)}`),
    survives('room-32000', 'a room with a name of 32000 bytes harms nobody', () => `/join #${filled(32000)}`),
    survives(
      'password-32000',
      'a password of 32000 bytes harms nobody',
      () => `/join #${filled(10)} ${filled(32000)}`,
    ),
    survives('blanks-32700', 'a text of 32700 blanks harms nobody', () => ' '.repeat(32700)),
    survives(
      'words-16000',
      'a direct message of 16000 words harms nobody',
      (name) => `/msg ${name} ${'x '.repeat(16000)}`,
    ),
    survives(
      'brackets-16000',
      'a direct message of 16000 brackets harms nobody',
      (name) => `/msg ${name} ${'] '.repeat(16000)}`,
    ),
    survives(
      'prefix-brackets',
      'a prefix of a room without an end harms nobody',
      () => `[#${'] '.repeat(100)}${'['.repeat(30000)}`,
    ),
    survives('lines-30000', 'a text of 30000 line breaks harms nobody', () => `a${'\n'.repeat(30000)}b`),
    survives('emoji-8000', 'a text of 8000 emoji harms nobody', () => '🙂'.repeat(8000)),
    survives('name-30000', 'a recipient of 30000 bytes harms nobody', () => `/msg ${filled(30000)} x`),
    survives(
      'file-name-30000',
      'a file name of 30000 bytes harms nobody',
      (name) => `/file ${name} ${filled(30000)} ${'a'.repeat(64)}`,
    ),
    {
      id: 'twenty-users',
      title: 'twenty users of one address are served at once',
      async run(bench) {
        const users = await Promise.all(Array.from({ length: 20 }, () => bench.login()));
        const word = bench.word();
        await users[0]?.say(word);
        for (const user of users) await user.hears(holding(word));
      },
    },
    {
      id: 'ten-rooms',
      title: 'a user can be in ten rooms',
      async run(bench) {
        const user = await bench.login();
        for (let i = 0; i < 10; i++) await bench.join(user, bench.room());
      },
    },
  ],
};
