import { type CoverMode, type CoverOption } from '@quietroom/protocol';
import { assertBoolean, resolveCoverOption } from '@quietroom/protocol/internals';

/** `cover` as an object. */
export interface CoverOptions extends CoverOption {
  /**
   * In steady mode, cover is a direct message to a name that no user can have, which the server answers to this client
   * alone: so its direction is covered, too. A server with a steady mode of its own is asked for that instead. Each counts
   * as a message at the server. Default false: cover is a packet that the server ignores.
   */
  answers?: boolean;
}

/** The options of the steady mode, checked. */
export interface SteadyConfig {
  readonly intervalMs: number;
  readonly answers: boolean;
}

const DEFAULTS = { mode: 'steady', interval: 1, answers: false } as const satisfies CoverOptions;

/** @throws OptionError `OPTION_INVALID`, `OPTION_UNKNOWN` */
export function resolveCover(cover: CoverMode | CoverOptions): SteadyConfig | false {
  const { mode, interval, answers } = resolveCoverOption<CoverOptions>(DEFAULTS, cover);
  assertBoolean('cover.answers', answers);
  return mode === 'steady' ? { intervalMs: interval * 1000, answers } : false;
}
