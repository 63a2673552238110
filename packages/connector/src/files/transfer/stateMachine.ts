import type { Clock } from '../../time/clock.js';

/** A state that may have a deadline, in milliseconds of the clock; none while something else limits the wait. */
interface Timed {
  readonly deadlineMs: number | undefined;
}

/** The result of an event: the next state, and the effects to perform, in this order. */
export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A pure function. The event `late` says that the deadline of the state has passed. */
export type Update<State, Event, Effect> = (
  state: State,
  event: Event | { readonly type: 'late' },
  nowMs: number,
) => Step<State, Effect>;

/** Runs an `Update`: holds its state, performs its effects and watches its deadline. */
export class StateMachine<State extends Timed, Event, Effect> {
  readonly #clock: Clock;
  readonly #update: Update<State, Event, Effect>;
  readonly #perform: (effect: Effect) => void;
  readonly #events: (Event | { readonly type: 'late' })[] = [];
  #state: State;
  #isRunning = false;
  #timer: unknown;
  #timerDueMs = Number.POSITIVE_INFINITY;

  /** `perform` must not throw; it may dispatch, and that event is handled after the effects of this one. */
  constructor(
    clock: Clock,
    initial: State,
    update: Update<State, Event, Effect>,
    perform: (effect: Effect) => void,
  ) {
    this.#clock = clock;
    this.#state = initial;
    this.#update = update;
    this.#perform = perform;
  }

  get state(): State {
    return this.#state;
  }

  dispatch(event: Event | { readonly type: 'late' }): void {
    this.#events.push(event);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const { state, effects } = this.#update(this.#state, next, this.#clock.now());
      this.#state = state;
      for (const effect of effects) this.#perform(effect);
    }
    this.#isRunning = false;
    this.#watchDeadline();
  }

  /** A deadline that moves with each packet does not cost a timer each: one that fires early is set again. */
  #watchDeadline(): void {
    const { deadlineMs } = this.#state;
    if (deadlineMs !== undefined && this.#timerDueMs <= deadlineMs) return;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = deadlineMs ?? Number.POSITIVE_INFINITY;
    if (deadlineMs === undefined) return;
    this.#timer = this.#clock.setTimeout(() => this.#onTimer(), deadlineMs - this.#clock.now());
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const { deadlineMs } = this.#state;
    if (deadlineMs !== undefined && this.#clock.now() >= deadlineMs) this.dispatch({ type: 'late' });
    else this.#watchDeadline();
  }
}
