import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { printLine } from '../output/print.js';

/** The partner in the demo's conversation. */
export interface Partner {
  readonly name: string;
  /** Resolves when the text is sent. */
  say(text: string): Promise<void>;
  onReply(callback: (text: string) => void): void;
}

const LINES = [
  'Hello! Is anyone there?',
  'Grüße, 你好, γειά σου 👋',
  '/quit is a command to a server, but here it is only text.',
];

const REPLY_TIMEOUT_MS = 10_000;

/**
 * A scripted conversation: each line is sent after the echo of the one before.
 *
 * @throws Failure when an echo is late or wrong; the reason of `stop` when it is aborted
 */
export async function scriptedTalk(
  partner: Partner,
  stop: AbortController,
  timeoutMs = REPLY_TIMEOUT_MS,
): Promise<void> {
  for (const line of LINES) {
    printLine(`You: ${line}`);
    const [reply] = await Promise.all([nextReply(partner, stop.signal, timeoutMs), partner.say(line)]);
    printLine(`${partner.name}: ${reply}`);
    if (reply !== `Echo: ${line}`) {
      throw new Failure(
        EXIT_CODES.failure,
        `${partner.name} did not echo what was said. Please report this.`,
      );
    }
  }
  printLine(
    'Each line went through the server and back, encrypted and padded. On a terminal, you type them.',
  );
}

function nextReply(partner: Partner, stop: AbortSignal, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate(partner, timeoutMs)), timeoutMs);
    const stopped = (): void => {
      clearTimeout(timer);
      reject(stop.reason);
    };
    partner.onReply((text) => {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
      resolve(text);
    });
    stop.addEventListener('abort', stopped, { once: true });
  });
}

function tooLate({ name }: Partner, timeoutMs: number): Failure {
  return new Failure(
    EXIT_CODES.failure,
    `${name} did not answer within ${timeoutMs / 1000} s. Try again; if it persists, please report it.`,
  );
}
