import { fork, type ChildProcess } from 'node:child_process';

/** A call to a method of the object that another process serves. */
interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

type Methods<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

/** Another process that serves an object, so that each side's CPU time and memory are counted apart. */
export class Remote<T extends object> implements Disposable {
  /** The object's methods, called over there. */
  readonly call: Methods<T>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolversOf<unknown>>();
  #calls = 0;

  constructor(module: URL) {
    this.#child = fork(module, { execArgv: ['--expose-gc'] });
    this.#child.on('message', ({ id, result, error }: Answer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(`${module.pathname}: ${error}`));
    });
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${module.pathname} ended with ${code}`));
    });
    // Whatever is asked for is a method over there; the types allow only those that exist.
    this.call = new Proxy({} as Methods<T>, {
      get:
        (_, method) =>
        (...args: unknown[]) =>
          this.#call(String(method), args),
    });
  }

  #call(method: string, args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, method, args } satisfies Call);
    });
  }

  [Symbol.dispose](): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill('SIGKILL');
  }
}

interface PromiseWithResolversOf<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Serves an object to the process that forked this one, and ends with it. */
export function serve(object: object): void {
  process.on('message', ({ id, method, args }: Call) => {
    void (async () => {
      try {
        const result: unknown = await Reflect.get(object, method).apply(object, args);
        process.send?.({ id, result } satisfies Answer);
      } catch (error) {
        process.send?.({ id, error: String(error) } satisfies Answer);
      }
    })();
  });
  process.once('disconnect', () => process.exit());
}
