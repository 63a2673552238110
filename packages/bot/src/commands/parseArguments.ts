import { BotError, ReplyError } from '../errors.js';
import { valueOf, type ArgumentDefinitions, type ArgumentValues } from './argument.js';
import { nearest } from './help.js';
import { Scanner } from './scanner.js';

/**
 * Reads the arguments from the text after the name of the command. A command with flags takes them before and between
 * its words; `--` alone ends them.
 *
 * @throws ReplyError for a missing, invalid or surplus argument
 */
export function parseArguments<D extends ArgumentDefinitions>(
  definitions: D,
  text: string,
): ArgumentValues<D> {
  const entries = Object.entries(definitions);
  const flags = entries.flatMap(([name, { kind }]) => (kind === 'flag' ? [name] : []));
  const values: Record<string, unknown> = {};
  for (const [name, { absent }] of entries) values[name] = absent;

  const scanner = new Scanner(text);
  let takesFlags = flags.length > 0;
  const takeFlags = (): void => {
    while (takesFlags) {
      const flag = scanner.flag();
      if (flag === undefined) return;
      if (flag === '') takesFlags = false;
      else values[knownFlag(flag, flags)] = true;
    }
  };

  for (const [name, definition] of entries) {
    if (definition.kind === 'flag') continue;
    takeFlags();
    const word = definition.kind === 'rest' ? scanner.rest() : scanner.word();
    if (word !== undefined) values[name] = valueOf(name, definition, word);
    else if (definition.isRequired) throw new ReplyError(`${name} is missing.`);
  }
  takeFlags();
  const surplus = scanner.rest();
  if (surplus !== undefined) throw new ReplyError(`This is too much: ${surplus}`);
  // One value for each definition, by the loops above.
  return values as ArgumentValues<D>;
}

function knownFlag(flag: string, flags: readonly string[]): string {
  const known = flags.find((name) => name.toLowerCase() === flag.toLowerCase());
  if (known !== undefined) return known;
  const similar = nearest(flag.toLowerCase(), flags);
  throw new ReplyError(
    `There is no flag --${flag}.${similar === undefined ? '' : ` Did you mean --${similar}?`}`,
  );
}

/** @throws BotError `DEFINITION_INVALID` for arguments that no message could fill */
export function checkDefinitions(command: string, definitions: ArgumentDefinitions): void {
  const positional = Object.entries(definitions).filter(([, { kind }]) => kind !== 'flag');
  for (const [index, [name, { kind, isRequired }]] of positional.entries()) {
    if (kind === 'rest' && index < positional.length - 1) {
      throw invalid(command, `the argument ${name} takes the rest, so it must be the last`);
    }
    if (isRequired && positional.slice(0, index).some(([, before]) => !before.isRequired)) {
      throw invalid(command, `the argument ${name} is required, so it must stand before the optional ones`);
    }
  }
}

function invalid(command: string, problem: string): BotError {
  return new BotError('DEFINITION_INVALID', `Command ${command}: ${problem}.`);
}
