import { open } from 'node:fs/promises';
import type { PendingMessage } from './messageStore.js';

/** Why a message was given up. */
export type DeadReason = 'too-old' | 'too-long' | 'refused' | 'no-link';

/** Appends messages that were given up to a file, one JSON object a line; resolves when they are on disk. */
export async function writeDeadLetters(
  path: string,
  messages: readonly PendingMessage[],
  reason: DeadReason,
): Promise<void> {
  const lines = messages.map(({ to, text, acceptedAt }) => {
    const letter = {
      time: new Date().toISOString(),
      reason,
      to,
      acceptedAt: new Date(acceptedAt).toISOString(),
      text,
    };
    return `${JSON.stringify(letter)}\n`;
  });
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(lines.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
}
