// Reminds people: !remind 10m Tea is ready. Reminders survive a restart, in reminders.json, until Ctrl-C.
//   node examples/dist/reminder-bot.js
import { readFile, rename, writeFile } from 'node:fs/promises';
import { arg, Bot } from '@quietroom/bot';

interface Reminder {
  readonly name: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const FILE = 'reminders.json';
let reminders = await load();

const bot = new Bot({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'Reminder',
});

const args = { in: arg.duration(), text: arg.rest() };
bot.command('remind', { about: 'Remind me later', args }, async (ctx) => {
  const at = Date.now() + ctx.args.in * 1000;
  await save([...reminders, { name: ctx.sender, text: ctx.args.text, at }]);
  await ctx.reply(`I will remind you at ${new Date(at).toISOString()}.`);
});

// While the bot is not connected this waits. Who is offline at the time is reminded later, by name: do not use it for secrets.
bot.every('1 s', async () => {
  for (const reminder of reminders.filter(({ at }) => at <= Date.now())) {
    const receipt = await bot.connector.sendDm(reminder.name, `Reminder: ${reminder.text}`);
    if (receipt.status === 'accepted') await save(reminders.filter((other) => other !== reminder));
  }
});

async function load(): Promise<readonly Reminder[]> {
  try {
    // Only this program writes the file.
    return JSON.parse(await readFile(FILE, 'utf8')) as readonly Reminder[];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function save(changed: readonly Reminder[]): Promise<void> {
  reminders = changed;
  await writeFile(`${FILE}.new`, JSON.stringify(changed));
  await rename(`${FILE}.new`, FILE);
}

await bot.run();
