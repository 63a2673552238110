/** Where people talk. */
export type Place =
  | { readonly kind: 'lobby' }
  | { readonly kind: 'room'; readonly room: string }
  | { readonly kind: 'dm'; readonly name: string };

/** Equal for equal places; names and rooms are told apart, whatever they are called. */
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

/** What a person calls it. A 1.1 server does not always say in which room something was said. */
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
