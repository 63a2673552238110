import { randomBytes } from 'node:crypto';
import type { ClientBench, ClientCase, ClientGroup, Guest } from '../clientBench.js';

/** The connection ends, and the client closes its side. */
function ends(
  id: string,
  title: string,
  act: (guest: Guest, bench: ClientBench) => Promise<void>,
): ClientCase {
  return {
    id,
    title,
    async run(bench) {
      const guest = await bench.login();
      await bench.echoes(guest);
      await act(guest, bench);
      await guest.closes();
    },
  };
}

export const clientEnding: ClientGroup = {
  name: 'ending',
  title: 'The end of a connection',
  cases: [
    ends('end', 'a client whose server closes closes, too', async (guest) => void guest.wire.socket.end()),
    ends('shutdown', 'a client whose server shuts down closes', async (guest) => {
      await guest.say('*** Server is shutting down. Goodbye! ***');
      guest.wire.socket.end();
    }),
    ends('in-packet', 'a client whose server closes inside a packet closes', async (guest) => {
      await guest.wire.write(guest.packet('[DM from probe]: half').subarray(0, 20));
      guest.wire.socket.end();
    }),
    ends('reset', 'a client whose connection is reset is gone', async (guest) => guest.wire.reset()),
    ends('garbage', 'a client whose server ends with garbage closes', async (guest) => {
      await guest.wire.write(randomBytes(5000));
      guest.wire.socket.end();
    }),
    ends('last-message', 'a message right before the end harms nothing', async (guest) => {
      await guest.say('[DM from probe]: last');
      guest.wire.socket.end();
    }),
    {
      id: 'again',
      title: 'a client that connects again is served as before',
      async run(bench) {
        await bench.echoes(await bench.login());
      },
    },
  ],
};
