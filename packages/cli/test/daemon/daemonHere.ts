import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { QuietRoomConnector } from 'quietroom-connector';
import { Validator } from '@cfworker/json-schema';
import { DaemonService, type DaemonServiceOptions } from '#src/daemon/service/daemonService.js';
import { DaemonSocket } from '#src/daemon/service/daemonSocket.js';
import { METHODS, type MethodName } from '#src/daemon/protocol/methods.js';
import { NOTIFICATIONS } from '#src/daemon/protocol/events.js';
import { eventually } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../quietroom.daemon.schema.json', import.meta.url), 'utf8'),
) as { readonly definitions: Readonly<Record<string, object>> };

/** Whether a value is as a definition of the shipped schema says. */
export function isValid(definition: string, value: unknown): boolean {
  const { [definition]: schema } = SCHEMA.definitions;
  assert.ok(schema, `The schema has no ${definition}.`);
  return new Validator({ ...schema, definitions: SCHEMA.definitions }, '7').validate(value).valid;
}

/** A daemon in this process, on a server in this process. */
export class DaemonHere {
  readonly room: Room;
  readonly path: string;
  readonly service: DaemonService;
  readonly connector: QuietRoomConnector;
  readonly socket: DaemonSocket;

  private constructor(
    room: Room,
    path: string,
    service: DaemonService,
    connector: QuietRoomConnector,
    socket: DaemonSocket,
  ) {
    this.room = room;
    this.path = path;
    this.service = service;
    this.connector = connector;
    this.socket = socket;
  }

  static async start(
    t: TestContext,
    options: Partial<Pick<DaemonServiceOptions, 'limits' | 'token' | 'stop'>> = {},
    room?: Room,
  ): Promise<DaemonHere> {
    const opened = room ?? (await Room.open());
    const { host, port, certPem } = opened.server;
    const path = join(opened.folder.path, 'run', 'd.sock');
    const connector = new QuietRoomConnector({
      serverHost: host,
      serverPort: port,
      cert: certPem,
      username: 'alice',
      reconnect: { initialDelay: 0.05, maxDelay: 0.1 },
      whileDisconnected: 'hold',
    });
    const service = new DaemonService({
      connector,
      host,
      port,
      cert: join(opened.folder.path, 'chat_public.pem'),
      token: undefined,
      stop: () => {},
      ...options,
    });
    const socket = await DaemonSocket.listen(path, undefined, service.handle);
    const daemon = new DaemonHere(opened, path, service, connector, socket);
    t.after(async () => {
      await connector.disconnect();
      await socket.close();
      if (room === undefined) await opened[Symbol.asyncDispose]();
    });
    await connector.connect();
    service.begin();
    return daemon;
  }

  /** A command that uses this daemon. */
  args(command: string, ...more: readonly string[]): string[] {
    return this.room.args(command, '--daemon', '--daemon-socket', this.path, ...more);
  }

  client(): RawClient {
    return new RawClient(this.path);
  }
}

interface Line {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly code: string };
  };
}

/** A client that sees the lines, and compares each with the schema. */
export class RawClient {
  readonly socket: Socket;
  readonly lines: Line[] = [];
  readonly #methods = new Map<number, MethodName>();
  #text = '';

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#text + text).split('\n');
      this.#text = lines.pop() ?? '';
      for (const line of lines) this.#received(JSON.parse(line) as Line);
    });
  }

  /** The result of a request, or its error. */
  async call(method: MethodName, params: object = {}): Promise<Line> {
    const id = this.begin(method, params);
    await eventually(`${method} is answered`, () => this.answer(id) !== undefined);
    return this.answer(id) ?? {};
  }

  begin(method: MethodName, params: object = {}): number {
    const id = this.#methods.size + 1;
    this.#methods.set(id, method);
    this.socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: `v1.${method}`, params })}\n`);
    return id;
  }

  answer(id: number): Line | undefined {
    return this.lines.find((line) => line.id === id);
  }

  events(type: string): Readonly<Record<string, unknown>>[] {
    return this.lines.flatMap(({ method, params }) =>
      method === 'v1.event' && params?.['type'] === type ? [params] : [],
    );
  }

  async event(type: string, index = 0): Promise<Readonly<Record<string, unknown>>> {
    await eventually(`the event ${type} comes`, () => this.events(type).length > index);
    return this.events(type)[index] ?? {};
  }

  #received(line: Line): void {
    this.lines.push(line);
    const { id, method, params, result } = line;
    if (result !== undefined) {
      const name = this.#methods.get(id ?? 0) ?? 'hello';
      assert.ok(isValid('result', line) && isValid(`${name}.result`, result), JSON.stringify(line));
      // Nothing that is not documented.
      assert.deepEqual(METHODS[name].result.parse(result), result);
    } else if (method === undefined) {
      assert.ok(isValid('error', line), JSON.stringify(line));
    } else {
      assert.ok(isValid('notification', line), JSON.stringify(line));
      const name = method.slice(3);
      assert.ok(name === 'event' || name === 'lost' || name === 'progress');
      assert.deepEqual(NOTIFICATIONS[name].parse(params), params);
    }
  }
}
