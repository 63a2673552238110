// Draws docs/images/chat.svg: `quietroom chat` as it is, on a server of its own, while a few people talk.

import { mkdir, writeFile } from 'node:fs/promises';
import { ChatScene } from '../chat/chatScene.js';
import type { Person } from '../harness/quietroom.js';
import { terminalSvg } from './terminalSvg.js';

const COLUMNS = 100;
const ROWS = 20;
const PICTURE = new URL('../../../../docs/images/chat.svg', import.meta.url);

await using scene = await ChatScene.begin();
await using terminal = await scene.chat(['--room', '#random', '#release'], {
  columns: COLUMNS,
  rows: ROWS,
  env: { TZ: afternoon(), COLORTERM: undefined, COLORFGBG: '15;0' },
});
await terminal.until('› Write to #re');

await using bob = await scene.person('bob');
await using carla = await scene.person('carla');
await using dimitris = await scene.person('dimitris');
await using mei = await scene.person('mei');
for (const person of [bob, carla, dimitris, mei]) {
  await person.connector.joinRoom('#release');
  await person.connector.joinRoom('#random');
}
await using guest = await scene.person('guest');
await guest.connector.joinRoom('#release');
await guest.connector.leaveRoom('#release');
await terminal.until('5 joined, 1 left');

await says(bob, 'Morning! 1.4.0 is built, the tests are green on all four versions of Node.');
await says(mei, '太好了 🎉 Did the burst test pass, too?');
await says(bob, 'It did: 20,000 messages, none lost.');
await answers('Good. Then I tag it at three; carla, are the notes ready?');
await says(
  carla,
  'alice: almost. One question before I publish them:\n- do we mention the old 1.1 servers?\n- and who writes to the list?',
);
await answers('Yes, one line. And I write to the list myself.');
await says(dimitris, 'The mirror in Αθήνα has the packages already 👍🏽');
await carla.connector.sendDm('alice', 'Draft is in your folder.');
await bob.connector.sendDm('alice', 'Coffee before the tag?');
await bob.connector.sendDm('alice', 'I am in the kitchen.');
await mei.connector.sendRoomMessage('#random', 'Who has a spare keyboard?');
await guest.connector.sendLobbyMessage('Hello, is anyone from the release team around?');
await terminal.until(/Lobby +1 [^]*bob +2 /);
await answers('/msg guest');
await terminal.until('› Write to guest');
await answers('We are in #release, come in.');
await terminal.until(/✓ We are/);
await guest.connector.joinRoom('#release');
await terminal.press('M-3');
await terminal.until(/› Write to #release/);
await terminal.until(/ \d+ ms /);
await terminal.type('Tagging now, thank you all ');
await terminal.type('✨');
await terminal.until('✨');

await mkdir(new URL('.', PICTURE), { recursive: true });
await writeFile(PICTURE, terminalSvg(await terminal.captureStyled(), COLUMNS, 'quietroom chat'));

async function says(person: Person, text: string): Promise<void> {
  await person.connector.sendRoomMessage('#release', text);
  await terminal.until(text.slice(0, 20));
}

async function answers(line: string): Promise<void> {
  await terminal.enter(line);
  if (!line.startsWith('/')) await terminal.until(`✓ ${line.slice(0, 20)}`);
}

/** A time zone where it is two o'clock, so that the picture does not depend on when it is drawn. */
function afternoon(): string {
  const ahead = (14 - new Date().getUTCHours() + 24) % 24;
  // Its sign is turned round in these names; they go from 14 hours ahead to 12 behind.
  return ahead <= 14 ? `Etc/GMT-${ahead}` : `Etc/GMT+${24 - ahead}`;
}
