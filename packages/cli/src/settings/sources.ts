import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';
import { flagOf, namesOf, variableOf, type Setting, type Values } from './setting.js';

/** A value and its source: `--host`, `QUIETROOM_HOST`, a file, `default`. */
export interface Found<T = unknown> {
  readonly value: T;
  readonly from: string;
}

/** One source of settings. */
export type Source = (setting: Setting) => Found | undefined;

/** The values of a table with their sources. */
export type FoundValues<Table extends Readonly<Record<string, Setting>>> = {
  readonly [K in keyof Table]: Found<Values<Table>[K]>;
};

/** Takes each setting of a table from the first source that has it, else its default. */
export function resolveTable<const Table extends Readonly<Record<string, Setting>>>(
  table: Table,
  sources: readonly Source[],
): FoundValues<Table> {
  const found = Object.entries(table).map(([key, setting]) => [key, resolveSetting(setting, sources)]);
  // Sources return only what the kind of the setting has accepted.
  return Object.fromEntries(found) as FoundValues<Table>;
}

function resolveSetting(setting: Setting, sources: readonly Source[]): Found {
  for (const source of sources) {
    const found = source(setting);
    if (found !== undefined) return found;
  }
  return { value: setting.fallback, from: 'default' };
}

/** The values alone. */
export function valuesOf<Table extends Readonly<Record<string, Setting>>>(
  found: FoundValues<Table>,
): Values<Table> {
  const values = Object.entries<Found>(found).map(([key, { value }]) => [key, value]);
  // The keys and values of `found`, unchanged.
  return Object.fromEntries(values) as Values<Table>;
}

/** The options of the command line, as commander parsed them. */
export function flagSource(flags: object): Source {
  return (setting) => {
    for (const name of namesOf(setting)) {
      const value = setting.kind.fromJson(Reflect.get(flags, name));
      if (value !== undefined) return { value, from: flagOf(name) };
    }
    return undefined;
  };
}

/** The environment. An empty variable counts as unset. */
export function variableSource(environment: NodeJS.ProcessEnv): Source {
  return (setting) => {
    for (const name of namesOf(setting)) {
      const from = variableOf(name);
      const text = environment[from];
      if (text === undefined || text === '') continue;
      const value = setting.kind.fromText(text);
      if (value !== undefined) return { value, from };
      throw new Failure(EXIT_CODES.failure, `The variable ${from} must be ${setting.kind.allowed}.`);
    }
    return undefined;
  };
}

/** The members of a JSON object, already checked. */
export function memberSource(
  members: ReadonlyMap<string, unknown>,
  from: string,
  keyOf: (name: string) => string,
  resolvePath: (path: string) => string,
): Source {
  return (setting) => {
    for (const name of namesOf(setting)) {
      const given = members.get(keyOf(name));
      const value = setting.kind.fromJson(
        setting.isPath && typeof given === 'string' ? resolvePath(given) : given,
      );
      if (value !== undefined) return { value, from };
    }
    return undefined;
  };
}
