import { changedNames, changeOptions, type ReloadableOptions, type ResolvedOptions } from './options.js';

/** The options in force. Who needs one reads it when it is needed, since it may change meanwhile. */
export class LiveOptions {
  #current: ResolvedOptions;

  constructor(options: ResolvedOptions) {
    this.#current = options;
  }

  get current(): ResolvedOptions {
    return this.#current;
  }

  /**
   * Changes all of these or, when one of them cannot be, none; gives the names of those that differ now.
   *
   * @throws ServerError `OPTION_UNKNOWN`, `OPTION_INVALID`
   */
  change(changes: ReloadableOptions): string[] {
    const before = this.#current;
    this.#current = changeOptions(before, changes);
    return changedNames(before, this.#current);
  }
}
