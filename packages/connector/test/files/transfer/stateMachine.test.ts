import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@quietroom/testing';
import type { Clock } from '#src/time/clock.js';
import { StateMachine } from '#src/files/transfer/stateMachine.js';

interface State {
  readonly deadlineMs: number | undefined;
  readonly log: readonly string[];
}

interface Event {
  readonly type: string;
}

interface Hooks {
  readonly perform?: (effect: string, dispatch: (event: Event) => void) => void;
  /** A timer is set. */
  readonly armed?: () => void;
}

/** Logs events; an event of digits sets a deadline that many milliseconds ahead, `off` removes it. */
function open({ perform, armed }: Hooks = {}) {
  const clock = new FakeClock();
  const watched: Clock = {
    now: () => clock.now(),
    setTimeout: (callback, ms) => {
      armed?.();
      return clock.setTimeout(callback, ms);
    },
    clearTimeout(timer: object | undefined) {
      clock.clearTimeout(timer);
    },
  };
  const machine = new StateMachine<State, Event, string>(
    watched,
    { deadlineMs: undefined, log: [] },
    ({ deadlineMs, log }, { type }, nowMs) => ({
      state: {
        deadlineMs: /^\d+$/.test(type)
          ? nowMs + Number(type)
          : type === 'off' || type === 'late'
            ? undefined
            : deadlineMs,
        log: [...log, type],
      },
      effects: [`${type} 1`, `${type} 2`],
    }),
    (effect) => perform?.(effect, (event) => machine.dispatch(event)),
  );
  return { clock, machine };
}

test('An event that an effect dispatches is handled after the other effects', () => {
  const performed: string[] = [];
  const { machine } = open({
    perform: (effect, dispatch) => {
      performed.push(effect);
      if (effect === 'a 1') dispatch({ type: 'b' });
    },
  });
  machine.dispatch({ type: 'a' });
  assert.deepEqual(performed, ['a 1', 'a 2', 'b 1', 'b 2']);
  assert.deepEqual(machine.state.log, ['a', 'b']);
});

test('A deadline that passes is the event "late"', () => {
  const { machine, clock } = open();
  machine.dispatch({ type: '100' });
  clock.advance(99);
  assert.deepEqual(machine.state.log, ['100']);
  clock.advance(1);
  assert.deepEqual(machine.state.log, ['100', 'late']);
});

test('A deadline that moves ahead costs no new timer, and holds', () => {
  let timers = 0;
  const { machine, clock } = open({ armed: () => void timers++ });
  for (let count = 0; count < 50; count++) {
    machine.dispatch({ type: '100' });
    clock.advance(1);
  }
  assert.equal(timers, 1);
  clock.advance(98);
  assert.ok(!machine.state.log.includes('late'));
  clock.advance(1);
  assert.ok(machine.state.log.includes('late'));
});

test('A deadline that comes nearer holds', () => {
  const { machine, clock } = open();
  machine.dispatch({ type: '1000' });
  machine.dispatch({ type: '10' });
  assert.equal(clock.pending, 1);
  clock.advance(10);
  assert.ok(machine.state.log.includes('late'));
});

test('Without a deadline no timer is left', () => {
  const { machine, clock } = open();
  machine.dispatch({ type: '1000' });
  machine.dispatch({ type: 'off' });
  assert.equal(clock.pending, 0);
});
