import type { FakeClock } from '@quietroom/testing';
import type { WireClient } from '../wireClient.js';

export const SHA256 = 'ab'.repeat(32);

/** Offers a file; gives its id. Afterwards both have taken all texts so far. */
export async function offer(sender: WireClient, recipientName: string, name = 'a.bin'): Promise<string> {
  const answers = await sender.ask(`/file ${recipientName} ${name} ${SHA256}`);
  const id = answers.flatMap((text) => /^Transfer ID: (\S+)$/m.exec(text)?.[1] ?? [])[0];
  if (id === undefined) throw new Error(`Not offered: ${JSON.stringify(answers)}`);
  return id;
}

/** Offers a file, which is accepted, and lets the sender be told to begin; gives its id. */
export async function begin(
  clock: FakeClock,
  sender: WireClient,
  [recipient, recipientName]: readonly [WireClient, string],
  name = 'a.bin',
): Promise<string> {
  const id = await offer(sender, recipientName, name);
  await recipient.ask(`/accept ${id}`);
  clock.advance(100);
  await sender.settle();
  return id;
}
