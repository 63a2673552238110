import type { Context, DmContext, LobbyContext, RoomContext } from './context.js';

/** Direct messages. */
export function inDm<S>(ctx: Context<S>): ctx is DmContext<S> {
  return ctx.type === 'dm';
}

/** Messages in the lobby. */
export function inLobby<S>(ctx: Context<S>): ctx is LobbyContext<S> {
  return ctx.type === 'lobby';
}

/** Messages in one of these rooms, or in any room when none is given. */
export function inRoom(...rooms: readonly string[]): <S>(ctx: Context<S>) => ctx is RoomContext<S> {
  return <S>(ctx: Context<S>): ctx is RoomContext<S> =>
    ctx.type === 'room' && (rooms.length === 0 || rooms.includes(ctx.room));
}

/** Messages in a room or the lobby that name the bot. */
export function mentioned<S>(ctx: Context<S>): ctx is Context<S> & { readonly mention: string } {
  return ctx.mention !== undefined;
}

/** Messages from one of these names. A name does not prove who it is: this is for comfort, not for authorisation. */
export function from<const N extends string>(
  ...names: readonly N[]
): <S>(ctx: Context<S>) => ctx is Context<S> & { readonly sender: N } {
  const known: ReadonlySet<string> = new Set(names);
  return <S>(ctx: Context<S>): ctx is Context<S> & { readonly sender: N } => known.has(ctx.sender);
}
