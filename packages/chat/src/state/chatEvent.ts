import type { RoomSummary } from './lists.js';
import type { ChatAction } from './chatAction.js';
import type { ChatState, ConnectionStatus } from './chatState.js';
import type { Delivery, FileStatus } from '../entries/entry.js';
import type { Place, PlaceId } from '../entries/place.js';

/** All events: from the server, from other users, results of actions, and input. */
export type ChatEvent =
  | {
      readonly type: 'message';
      readonly place: Place;
      readonly sender: string;
      readonly text: string;
      readonly at: Date;
    }
  | {
      readonly type: 'presence';
      readonly change: 'joined' | 'left';
      readonly name: string;
      readonly room: string | undefined;
      readonly at: Date;
    }
  | {
      readonly type: 'notice';
      readonly tone: 'info' | 'problem';
      readonly text: string;
      readonly at: Date;
      readonly place?: PlaceId;
    }
  | { readonly type: 'connection'; readonly status: ConnectionStatus; readonly at: Date }
  | { readonly type: 'roundTrip'; readonly seconds: number | undefined }
  /** `isAsked`: the user asked for it. `isPartial`: there may be more users, as on 1.1 in other rooms. */
  | {
      readonly type: 'online';
      readonly names: readonly string[];
      readonly isPartial?: boolean;
      readonly isAsked: boolean;
      readonly at: Date;
    }
  | {
      readonly type: 'members';
      readonly room: string;
      readonly names: readonly string[];
      readonly isAsked: boolean;
      readonly at: Date;
    }
  | {
      readonly type: 'rooms';
      readonly rooms: readonly RoomSummary[];
      readonly isAsked: boolean;
      readonly at: Date;
    }
  | {
      readonly type: 'delivery';
      readonly place: PlaceId;
      readonly entry: number;
      readonly delivery: Delivery;
      readonly note?: string;
      readonly at: Date;
    }
  | { readonly type: 'joined'; readonly room: string; readonly created: boolean; readonly at: Date }
  | { readonly type: 'leftRoom'; readonly room: string; readonly at: Date }
  | { readonly type: 'fileOffered'; readonly sender: string; readonly name: string; readonly at: Date }
  | ({ readonly type: 'file'; readonly number: number; readonly at: Date } & FileChange)
  | { readonly type: 'typed'; readonly line: string; readonly at: Date }
  /** Messages of an earlier chat, oldest first: they are read, and call no one. */
  | {
      readonly type: 'backlog';
      readonly place: Place;
      readonly messages: readonly { readonly sender: string; readonly text: string; readonly at: Date }[];
    }
  | { readonly type: 'show'; readonly place: PlaceId }
  /** Search all places; an empty text begins a search. */
  | { readonly type: 'search'; readonly text: string }
  /** To the next older (1) or newer (-1) hit. */
  | { readonly type: 'searchStep'; readonly by: 1 | -1 }
  | { readonly type: 'searchEnd' }
  /** Show the last mention, or the one before the one that is shown. */
  | { readonly type: 'mention' }
  /** Show the next or previous thread, or one with unread messages. */
  | { readonly type: 'step'; readonly by: 1 | -1; readonly unreadOnly: boolean };

export interface FileChange {
  readonly status: FileStatus;
  readonly bytes?: number;
  readonly totalBytes?: number;
  readonly note?: string;
}

/** The state after an event, and the actions to perform. */
export interface Step {
  readonly state: ChatState;
  readonly actions: readonly ChatAction[];
}
