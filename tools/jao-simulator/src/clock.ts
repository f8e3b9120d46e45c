/** The time that the simulator takes for now: it decides what is published. */
export interface SimulatedClock {
  /** UTC epoch milliseconds. */
  nowMs: () => number;
  /** Moves to an instant, forwards or backwards. A clock that runs goes on from there. */
  set: (instantMs: number) => void;
  advance: (durationMs: number) => void;
  /** Lets the clock run, `speed` times as fast as real time; 0 stops it. */
  run: (speed?: number) => void;
}

/** A clock that starts at `startMs` and stands still, or without it one that shows the real time. */
export function createClock(startMs?: number): SimulatedClock {
  let speed = startMs === undefined ? 1 : 0;
  let baseMs = startMs ?? Date.now();
  let baseRealMs = Date.now();

  const nowMs = () => baseMs + Math.round((Date.now() - baseRealMs) * speed);
  const set = (instantMs: number) => {
    if (!Number.isSafeInteger(instantMs)) {
      throw new RangeError(`clock: expected whole epoch milliseconds, received ${instantMs}`);
    }
    baseMs = instantMs;
    baseRealMs = Date.now();
  };
  return {
    nowMs,
    set,
    advance: (durationMs) => {
      set(nowMs() + durationMs);
    },
    run: (newSpeed = 1) => {
      set(nowMs());
      speed = newSpeed;
    },
  };
}
