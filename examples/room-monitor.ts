// Shows what is said in a room, and who comes and goes, for as long as it takes. Ctrl-C ends it.
//   node room-monitor.js '#general' [password]
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

/** Others may write what controls a terminal or is not drawn: it is shown by its number, as in `\u{1b}`. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return String.raw`\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

monitor.onRoomMessage((_room, sender, message, event) => show(`${sender}: ${message}`, event.receivedAt));
// A room is not told who of it leaves the server, so the comings and goings there are shown too.
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
