// Receives files into a folder and tells each sender the SHA-256, until Ctrl-C. Answers a direct message with the newest file.
//   node examples/dist/file-drop.js [FOLDER]      default: incoming
import { mkdir } from 'node:fs/promises';
import { FileTransferError, QuietRoomConnector } from 'quietroom-connector';

const {
  QUIETROOM_HOST = 'localhost',
  QUIETROOM_PORT = '37842',
  QUIETROOM_CERT = 'chat_public.pem',
} = process.env;
const folder = process.argv[2] ?? 'incoming';
const MAX_BYTES = 100 * 1024 * 1024;

await mkdir(folder, { recursive: true });
let newest: string | undefined;

const bot = new QuietRoomConnector({
  serverHost: QUIETROOM_HOST,
  serverPort: Number(QUIETROOM_PORT),
  certFile: QUIETROOM_CERT,
  username: 'FileDrop',
  reconnect: true,
});

bot.onFileOffer(async (offer) => {
  try {
    const { path, name, bytes, sha256 } = await offer.accept({ folder }, { maxBytes: MAX_BYTES });
    newest = path;
    console.log(`${offer.sender} sent ${JSON.stringify(name)}, ${bytes} bytes`);
    await bot.sendDm(offer.sender, `Got ${name}: ${bytes} bytes, SHA-256 ${sha256}`);
  } catch (error) {
    // Nothing is left in the folder; the code gives the reason.
    if (!(error instanceof FileTransferError)) throw error;
    console.log(`${offer.sender}: ${error.code}`);
    await bot.sendDm(offer.sender, `I did not get it: ${error.message}`);
  }
});

bot.onDm(async (sender) => {
  if (newest === undefined) {
    await bot.sendDm(sender, 'There is no file yet. Send me one.');
    return;
  }
  const { name } = await bot.sendFile(sender, newest);
  console.log(`${sender} got ${JSON.stringify(name)}`);
});

bot.onError((error) => console.error(error instanceof Error ? error.message : error));

await bot.connect();
console.log(`FileDrop takes files into ${folder}.`);
process.once('SIGINT', () => void bot.disconnect());
process.once('SIGTERM', () => void bot.disconnect());
