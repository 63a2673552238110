import type { Generation, ServerMessage } from '@quietroom/protocol';

/** The generation of the server that sends such messages, if they tell. */
export function generationBehind(message: ServerMessage): Generation | undefined {
  switch (message.type) {
    case 'room':
    case 'members':
      return '1.2';
    case 'users':
      return message.place === undefined ? '1.2' : '1.1';
    case 'refusal':
      if (message.reason === 'membersUsage' || message.reason === 'notAMember') return '1.2';
      return message.reason === 'unknownCommand' && message.word === '/members' ? '1.1' : undefined;
    default:
      return undefined;
  }
}
