import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Inputs that once broke a target, or are of a kind that breaks such code: `regressions/TARGET/NAME`. */
export const REGRESSIONS = fileURLToPath(new URL('../regressions/', import.meta.url));

export interface Regression {
  readonly name: string;
  readonly input: Buffer;
}

export function regressionsOf(target: string): Regression[] {
  const folder = `${REGRESSIONS}${target}`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: readFileSync(`${folder}/${name}`) }));
}
