import { HEADER_BYTES } from '../../wire/packets.js';
import type { Peer } from '../../wire/peer.js';
import type { ClientBench, ClientCase, ClientGroup } from '../clientBench.js';

/** What the packets of a client are like that has answered texts of many sizes. */
function layout(id: string, title: string, check: (bench: ClientBench, peer: Peer) => void): ClientCase {
  return {
    id,
    title,
    async run(bench) {
      const guest = await bench.login();
      for (const size of [1, 10, 100, 440, 450, 460, 470, 480, 1000, 3000]) {
        await bench.echoes(guest, undefined, bench.word().padEnd(size, 'x'));
      }
      check(bench, guest);
    },
  };
}

export const clientWriting: ClientGroup = {
  name: 'writing',
  title: 'Framing and padding of what the client writes',
  cases: [
    layout('starts-record', 'every packet begins where a TLS record begins', (bench, { packets }) => {
      const stray = packets.filter(({ isAfterStray }) => isAfterStray).length;
      if (stray > 0) bench.loses(`${stray} of ${packets.length} packets follow spilled padding.`);
      bench.check('no packet elsewhere', stray === 0, `${packets.length} packets`);
    }),
    layout('not-joined', 'no two packets share a TLS record', (bench, { packets }) => {
      const joined = packets.filter(({ isJoined }) => isJoined).length;
      bench.check('no joined packets', joined === 0, `${joined} of ${packets.length}`);
    }),
    layout('has-padding', 'every packet has padding in the record of its last byte', (bench, { packets }) => {
      const bare = packets.filter(({ paddingBytes }) => paddingBytes === 0).length;
      if (bare > 0) bench.loses(`${bare} of ${packets.length} packets have none.`);
      bench.check('padding everywhere', bare === 0, `${packets.length} packets`);
    }),
    layout(
      'padding-limit',
      'no packet has more than 1023 bytes of padding in its last record',
      (bench, { packets }) => {
        const most = Math.max(...packets.map(({ paddingBytes }) => paddingBytes));
        bench.check('at most 1023 bytes', most <= 1023, `${most} bytes`);
      },
    ),
    layout('data-limit', 'no packet has more than 4096 bytes of data', (bench, { packets }) => {
      const most = Math.max(...packets.map(({ dataBytes }) => dataBytes));
      bench.check('at most 4096 bytes', most <= 4096, `${most} bytes`);
    }),
    {
      id: 'fresh-nonces',
      title: 'no nonce is used twice',
      async run(bench) {
        const guest = await bench.login();
        const nonces: string[] = [];
        guest.wire.socket.on('data', (record: Buffer) => {
          if (record.length > HEADER_BYTES + 12 && record[0] === 1)
            nonces.push(record.subarray(HEADER_BYTES, 15).toString('hex'));
        });
        for (let i = 0; i < 20; i++) await bench.echoes(guest);
        const different = new Set(nonces).size;
        bench.check(
          'nonces that differ',
          nonces.length > 0 && different === nonces.length,
          `${different} of ${nonces.length}`,
        );
      },
    },
    {
      id: 'burst',
      title: 'answers to 100 messages in a row each have a record of their own',
      async run(bench) {
        const guest = await bench.login();
        const words = Array.from({ length: 100 }, () => bench.word());
        for (const word of words) void guest.say(`[DM from probe]: ${word}`);
        for (const word of words) await guest.hears(`/msg probe ${word}`);
        const joined = guest.packets.filter(({ isJoined }) => isJoined).length;
        bench.check('no joined packets', joined === 0, `${joined} of ${guest.packets.length}`);
      },
    },
  ],
};
