import type {
  AcceptFileOptions,
  ConnectorState,
  DmEvent,
  FileOffer,
  FileTransfer,
  JoinResult,
  LobbyMessageEvent,
  PresenceEvent,
  ProtocolVersion,
  Receipt,
  ReceivedFile,
  RoomMessageEvent,
  RoomSummary,
  SendFileOptions,
  SendOptions,
  SentFile,
  StateChange,
  SystemEvent,
  CallOptions,
} from 'quietroom-connector';

/** A message without the text as the server sent it. */
type Parsed<E> = Omit<E, 'raw'>;

/** An offered file. */
export interface ClientOffer extends Pick<
  FileOffer,
  'sender' | 'name' | 'sha256' | 'receivedAt' | 'withdrawn' | 'decline'
> {
  accept(target: { readonly folder: string }, options?: AcceptFileOptions): FileTransfer<ReceivedFile>;
}

/** The part of a connector that commands use. A running daemon can do the same. */
export interface ClientConnector extends AsyncDisposable {
  readonly username: string;
  readonly state: ConnectorState;
  readonly isConnected: boolean;
  readonly serverVersion: ProtocolVersion | undefined;
  readonly closed: Promise<Error | null>;
  connect(options?: CallOptions): Promise<void>;
  onDm(callback: (sender: string, text: string, event: Parsed<DmEvent>) => unknown): unknown;
  onRoomMessage(
    callback: (room: string, sender: string, text: string, event: Parsed<RoomMessageEvent>) => unknown,
  ): unknown;
  onLobbyMessage(
    callback: (sender: string, text: string, event: Parsed<LobbyMessageEvent>) => unknown,
  ): unknown;
  onPresence(
    callback: (name: string, change: 'joined' | 'left', event: Parsed<PresenceEvent>) => unknown,
  ): unknown;
  onSystemMessage(callback: (text: string, event: Parsed<SystemEvent>) => unknown): unknown;
  onStateChange(callback: (state: ConnectorState, change: StateChange) => unknown): unknown;
  onError(callback: (error: unknown) => unknown): unknown;
  onFileOffer(callback: (offer: ClientOffer) => unknown): unknown;
  sendDm(recipient: string, text: string, options?: SendOptions): Promise<Receipt>;
  sendRoomMessage(room: string, text: string, options?: SendOptions): Promise<Receipt>;
  sendLobbyMessage(text: string, options?: SendOptions): Promise<Receipt>;
  joinRoom(room: string, password?: string, options?: CallOptions): Promise<JoinResult>;
  leaveRoom(room: string, options?: CallOptions): Promise<void>;
  listUsers(options?: CallOptions): Promise<readonly string[]>;
  listRooms(options?: CallOptions): Promise<readonly RoomSummary[]>;
  listMembers(room: string, options?: CallOptions): Promise<readonly string[]>;
  rtt(options?: CallOptions): Promise<number>;
  sendFile(recipient: string, path: string, options?: SendFileOptions): FileTransfer<SentFile>;
  disconnect(): Promise<void>;
}
