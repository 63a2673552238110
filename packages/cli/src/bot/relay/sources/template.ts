import { PayloadError, type Notice, type SourceRequest } from './notice.js';
import { digestOf } from './payload.js';

const FIELD = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** Any text as it is. */
export function textNotices({ body }: SourceRequest): Notice[] {
  const text = body.trim();
  return text === '' ? [] : [{ key: digestOf(text), state: 'event', text }];
}

/**
 * Any JSON, as a template makes a text of it: `{{build.status}}` is the field `status` of the object `build`.
 *
 * @throws PayloadError for a body that is not JSON or lacks a field
 */
export function jsonNotices({ body }: SourceRequest, template: string): Notice[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new PayloadError('The body is not JSON.', { cause: error });
  }
  const text = template.replaceAll(FIELD, (_, path: string) => fieldText(value, path));
  return [{ key: digestOf(text), state: 'event', text }];
}

function fieldText(value: unknown, path: string): string {
  let field = value;
  for (const name of path.split('.')) {
    const isThere = typeof field === 'object' && field !== null && Object.hasOwn(field, name);
    if (!isThere) throw new PayloadError(`The body has no field ${path}.`);
    field = Reflect.get(Object(field), name);
  }
  return typeof field === 'string' ? field : JSON.stringify(field);
}
