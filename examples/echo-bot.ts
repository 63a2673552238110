// Answers each direct message with its text, until Ctrl-C.
//   node examples/dist/echo-bot.js
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

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bot.disconnect());
try {
  await bot.connect();
  console.log('EchoBot is online.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
