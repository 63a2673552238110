// Sends one alert to a user or a room, for use in cron. The exit code is 0 only if the server accepted all of it.
//   node examples/dist/alert-sender.js alice "Disk full on db1"
//   df -h | node examples/dist/alert-sender.js "#ops"
import { text } from 'node:stream/consumers';
import { QuietRoomConnector } from 'quietroom-connector';

/** Any failure ends with 1. */
const EXIT_CODES = { accepted: 0, refused: 2, unconfirmed: 3 } as const;

const [to, ...words] = process.argv.slice(2);
if (to === undefined) {
  console.error('usage: alert-sender.js USER|#ROOM [TEXT ...]      without TEXT, standard input is sent');
  process.exit(1);
}

const sender = new QuietRoomConnector({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'Alerts',
  fallbackUsername: `Alerts-${process.pid}`, // another alert may be running
  decoyTraffic: false, // it ends before the first decoy
  newlines: 'split', // servers join the lines of a direct message
  maxParts: 100,
});

try {
  const alert = words.length > 0 ? words.join(' ') : await text(process.stdin);
  await sender.connect();
  if (to.startsWith('#')) await sender.joinRoom(to, process.env.QUIETROOM_ROOM_PASSWORD);
  const receipt = to.startsWith('#')
    ? await sender.sendRoomMessage(to, alert)
    : await sender.sendDm(to, alert);
  console.log(receipt.status === 'accepted' ? 'accepted' : `${receipt.status}: ${receipt.reason}`);
  process.exitCode = EXIT_CODES[receipt.status];
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await sender.disconnect();
}
