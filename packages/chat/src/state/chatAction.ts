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
  | { readonly type: 'ring' }
  | { readonly type: 'quit' };
