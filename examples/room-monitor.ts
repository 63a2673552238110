// Shows the messages in a room, and who joins and leaves, until Ctrl-C.
//   node examples/dist/room-monitor.js "#general" [PASSWORD]
import { QuietRoomConnector } from 'quietroom-connector';

const [room = '#general', password] = process.argv.slice(2);

const monitor = new QuietRoomConnector({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'Monitor',
  reconnect: true,
  log({ level, message }) {
    if (level !== 'debug') show(`-- ${message}`);
  },
});

function show(line: string, at = new Date()): void {
  console.log(`${at.toLocaleTimeString('en-GB')} ${harmless(line)}`);
}

/** Shows control and invisible characters by number, as `\u{1b}`: text from others could control the terminal. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return String.raw`\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

monitor.onRoomMessage((_room, sender, message, event) => show(`${sender}: ${message}`, event.receivedAt));
// 1.x servers do not tell a room when a member leaves the server, so joins and leaves there are shown too.
monitor.onPresence((name, change, event) => {
  show(`-- ${name} ${change} ${event.room ?? 'the server'}`, event.receivedAt);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void monitor.disconnect());

try {
  await monitor.connect();
  await monitor.joinRoom(room, password);
  show(`-- ${room}: ${(await monitor.listMembers(room)).join(', ')}`);
  const reason = await monitor.closed;
  if (reason) throw reason;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await monitor.disconnect();
}
