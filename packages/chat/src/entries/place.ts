/** A place where messages go: the lobby, a room or a user. */
export type Place =
  | { readonly kind: 'lobby' }
  | { readonly kind: 'room'; readonly room: string }
  | { readonly kind: 'dm'; readonly name: string };

/** Equal for equal places; a user and a room never share an id. */
export type PlaceId = 'lobby' | `room:${string}` | `dm:${string}`;

export const LOBBY: Place = { kind: 'lobby' };

export function placeId(place: Place): PlaceId {
  switch (place.kind) {
    case 'lobby':
      return 'lobby';
    case 'room':
      return `room:${place.room}`;
    case 'dm':
      return `dm:${place.name}`;
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
  }
}
