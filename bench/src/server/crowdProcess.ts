import { Client } from './client.js';
import { serve } from './remote.js';
import { messageText, now, type Target } from './target.js';

/** How many logins run at once. */
const LOGINS_AT_ONCE = 8;

/** A process of many clients. */
export class CrowdProcess {
  readonly #clients = new Map<string, Client>();

  /** Logs them in. */
  async join(target: Target, names: readonly string[]): Promise<void> {
    const left = [...names];
    await Promise.all(
      Array.from({ length: LOGINS_AT_ONCE }, async () => {
        for (let name = left.pop(); name !== undefined; name = left.pop()) {
          this.#clients.set(name, await Client.login(target, name));
        }
      }),
    );
  }

  /** Logs them in and out again. */
  async comeAndGo(target: Target, times: number): Promise<void> {
    let left = times;
    await Promise.all(
      Array.from({ length: LOGINS_AT_ONCE }, async (_, index) => {
        while (left-- > 0) await (await Client.login(target, `guest${index}`)).quit();
      }),
    );
  }

  /** Connects without QuietRoom inside TLS, for the floor. */
  async joinBare(target: Target, count: number): Promise<void> {
    const { connectTls } = await import('./client.js');
    for (let index = 0; index < count; index++) (await connectTls(target)).socket.resume();
  }

  /** Resolves with how many messages each got out of order or not at all, when the last has come to all. */
  async hearAll(messages: number): Promise<number> {
    let wrong = 0;
    await Promise.all(
      [...this.#clients.values()].map(
        (client) =>
          new Promise<void>((resolve) => {
            let next = 0;
            client.onText((text) => {
              if (!text.includes(': message ')) return;
              if (!text.endsWith(messageText(next))) wrong++;
              if (++next === messages) resolve();
            });
          }),
      ),
    );
    return wrong;
  }

  /** One of them says so many messages at once. */
  burst(name: string, messages: number): void {
    for (let index = 0; index < messages; index++) this.#clients.get(name)?.send(messageText(index));
  }

  /** One of them says each message when it has heard the one before. */
  async sayOneByOne(target: Target, messages: number): Promise<void> {
    const client = await Client.login(target, 'talker');
    for (let index = 0; index < messages; index++) {
      const heard = new Promise<void>((resolve) => {
        client.onText((text) => text.endsWith(messageText(index)) && resolve());
      });
      client.send(messageText(index));
      await heard;
    }
    await client.quit();
  }

  /** One says so many messages, in even steps; gives how many milliseconds each took to each, sorted. */
  async latencies(name: string, messages: number, everyMs: number): Promise<number[]> {
    const times: number[] = [];
    const expected = messages * this.#clients.size;
    const all = new Promise<void>((resolve) => {
      for (const client of this.#clients.values()) {
        client.onText((text) => {
          const at = /: at (\d+\.?\d*)$/.exec(text)?.[1];
          if (at === undefined) return;
          times.push(now() - Number(at));
          if (times.length === expected) resolve();
        });
      }
    });
    for (let index = 0; index < messages; index++) {
      this.#clients.get(name)?.send(`at ${now().toFixed(3)}`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    await all;
    return times.sort((a, b) => a - b);
  }
}

serve(new CrowdProcess());
