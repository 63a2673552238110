/** Something to tell, as a source reported it. */
export interface Notice {
  /** The same for repetitions of the same thing; an alert keeps it when it resolves. */
  readonly key: string;
  /** `event`: something that happened once. */
  readonly state: 'firing' | 'resolved' | 'event';
  /** One line or a few. */
  readonly text: string;
}

/** A request as sources see it. */
export interface SourceRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A body that is not what the source sends. `message` goes back to the sender of the request. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
}

/** The first text of a header. */
export function headerOf({ headers }: SourceRequest, name: string): string {
  const value = headers[name];
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}
