import { changedNames, changeOptions, type ReloadableOptions, type ResolvedOptions } from './options.js';

/** The options in force. Read them at the time of use: `reload` can change them at any time. */
export class CurrentOptions {
  #current: ResolvedOptions;

  constructor(options: ResolvedOptions) {
    this.#current = options;
  }

  get current(): ResolvedOptions {
    return this.#current;
  }

  /**
   * Applies all changes, or none if one is invalid. Returns the names of the options whose value differs.
   *
   * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`
   */
  change(changes: ReloadableOptions): string[] {
    const before = this.#current;
    this.#current = changeOptions(before, changes);
    return changedNames(before, this.#current);
  }
}
