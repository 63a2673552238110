import { Command } from 'commander';
import type { ChatCommandFlags } from '../chat/chatCommand.js';
import { addClientOptions } from '../settings/clientOptions.js';
import { examples } from './definition.js';

export function chatCommand(): Command {
  return addClientOptions(new Command('chat'), 'your user name', { chat: true, daemon: 'use' })
    .summary('chat on the terminal')
    .description('Chat on the terminal, full screen; line by line with --plain or without a terminal.')
    .option('--room <#room...>', 'rooms to join at the start')
    .option('--plain', 'read and print lines, without terminal control sequences')
    .addHelpText(
      'after',
      examples([
        ['quietroom chat', 'on a server on this machine; type /help for more'],
        ['quietroom chat --host chat.example --cert ~/chat_public.pem --username alice', ''],
        ['quietroom chat --room "#ops" --bell', 'join a room, ring when mentioned'],
        ['tail -f build.log | quietroom chat --plain', 'send each line to the lobby'],
      ]),
    )
    .action(async (flags: ChatCommandFlags) => {
      const { chat } = await import('../chat/chatCommand.js');
      await chat(flags);
    });
}
