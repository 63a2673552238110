// Draws the pictures of `quietroom chat` in docs/images: the chat as it is, on a server of its own, while a few people talk.

import { mkdir, writeFile } from 'node:fs/promises';
import { ChatScene } from '../chat/chatScene.js';
import type { Person } from '../harness/quietroom.js';
import type { Terminal } from '../harness/terminal.js';
import { DARK, LIGHT, terminalSvg, type Ground } from './terminalSvg.js';

const IMAGES = new URL('../../../../docs/images/', import.meta.url);

await mkdir(IMAGES, { recursive: true });
await draw('chat.svg', 110, 22, DARK);
await draw('chat-dark.svg', 100, 24, DARK);
await draw('chat-light.svg', 100, 24, LIGHT);
await draw('chat-80x24.svg', 80, 24, DARK);

async function draw(file: string, columns: number, rows: number, ground: Ground): Promise<void> {
  await using scene = await ChatScene.begin();
  await using terminal = await scene.chat(['--room', '#random', '#release'], {
    columns,
    rows,
    env: { TZ: afternoon(), COLORTERM: undefined, COLORFGBG: ground === DARK ? '15;0' : '0;15' },
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

  await says(terminal, bob, 'Morning! 1.4.0 is built, the tests are green on all four versions of Node.');
  await says(terminal, mei, '太好了 🎉 Did the burst test pass, too?');
  await says(terminal, bob, 'It did: 20,000 messages, none lost.');
  await answers(terminal, 'Good. Then I tag it at three; carla, are the notes ready?');
  await says(
    terminal,
    carla,
    'alice: almost. One question before I publish them:\n- do we mention the old 1.1 servers?\n- and who writes to the list?',
  );
  await answers(terminal, 'Yes, one line. And I write to the list myself.');
  await says(terminal, dimitris, 'The mirror in Αθήνα has the packages already 👍🏽');
  await carla.connector.sendDm('alice', 'Draft is in your folder.');
  await bob.connector.sendDm('alice', 'Coffee before the tag?');
  await bob.connector.sendDm('alice', 'I am in the kitchen.');
  await mei.connector.sendRoomMessage('#random', 'Who has a spare keyboard?');
  await guest.connector.sendLobbyMessage('Hello, is anyone from the release team around?');
  await terminal.until(/Lobby +1 [^]*bob +2 /);
  await answers(terminal, '/msg guest');
  await terminal.until('› Write to guest');
  await answers(terminal, 'We are in #release, come in.');
  await terminal.until(/✓ We are/);
  await guest.connector.joinRoom('#release');
  await terminal.press('M-3');
  await terminal.until(/› Write to #release/);
  await terminal.until(/ \d+ ms /);
  await terminal.type('Tagging now, thank you all ');
  await terminal.type('✨');
  await terminal.until('✨');
  await writeFile(
    new URL(file, IMAGES),
    terminalSvg(await terminal.captureStyled(), columns, 'quietroom chat', ground),
  );
}

async function says(terminal: Terminal, person: Person, text: string): Promise<void> {
  await person.connector.sendRoomMessage('#release', text);
  await terminal.until(text.slice(0, 20));
}

async function answers(terminal: Terminal, line: string): Promise<void> {
  await terminal.enter(line);
  if (!line.startsWith('/')) await terminal.until(`✓ ${line.slice(0, 20)}`);
}

/** A time zone where it is two o'clock, so that the picture does not depend on when it is drawn. */
function afternoon(): string {
  const ahead = (14 - new Date().getUTCHours() + 24) % 24;
  // Its sign is turned round in these names; they go from 14 hours ahead to 12 behind.
  return ahead <= 14 ? `Etc/GMT-${ahead}` : `Etc/GMT+${24 - ahead}`;
}
