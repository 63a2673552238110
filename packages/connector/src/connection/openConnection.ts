import { Channel, Session, type ProtocolError, type SessionEvent } from '@quietroom/protocol';
import { onAbort } from '@quietroom/protocol/internals';
import type { ResolvedConfig } from '../options/config.js';
import { Connection } from './connection.js';
import type { StatsRecorder } from '../observe/stats.js';
import { unlessAborted } from '../time/clock.js';
import { dial } from './dial.js';
import { ConnectorError, SecurityError } from '../errors.js';
import { Login } from './login.js';
import { loadPins } from './pins.js';

/** The stage of a connection attempt, for the message of its time-out. */
interface Progress {
  stage: 'the certificate file' | 'TCP and TLS' | 'the key exchange' | 'the login';
}

/** The name to log in by. */
export interface Identity {
  readonly username: string;
  /** On a reconnect, a connection that the server closes does not mean that the name is invalid. */
  readonly isAgain: boolean;
}

/**
 * Connects and logs in before the connect deadline. Nothing is left open when it fails.
 *
 * @throws what `loadPins` and `dial` throw; SecurityError, LoginError or ConnectorError; the signal's reason when it aborts
 */
export async function openConnection(
  config: ResolvedConfig,
  identity: Identity,
  stats: StatsRecorder,
  signal: AbortSignal,
): Promise<Connection> {
  const progress: Progress = { stage: 'the certificate file' };
  const attempt = new AbortController();
  const { clock, connectDeadline } = config;
  const timer = clock.setTimeout(
    () => attempt.abort(timedOut(config, progress)),
    connectDeadline.seconds * 1000,
  );
  const stopListening = onAbort(signal, () => attempt.abort(signal.reason));
  try {
    const pins = await unlessAborted(loadPins(config), attempt.signal);
    progress.stage = 'TCP and TLS';
    const { transport, pinnedKey } = await dial(config, pins, attempt.signal);
    progress.stage = 'the key exchange';
    const session = new Session({ role: 'client', pinnedKey, padding: config.padding, joinsPackets: false });
    const channel = new Channel(session, transport);
    return await logIn(channel, new Login(identity), { config, stats, signal: attempt.signal, progress });
  } finally {
    clock.clearTimeout(timer);
    stopListening();
  }
}

interface Attempt {
  readonly config: ResolvedConfig;
  readonly stats: StatsRecorder;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

function logIn(
  channel: Channel,
  login: Login,
  { config, stats, signal, progress }: Attempt,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let stopListening: (() => void) | undefined;

    const end = (): void => {
      isOver = true;
      stopListening?.();
    };
    const fail = (error: unknown): void => {
      end();
      reject(error);
      channel.destroy();
    };
    const onText = (text: string): void => {
      const step = login.receive(text);
      switch (step.do) {
        case 'send':
          try {
            channel.sendText(step.text);
          } catch {
            // The same record has ended the session, which is reported next.
          }
          break;
        case 'keep':
          break;
        case 'fail':
          fail(step.error);
          break;
        case 'finish':
          end();
          resolve(new Connection(channel, config, stats, login.username, login.kept));
          break;
      }
    };
    const onEvent = (event: SessionEvent): void => {
      if (event.type === 'open') progress.stage = 'the login';
      if (event.type === 'text') onText(event.text);
      if (event.type === 'failed') fail(handshakeError(event.error));
    };

    channel.start({
      received: (bytes) => stats.received(bytes),
      written: (_, bytes) => stats.sent(bytes),
      event(event) {
        if (!isOver) onEvent(event);
      },
      closed(error) {
        if (!isOver) fail(login.closed(error));
      },
    });
    if (!isOver) stopListening = onAbort(signal, () => fail(signal.reason));
  });
}

function handshakeError(cause: ProtocolError): ConnectorError {
  switch (cause.code) {
    case 'SIGNATURE_INVALID':
      return new SecurityError('SIGNATURE_INVALID', cause.message, { cause });
    case 'DH_KEY_INVALID':
      return new SecurityError('DH_KEY_INVALID', cause.message, { cause });
    default:
      return new ConnectorError('HANDSHAKE_FAILED', cause.message, { cause });
  }
}

function timedOut(
  { serverHost, serverPort, connectDeadline: { option, seconds } }: ResolvedConfig,
  { stage }: Progress,
): ConnectorError {
  return new ConnectorError(
    'CONNECT_TIMEOUT',
    `No login at ${serverHost}:${serverPort} within ${seconds} s: it stopped at ${stage}. Check host, port and server, or raise ${option}.`,
    { option, seconds, stage },
  );
}
