// Draws docs/images/cover-traffic.svg: the records of a real minute, decoys beside the steady mode, both directions.
//   npm run docs:cover

import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { QuietRoomServer } from '@quietroom/server';
import { QuietRoomConnector } from 'quietroom-connector';
import { RecordTap } from '#src/shape/recordTap.js';
import { shapePicture } from '#src/shape/shapePicture.js';

const SECONDS = 60;

/** When the user writes, in seconds: the same in each panel. */
const WRITES = [7.3, 9.1, 12.6, 31.2, 33.9, 34.4, 51.7];

/** `title`, the options of the server, and those of the client. */
// Random padding, as of 1.x servers, also keeps a server from being asked for its own steady mode.
const LIKE_1X = { padding: 'random' };

const PANELS = [
  ['decoys: each message is off their clock, and its echo follows at once', LIKE_1X, { cover: 'decoys' }],
  ['steady: what is sent tells nothing; the echoes still do', LIKE_1X, { cover: 'steady' }],
  ['steady with answers: each cell has an answer', LIKE_1X, { cover: { mode: 'steady', answers: true } }],
  ['steady client and steady server: two clocks', { cover: 'steady' }, { cover: 'steady' }],
];

const panels = await Promise.all(PANELS.map(([title, server, client]) => watch(title, server, client)));
writeFileSync(
  new URL('../../../docs/images/cover-traffic.svg', import.meta.url),
  shapePicture(panels, SECONDS),
);

async function watch(title, serverOptions, clientOptions) {
  const server = await QuietRoomServer.start({ port: 0, ...serverOptions });
  const tap = await RecordTap.start({ host: '127.0.0.1', port: server.port });
  const at = { serverHost: '127.0.0.1', cert: server.certPem };
  const friend = new QuietRoomConnector({ ...at, serverPort: server.port, username: 'friend' });
  const writer = new QuietRoomConnector({
    ...at,
    serverPort: tap.port,
    username: 'writer',
    ...clientOptions,
  });
  await friend.connect();
  await writer.connect();
  await pause(3000);
  tap.forget();
  const start = tap.elapsedMs;
  for (const seconds of WRITES) {
    await pause(start + seconds * 1000 - tap.elapsedMs);
    void writer.sendDm('friend', 'A message of some words, as people write them.');
  }
  await pause(start + SECONDS * 1000 - tap.elapsedMs);
  const records = tap.records.map((record) => ({ ...record, at: record.at - start }));
  await Promise.all([writer.disconnect(), friend.disconnect()]);
  await tap[Symbol.asyncDispose]();
  await server.close();
  return { title, records };
}
