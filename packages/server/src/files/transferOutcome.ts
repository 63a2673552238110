import type { ServerMessage } from '@quietroom/protocol';
import type { TransferEnd } from '../observe/reasons.js';

/** The text for each side; none for a side that knows or has left. */
export interface EndTexts {
  readonly sender?: ServerMessage;
  readonly recipient?: ServerMessage;
}

/** The texts of existing servers, and others that clients display in the same way. */
export function endTexts(end: TransferEnd, id: string, recipientName: string): EndTexts {
  switch (end) {
    case 'completed':
      return { sender: { type: 'fileSent' }, recipient: { type: 'fileReceived' } };
    case 'declined':
      return {
        sender: { type: 'fileDeclinedBy', name: recipientName, id },
        recipient: { type: 'fileDeclined' },
      };
    case 'withdrawn':
      return {
        sender: { type: 'refusal', reason: 'transferNotYours' },
        recipient: cancelled('withdrawn by the sender', id),
      };
    case 'stopped':
      return { sender: cancelled('stopped by the recipient', id), recipient: { type: 'fileDeclined' } };
    case 'expired':
      return { sender: { type: 'fileExpired' } };
    case 'timedOut':
      return { sender: { type: 'fileSendTimedOut' }, recipient: { type: 'fileReceiveTimedOut' } };
    case 'senderGone':
      return { recipient: inOldWords('sender disconnected') };
    case 'recipientGone':
      return { sender: inOldWords('recipient disconnected') };
    case 'senderStalled':
      return bothTold('the sender sends nothing', id);
    case 'recipientStalled':
      return bothTold('the recipient takes nothing', id);
    case 'sizeInvalid':
      return {
        sender: inOldWords('invalid file size'),
        recipient: cancelled('invalid file size', id),
      };
    case 'tooLarge':
      return bothTold('the file is larger than this server allows', id);
    case 'tooMuch':
      return bothTold('more came than was announced', id);
  }
}

function bothTold(why: string, id: string): EndTexts {
  return { sender: cancelled(why, id), recipient: cancelled(why, id) };
}

/** Names the transfer, for clients that send and receive at the same time. */
function cancelled(text: string, id: string): ServerMessage {
  return { type: 'transferCancelled', text, id };
}

/** In the exact wording of existing servers, which does not name the transfer. */
function inOldWords(text: string): ServerMessage {
  return { type: 'fileCancelled', text };
}
