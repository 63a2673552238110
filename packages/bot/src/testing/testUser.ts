import { QuietRoomConnector, type ConnectorConfig, type MessageEvent } from 'quietroom-connector';

/** What a test user heard. */
export interface HeardMessage {
  /** The name of the sender. */
  readonly from: string;
  /** `dm`, `lobby` or the room. */
  readonly place: string;
  readonly text: string;
}

/** A wait that takes longer has failed, in milliseconds. */
const DEADLINE_MS = 10_000;

/** A user whom a test controls. */
export class TestUser implements AsyncDisposable {
  /** All that was heard so far, in order. */
  readonly heard: HeardMessage[] = [];
  /** For all that this class has no method for. */
  readonly connector: QuietRoomConnector;
  readonly #unread: HeardMessage[] = [];
  #onHeard: () => void = () => {};

  constructor(config: ConnectorConfig) {
    this.connector = new QuietRoomConnector(config).onMessage((_, event) => this.#hear(event));
  }

  get name(): string {
    return this.connector.username;
  }

  /** Sends a direct message. */
  async dm(recipient: string, text: string): Promise<void> {
    await this.connector.sendDm(recipient, text);
  }

  /** Says something in a room that the user is in, or to `lobby`. */
  async say(place: string, text: string): Promise<void> {
    if (place === 'lobby') await this.connector.sendLobbyMessage(text);
    else await this.connector.sendRoomMessage(place, text);
  }

  /** Sends a direct message, and resolves with the text of the next message from its recipient. */
  async ask(recipient: string, text: string): Promise<string> {
    this.#unread.length = 0;
    await this.dm(recipient, text);
    const reply = await this.#next(`a message from ${recipient}`, ({ from }) => from === recipient);
    return reply.text;
  }

  /**
   * Resolves with the next message that matches; those before it count as read.
   *
   * @throws Error after 10 seconds, with all that was heard
   */
  async hears(pattern: RegExp): Promise<HeardMessage> {
    return this.#next(`a message like ${pattern}`, ({ text }) => pattern.test(text));
  }

  /** Leaves the server. */
  async leave(): Promise<void> {
    await this.connector.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  #hear(event: MessageEvent): void {
    if (event.own || (event.type !== 'dm' && event.type !== 'room' && event.type !== 'lobby')) return;
    const place = event.type === 'room' ? event.room : event.type;
    const message = { from: event.sender, place, text: event.text };
    this.heard.push(message);
    this.#unread.push(message);
    this.#onHeard();
  }

  async #next(what: string, matches: (message: HeardMessage) => boolean): Promise<HeardMessage> {
    return new Promise<HeardMessage>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onHeard = () => {};
        const heard = this.heard.map(({ from, place, text }) => `\n  ${from} (${place}): ${text}`).join('');
        reject(
          new Error(
            `${this.name} waited in vain for ${what}. Heard so far:${heard === '' ? ' nothing' : heard}`,
          ),
        );
      }, DEADLINE_MS);
      const look = (): void => {
        const index = this.#unread.findIndex(matches);
        const message = this.#unread[index];
        if (message === undefined) return;
        this.#unread.splice(0, index + 1);
        this.#onHeard = () => {};
        clearTimeout(timer);
        resolve(message);
      };
      this.#onHeard = look;
      look();
    });
  }
}
