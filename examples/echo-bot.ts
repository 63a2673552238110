// Answers each direct message with its text. Ctrl-C ends it.
import { QuietRoomConnector } from 'quietroom-connector';

const bot = new QuietRoomConnector({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'EchoBot',
});

bot.onDm((sender, message) => bot.sendDm(sender, `Echo: ${message}`));
bot.onDisconnect((reason) => console.log(reason?.message ?? 'Goodbye.'));
process.once('SIGINT', () => void bot.disconnect());

await bot.connect();
console.log('EchoBot is online.');
