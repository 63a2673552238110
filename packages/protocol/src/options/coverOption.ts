import { assertObject, assertOneOf, OptionError, withDefaults } from './optionChecks.js';

/** How traffic is covered: by decoys beside the messages, or by one cell per interval. */
export type CoverMode = 'decoys' | 'steady';

/** The option `cover` as an object. */
export interface CoverOption {
  mode: CoverMode;
  /** Seconds between two cells in steady mode, from 0.1 to 10. Default 1. */
  interval?: number;
}

/** Servers and networks close connections that are quiet for long. */
const INTERVAL = { least: 0.1, most: 10 } as const;

/**
 * Fills in the defaults of the option `cover` and checks mode and interval.
 *
 * @throws OptionError `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function resolveCoverOption<T extends CoverOption>(
  defaults: Required<T>,
  cover: CoverMode | T,
): Required<T> {
  const isText = typeof cover === 'string';
  if (!isText) assertObject('cover', cover);
  // A mode alone is an object with nothing else in it.
  const given = isText ? ({ mode: cover } as T) : cover;
  const resolved = withDefaults<Required<T>>(defaults, given);
  const { mode, interval } = resolved;
  assertOneOf(isText ? 'cover' : 'cover.mode', mode, ['decoys', 'steady']);
  if (typeof interval === 'number' && interval >= INTERVAL.least && interval <= INTERVAL.most)
    return resolved;
  throw new OptionError(
    'OPTION_INVALID',
    `The option cover.interval must be a number of seconds from ${INTERVAL.least} to ${INTERVAL.most}.`,
    'cover.interval',
    `must be from ${INTERVAL.least} to ${INTERVAL.most} seconds`,
  );
}
