import { readFileSync } from 'node:fs';

/** A payload after the documentation of its source. */
export function payload(name: string): string {
  return readFileSync(new URL(`../../test/bot/payloads/${name}.json`, import.meta.url), 'utf8');
}
