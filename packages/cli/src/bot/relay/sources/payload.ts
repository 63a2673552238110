import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { PayloadError, type SourceRequest } from './notice.js';

/** The body as JSON of this shape; other fields are ignored. @throws PayloadError */
export function readPayload<T>({ body }: SourceRequest, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new PayloadError('The body is not JSON.', { cause: error });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new PayloadError(
    `The body is not what this source sends: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

/** A key for what has none of its own. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** The texts that are there, joined. */
export function joined(separator: string, ...texts: readonly (string | undefined | null)[]): string {
  return texts.filter((text) => text !== undefined && text !== null && text !== '').join(separator);
}

/** The first line of a text. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
