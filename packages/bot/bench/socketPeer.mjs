// The server and a sender for overSocket.mjs, in a process of their own so that only the receiver's CPU is measured.
import { QuietRoomServer } from '@quietroom/server';
import { QuietRoomConnector } from 'quietroom-connector';

const server = await QuietRoomServer.start({
  port: 0,
  decoyTraffic: false,
  messagesPerSecond: 1e6,
  messageBurst: 1e6,
});
const { host, port, certPem } = server;
const sender = new QuietRoomConnector({
  serverHost: host,
  serverPort: port,
  cert: certPem,
  username: 'sender',
  decoyTraffic: false,
});
await sender.connect();

process.on('message', async ({ recipient, count }) => {
  // In pieces, as a busy chat brings them.
  for (let sent = 0; sent < count; sent += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => sender.sendDm(recipient, `message ${sent + index}`)),
    );
  }
  process.send('sent');
});
process.on('disconnect', () => process.exit());
process.send({ serverHost: host, serverPort: port, cert: certPem });
