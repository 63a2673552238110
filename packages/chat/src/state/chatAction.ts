import type { Place } from '../entries/place.js';

/** Actions requested by the model; each results in events. */
export type ChatAction =
  | { readonly type: 'say'; readonly place: Place; readonly entry: number; readonly text: string }
  | { readonly type: 'join'; readonly room: string; readonly password: string | undefined }
  | { readonly type: 'leave'; readonly room: string }
  /** `isAsked`: show the answer, not only remember it. */
  | { readonly type: 'listOnline'; readonly isAsked: boolean }
  | { readonly type: 'listMembers'; readonly room: string; readonly isAsked: boolean }
  | { readonly type: 'listRooms'; readonly isAsked: boolean }
  | { readonly type: 'sendFile'; readonly number: number; readonly recipient: string; readonly path: string }
  | { readonly type: 'acceptFile'; readonly number: number }
  | { readonly type: 'declineFile'; readonly number: number }
  | { readonly type: 'cancelFile'; readonly number: number }
  /** Tell the user of a direct message, a mention or a file. */
  | { readonly type: 'notify'; readonly place: Place; readonly sender: string; readonly text: string }
  /** Compare the certificate of the server; with an answer, accept it if that is right. */
  | { readonly type: 'comparePin'; readonly answer: string | undefined }
  | { readonly type: 'reconnect' }
  | { readonly type: 'rejoin'; readonly room: string }
  /** Leave this server for the one of a profile. */
  | { readonly type: 'connectTo'; readonly profile: string }
  | { readonly type: 'quit' };
