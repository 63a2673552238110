import { QuietRoomServer } from '@quietroom/server';
import { ConnectionLostError, ConnectorError, QuietRoomConnector } from 'quietroom-connector';
import type { Partner } from './demoScript.js';
import { scriptedTalk } from './demoScript.js';
import { typedTalk } from './demoTyped.js';
import { echoDms } from '../echo/echoBot.js';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printLine } from '../output/print.js';
import { listenForStop, unlessStopped } from '../signals/stop.js';

const BOT = 'EchoBot';
const USER = 'You';

/**
 * Runs a server, an echo bot and a conversation with it: typed on a terminal, scripted without one.
 *
 * @throws Failure when an echo is missing, or the connection is lost
 */
export async function demo(): Promise<void> {
  const stop = listenForStop();
  printLine('Starting a QuietRoom server and an echo bot on it ...');
  await using server = await unlessStopped(stop.signal, QuietRoomServer.start({ port: 0 }));
  if (server === undefined) return;
  const connection = { serverHost: server.host, serverPort: server.port, cert: server.certPem };
  await using bot = new QuietRoomConnector({ ...connection, username: BOT });
  await using user = new QuietRoomConnector({ ...connection, username: USER });
  for (const connector of [bot, user]) {
    connector.onDisconnect((reason) => {
      if (reason) stop.abort(reason);
    });
  }
  echoDms(bot, BOT, {
    received: () => {},
    failed: (sender, error) => {
      if (sender === USER) stop.abort(error);
    },
  });
  await bot.connect();
  await user.connect();

  printLine(`The server listens on ${server.host}:${server.port}. ${BOT} is online, and so are you.`);
  const partner: Partner = {
    name: BOT,
    async say(text) {
      await user.sendDm(BOT, text);
    },
    onReply: (callback) => {
      user.onDm((sender, text) => {
        if (sender === BOT) callback(text);
      });
    },
  };
  const talk = process.stdin.isTTY && process.stdout.isTTY ? typedTalk : scriptedTalk;
  try {
    if (!stop.signal.aborted) await talk(partner, stop);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  const { reason } = stop.signal;
  if (reason instanceof ConnectorError) throw brokenOff(reason);
}

function brokenOff(cause: ConnectorError): Failure {
  const code = cause instanceof ConnectionLostError ? EXIT_CODES.connectionLost : EXIT_CODES.failure;
  return new Failure(code, `${cause.message} Start the demo again.`, { cause });
}
