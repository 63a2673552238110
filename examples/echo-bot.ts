// Answers each direct message with its text. Ctrl-C ends it.
import { QuietRoomConnector } from 'quietroom-connector';

const bot = new QuietRoomConnector({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'EchoBot',
});

bot.onDm((sender, message) => bot.sendDm(sender, `Echo: ${message}`));
bot.onDisconnect((reason) => {
  console.log(reason?.message ?? 'Goodbye.');
  process.exitCode = reason ? 1 : 0;
});

await bot.connect();
console.log('EchoBot is online.');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bot.disconnect());
