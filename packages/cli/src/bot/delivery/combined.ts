import type { Delivery } from './outbox.js';

/** The outcome of messages that were sent one after another. Rejects when nothing has left. */
export async function combined(sends: readonly Promise<Delivery>[]): Promise<Delivery> {
  const results = await Promise.allSettled(sends);
  const deliveries = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find(({ status }) => status === 'rejected');
  if (deliveries.length === 0) await Promise.all(sends);
  const refused = deliveries.find((delivery) => delivery.status === 'refused');
  if (refused !== undefined) {
    // An unconfirmed one may have arrived.
    const arrived = deliveries.filter(({ status }) => status !== 'refused').length;
    return { ...refused, acceptedParts: refused.acceptedParts + arrived };
  }
  const unconfirmed = deliveries.find(({ status }) => status === 'unconfirmed');
  if (unconfirmed !== undefined) return unconfirmed;
  return failed === undefined
    ? { status: 'accepted' }
    : { status: 'unconfirmed', reason: 'a part was not sent' };
}
