import { Option } from 'commander';
import { optionValue, TEXT } from '../settings/valueKinds.js';

/** An option with a non-empty text as its value. */
export function textOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(optionValue(TEXT));
}

/** Parses an option that may be repeated. */
export function severalTexts(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, optionValue(TEXT)(value)];
}

/** Example commands with explanations, for the end of a help text. */
export function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.filter(([, meaning]) => meaning).map(([command]) => command.length));
  const shown = lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd());
  return ['', 'Examples:', ...shown].join('\n');
}

/** The default name of short-lived commands, as shown in the help. */
export const VISITOR_NAME = 'your user name with a random suffix';
