import { Command } from 'commander';
import type { ChatCommandFlags } from '../chat/chatCommand.js';
import { addClientOptions } from '../settings/clientOptions.js';
import { examples } from './definition.js';

export function chatCommand(): Command {
  return addClientOptions(new Command('chat'), 'your user name', { chat: true })
    .description('Chat on the whole terminal; line by line with --plain, and where there is no terminal.')
    .option('--room <#room...>', 'rooms to join at the start')
    .option('--plain', 'lines in and lines out, without anything that controls a terminal')
    .addHelpText(
      'after',
      examples([
        ['quietroom chat', 'on a server on this machine; /help in it tells the rest'],
        ['quietroom chat --host chat.example --cert ~/chat_public.pem --username alice', ''],
        ["quietroom chat --room '#ops' --bell", 'join a room, and ring when somebody calls'],
        ['tail -f build.log | quietroom chat --plain', 'say every line in the lobby'],
      ]),
    )
    .action(async (flags: ChatCommandFlags) => {
      const { chat } = await import('../chat/chatCommand.js');
      await chat(flags);
    });
}
