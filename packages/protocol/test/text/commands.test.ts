import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatClientRequest,
  parseClientRequest,
  parseServerMessage,
  type FormattableRequest,
} from '@quietroom/protocol';
import { COMMAND_ROWS, commandTypeOf, helpText } from '@quietroom/protocol/internals';

const HELP_11 = `
  /msg <username> <message>         send a direct message
  /users                            list who is in your current room, or in the lobby
  /rooms                            list the rooms
  /join <#room> [password]          join a room, or create it
  /leave <#room>                    leave a room
  /file <username> <path/filename>  offer a file to somebody
  /accept <transfer_id>             take a file that is offered
  /decline <transfer_id>            refuse a file, or withdraw your own
  /help                             show this text
  /quit                             leave the chat
`;

const HELP_12 = `
  /msg <username> <message>         send a direct message
  /users                            list who is online
  /rooms                            list the rooms
  /join <#room> [password]          join a room, or create it
  /leave <#room>                    leave a room
  /members <#roomname|lobby>        list who is in a room, or in no room
  [#room] <message>                 send a message to a room that you are in
  /file <username> <path/filename>  offer a file to somebody
  /accept <transfer_id>             take a file that is offered
  /decline <transfer_id>            refuse a file, or withdraw your own
  /help                             show this text
  /quit                             leave the chat
`;

test('The help text lists the commands that the version has', () => {
  assert.equal(helpText('1.1'), HELP_11);
  assert.equal(helpText('1.2'), HELP_12);
});

/** One value for each kind of argument; all are read back as they are. */
const SAMPLES = { word: '#word', place: 'lobby', text: 'some words', optionalText: 'other words' } as const;

for (const [type, row] of COMMAND_ROWS) {
  const values = Object.fromEntries(
    Object.entries(row.arguments).map(([name, kind]) => [name, SAMPLES[kind]]),
  );

  test(`A request of type ${type} is read back from its text`, () => {
    // The values are those that the row names.
    const request = { type, ...values } as FormattableRequest;
    assert.deepEqual(parseClientRequest(formatClientRequest(request)), request);
  });

  test(`The arguments that replies to ${type} repeat are arguments of the command`, () => {
    for (const [reply, fields] of Object.entries(row.replies)) {
      for (const name of Object.keys(fields)) assert.ok(name in row.arguments, `${reply}: ${name}`);
    }
  });

  const { command } = row;
  if (command === undefined) continue;

  test(`${command} without its arguments is answered by the usage line, if it needs any`, () => {
    const needed = Object.values(row.arguments).length > 0;
    assert.equal(parseClientRequest(command).type, needed ? 'usage' : type);
    const usage = parseServerMessage(`Usage: ${row.synopsis}`);
    assert.equal(usage.type === 'refusal' ? usage.reason : undefined, needed ? `${type}Usage` : undefined);
  });
}

test('A version has the commands of older versions, but not those of newer ones', () => {
  assert.equal(commandTypeOf('/members', '1.1'), undefined);
  assert.equal(commandTypeOf('/members', '1.2'), 'members');
  assert.equal(commandTypeOf('/msg', '1.1'), 'dm');
  assert.equal(commandTypeOf('/msg', '1.2'), 'dm');
  assert.equal(commandTypeOf('/MSG'), undefined);
});
