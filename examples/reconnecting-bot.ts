// A bot for long-term use: it answers "!ping" in direct messages and in the given rooms.
//   node examples/dist/reconnecting-bot.js "#general" "#ops"
// It reconnects after each loss, rejoins its rooms, and holds answers meanwhile. Ctrl-C and SIGTERM let it finish its
// answers. If the first attempt to connect fails, it ends: let a service manager start it again.
import { QuietRoomConnector, type Receipt } from 'quietroom-connector';

const bot = new QuietRoomConnector({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'PingBot',
  reconnect: true,
  whileDisconnected: 'hold',
  maxQueuedSeconds: 60, // a later answer is of no use
  log({ level, message }) {
    if (level !== 'debug') console.log(new Date().toISOString(), level, message);
  },
});

bot.onDm((sender, message) => {
  if (message === '!ping') return report(bot.sendDm(sender, 'pong'));
});
bot.onRoomMessage((room, sender, message) => {
  // A 1.1 server does not always tell the room.
  if (message === '!ping' && room !== '') return report(bot.sendRoomMessage(room, `${sender}: pong`));
});
bot.onStateChange((state) => {
  if (state === 'connected') console.log(`${bot.username} is online.`);
});
// Errors of callbacks, rooms that could not be rejoined, and the reason why reconnecting stopped.
bot.onError((error) => console.error(error));

async function report(sending: Promise<Receipt>): Promise<void> {
  const receipt = await sending;
  if (receipt.status !== 'accepted') console.error(`An answer was ${receipt.status}: ${receipt.reason}`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void bot.drain({ timeout: 10 }));
}

try {
  await bot.connect();
  for (const room of process.argv.slice(2)) await bot.joinRoom(room);
  const reason = await bot.closed;
  if (reason) throw reason;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await bot.disconnect();
}
