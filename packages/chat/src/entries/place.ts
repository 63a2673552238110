/** A place where messages go: the lobby, a room or a user. `visitors` collects what short-lived names wrote. */
export type Place =
  | { readonly kind: 'lobby' }
  | { readonly kind: 'room'; readonly room: string }
  | { readonly kind: 'dm'; readonly name: string }
  | { readonly kind: 'visitors' };

/** Equal for equal places; a user and a room never share an id. */
export type PlaceId = 'lobby' | 'visitors' | `room:${string}` | `dm:${string}`;

export const LOBBY: Place = { kind: 'lobby' };
export const VISITORS: Place = { kind: 'visitors' };

export function placeId(place: Place): PlaceId {
  switch (place.kind) {
    case 'lobby':
      return 'lobby';
    case 'room':
      return `room:${place.room}`;
    case 'dm':
      return `dm:${place.name}`;
    case 'visitors':
      return 'visitors';
  }
}

/** The title for people. A 1.1 server does not always tell the room of a message. */
export function placeTitle(place: Place): string {
  switch (place.kind) {
    case 'lobby':
      return 'Lobby';
    case 'room':
      return place.room === '' ? 'a room' : place.room;
    case 'dm':
      return place.name;
    case 'visitors':
      return 'Visitors';
  }
}
