import { Channel, Session, type ProtocolError, type SessionEvent, type Transport } from '@quietroom/protocol';
import type { ResolvedConfig } from '../options/config.js';
import { Connection } from './connection.js';
import { unlessAborted } from '../time/clock.js';
import { dial } from './dial.js';
import { ConnectorError, SecurityError } from '../errors.js';
import { Login } from './login.js';
import { CountingTransport, type Traffic } from './countingTransport.js';
import { loadPins } from './pins.js';

/** More than any lobby can say while one user logs in. */
const MAX_EARLY_CHARACTERS = 16 * 1024 * 1024;

/** What even an empty text costs. */
const EARLY_TEXT_OVERHEAD = 64;

/** How far an attempt has come; said when it takes too long. */
interface Progress {
  stage: 'the certificate file' | 'TCP and TLS' | 'the key exchange' | 'the login';
}

/** By which name to log in. */
export interface Identity {
  readonly username: string;
  /** There was a connection before: that the server closes now is no judgement on the name. */
  readonly isAgain: boolean;
}

/**
 * Makes a connection and logs in, within `connectTimeout`. Whatever fails, nothing is left open.
 *
 * @throws what `loadPins` and `dial` throw; SecurityError, LoginError or ConnectorError; the signal's reason when it aborts
 */
export async function openConnection(
  config: ResolvedConfig,
  identity: Identity,
  traffic: Traffic,
  signal: AbortSignal,
): Promise<Connection> {
  const progress: Progress = { stage: 'the certificate file' };
  const attempt = new AbortController();
  const cancel = (): void => attempt.abort(signal.reason);
  const timer = config.clock.setTimeout(
    () => attempt.abort(timedOut(config, progress)),
    config.connectTimeout * 1000,
  );
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const pins = await unlessAborted(loadPins(config), attempt.signal);
    progress.stage = 'TCP and TLS';
    const { transport, pinnedKey } = await dial(config, pins, attempt.signal);
    progress.stage = 'the key exchange';
    const session = new Session({ role: 'client', pinnedKey, padding: config.padding });
    const metered = new CountingTransport(transport, traffic, config.clock);
    return await logIn(session, metered, new Login(identity), config, attempt.signal, progress);
  } finally {
    config.clock.clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

function logIn(
  session: Session,
  transport: Transport,
  login: Login,
  config: ResolvedConfig,
  signal: AbortSignal,
  progress: Progress,
): Promise<Connection> {
  const channel = new Channel(session, transport);
  return new Promise((resolve, reject) => {
    /** What others said in the meantime. */
    const early: string[] = [];
    let earlyCharacters = 0;
    let connection: Connection | undefined;
    let failed = false;

    const fail = (error: unknown): void => {
      failed = true;
      signal.removeEventListener('abort', abort);
      reject(error);
      channel.destroy();
    };
    const abort = (): void => fail(signal.reason);

    const onText = (text: string): void => {
      const step = login.receive(text);
      switch (step.do) {
        case 'send':
          // A record can hold what is answered and what ends the session, which is told next.
          if (session.isOpen) channel.sendText(step.text);
          break;
        case 'keep':
          early.push(text);
          earlyCharacters += EARLY_TEXT_OVERHEAD + text.length;
          if (earlyCharacters > MAX_EARLY_CHARACTERS) fail(tooMuchTalk());
          break;
        case 'fail':
          fail(step.error);
          break;
        case 'finish':
          signal.removeEventListener('abort', abort);
          connection = new Connection(channel, config, login.username, early);
          resolve(connection);
          break;
      }
    };
    const onEvent = (event: SessionEvent): void => {
      if (event.type === 'open') progress.stage = 'the login';
      if (event.type === 'text') onText(event.text);
      if (event.type === 'failed') fail(handshakeError(event.error));
    };

    signal.addEventListener('abort', abort, { once: true });
    channel.start({
      event(event) {
        if (connection) connection.onEvent(event);
        else if (!failed) onEvent(event);
      },
      closed(error) {
        if (connection) connection.onClosed(error);
        else if (!failed) fail(login.closed(error));
      },
    });
    if (signal.aborted) abort();
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

function tooMuchTalk(): ConnectorError {
  return new ConnectorError(
    'LOGIN_FAILED',
    `The server sent more than ${MAX_EARLY_CHARACTERS} characters and no welcome. Check that it is a QuietRoom server.`,
  );
}

function timedOut(
  { serverHost, serverPort, connectTimeout }: ResolvedConfig,
  { stage }: Progress,
): ConnectorError {
  return new ConnectorError(
    'CONNECT_TIMEOUT',
    `No login at ${serverHost}:${serverPort} within ${connectTimeout} s: it stopped at ${stage}. Check host, port and server, or raise connectTimeout.`,
  );
}
