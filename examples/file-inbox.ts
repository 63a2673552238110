// Takes files from people who know the passphrase, into a folder; !list shows them. Until Ctrl-C.
//   INBOX_PASSPHRASE="correct horse battery" node examples/dist/file-inbox.js [FOLDER]      default: inbox
import { mkdir, readdir } from 'node:fs/promises';
import { Bot, inDm, requirePassphrase, type Presence } from '@quietroom/bot';
import { FileTransferError } from 'quietroom-connector';

const folder = process.argv[2] ?? 'inbox';
const MAX_BYTES = 100 * 1024 * 1024;
await mkdir(folder, { recursive: true });

const bot = new Bot({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'Inbox',
});
/** The users who gave the passphrase over this connection, and may send files. */
const open = new Map<string, Presence>();
bot.connector.onDisconnect(() => open.clear());

const use = requirePassphrase(process.env.INBOX_PASSPHRASE ?? '');
const dms = bot.on(inDm);
dms.command('open', { about: 'Ask for permission to send files', use }, async (ctx) => {
  open.set(ctx.sender, ctx.presence);
  await ctx.reply('Send your files.');
});

dms.command('list', { about: 'List the files', use }, async (ctx) => {
  const names = await readdir(folder);
  await ctx.reply(names.length === 0 ? 'There are no files.' : names.sort().join(', '));
});

bot.connector.onFileOffer(async (offer) => {
  if (open.get(offer.sender)?.hasEnded !== false) {
    await offer.decline();
    await bot.connector.sendDm(offer.sender, 'Write !open first, and send the file again.');
    return;
  }
  try {
    const { name, bytes } = await offer.accept({ folder }, { maxBytes: MAX_BYTES });
    await bot.connector.sendDm(offer.sender, `Got ${name}: ${bytes} bytes.`);
  } catch (error) {
    if (!(error instanceof FileTransferError)) throw error;
    await bot.connector.sendDm(offer.sender, `I did not get it: ${error.message}`);
  }
});

await bot.run();
