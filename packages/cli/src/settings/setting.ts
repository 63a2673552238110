import { Option, type Command } from 'commander';
import { FLAG, optionValue, type ValueKind } from './valueKinds.js';

/**
 * The definition of a setting. Options, environment variables, keys of files, checks, error messages, the JSON schema,
 * `--print-config`, shell completion and docs/cli.md follow from it.
 */
export interface Setting {
  /** In camel case: `connectTimeout` is the option `--connect-timeout`. */
  readonly name: string;
  /** Earlier names, which are still accepted. */
  readonly deprecatedNames?: readonly string[];
  /** The placeholder of the value in the help; absent for flags. */
  readonly placeholder?: string;
  readonly kind: ValueKind<unknown>;
  /** The default; undefined for none, or when it depends on the command. */
  readonly fallback: unknown;
  /** The default in words, where `fallback` does not say it. */
  readonly fallbackText?: string;
  readonly meaning: string;
  /** A path. In a file it is relative to the file's folder. */
  readonly isPath?: boolean;
}

/** The type of a setting's value. */
type Value<S extends Setting> = S['kind'] extends ValueKind<infer T> ? T : never;

/** The values of a table of settings, by the keys of the table. */
export type Values<Table extends Readonly<Record<string, Setting>>> = {
  readonly [K in keyof Table]: Value<Table[K]> | (Table[K]['fallback'] extends undefined ? undefined : never);
};

/** What commander makes of the options of a table, by their names; absent when not given. */
export type Flags<Table extends Readonly<Record<string, Setting>>> = {
  readonly [K in keyof Table as Table[K]['name']]?: Value<Table[K]>;
};

/** The current name and then the deprecated ones. */
export function namesOf({ name, deprecatedNames = [] }: Setting): readonly string[] {
  return [name, ...deprecatedNames];
}

/** `QUIETROOM_CONNECT_TIMEOUT` for `connectTimeout`. */
export function variableOf(name: string): string {
  return `QUIETROOM_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** `--connect-timeout` for `connectTimeout`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, '-$&').toLowerCase()}`;
}

/**
 * Adds the option of a setting, and hidden ones for its deprecated names.
 *
 * @param fallback the default as shown in the help
 */
export function addOption(
  command: Command,
  setting: Setting,
  fallback = setting.fallbackText ?? JSON.stringify(setting.fallback),
): void {
  const { kind, meaning, placeholder, name } = setting;
  if (kind === FLAG) {
    const flag = flagOf(name);
    command
      .option(flag, meaning + (setting.fallback === true ? ' (default)' : defaultInWords(setting)))
      .option(
        flag.replace('--', '--no-'),
        `do not ${meaning}${setting.fallback === false ? ' (default)' : ''}`,
      );
    return;
  }
  for (const one of namesOf(setting)) {
    const option = new Option(
      `${flagOf(one)} <${placeholder ?? name}>`,
      `${meaning} (default: ${fallback})`,
    ).hideHelp(one !== name);
    if (kind.choices === undefined) option.argParser(optionValue(kind));
    else option.choices(kind.choices);
    command.addOption(option);
  }
}

function defaultInWords({ fallbackText }: Setting): string {
  return fallbackText === undefined ? '' : ` (default: ${fallbackText})`;
}
