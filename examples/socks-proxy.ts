// The echo bot behind a SOCKS5 proxy, such as Tor's on port 9050, until Ctrl-C. It needs: npm install socks
//   node examples/dist/socks-proxy.js
// The proxy resolves the server's name. The pin is checked as always, so the proxy can neither read nor change anything.
import { once } from 'node:events';
import { connect } from 'node:net';
import { QuietRoomConnector, type DialTarget } from 'quietroom-connector';
import { SocksClient } from 'socks';

const proxy = {
  host: process.env.QUIETROOM_PROXY_HOST ?? 'localhost',
  port: Number(process.env.QUIETROOM_PROXY_PORT ?? 1080),
  type: 5, // with userId and password, if the proxy asks for them
} as const;

async function dial({ host, port, signal }: DialTarget) {
  const socket = connect({ host: proxy.host, port: proxy.port, signal });
  await once(socket, 'connect');
  await SocksClient.createConnection({
    command: 'connect',
    existing_socket: socket,
    proxy,
    destination: { host, port },
  });
  return socket.setNoDelay();
}

const bot = new QuietRoomConnector({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'EchoBot',
  dial,
});

bot.onDm((sender, message) => bot.sendDm(sender, `Echo: ${message}`));
bot.onDisconnect((reason) => {
  console.log(reason?.message ?? 'Goodbye.');
  process.exitCode = reason ? 1 : 0;
});

await bot.connect();
console.log(`EchoBot is online, by way of ${proxy.host}:${proxy.port}.`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bot.disconnect());
