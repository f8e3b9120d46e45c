/**
 * When data is due: what freshness, gaps and anomalies are judged by, which are off without it. All
 * times are UTC epoch milliseconds.
 */
export interface ArrivalCalendar {
  /** The beginning of the newest slot that is due at `nowMs`; `undefined` where none is yet. */
  readonly newestDueMs: (nowMs: number) => number | undefined;
  /** The beginnings of all slots that are due at `nowMs`, ascending. */
  readonly dueSlotsMs: (nowMs: number) => Iterable<number>;
}

/**
 * A calendar of slots of one length, in UTC: `[first, first + step)` and so on, each due some time
 * after its end.
 */
export function steadyCalendar(options: {
  readonly firstMs: number;
  readonly stepMs: number;
  /** From the end of a slot to its deadline. */
  readonly dueAfterMs: number;
}): ArrivalCalendar {
  const { firstMs, stepMs, dueAfterMs } = options;
  if (!(stepMs > 0)) {
    throw new RangeError(`stepMs: expected more than 0, got ${stepMs}`);
  }
  const newestDueMs = (nowMs: number): number | undefined => {
    const endedSlots = Math.floor((nowMs - dueAfterMs - firstMs) / stepMs);
    return endedSlots < 1 ? undefined : firstMs + (endedSlots - 1) * stepMs;
  };
  return {
    newestDueMs,
    *dueSlotsMs(nowMs) {
      const newestMs = newestDueMs(nowMs);
      if (newestMs !== undefined) {
        for (let slotMs = firstMs; slotMs <= newestMs; slotMs += stepMs) {
          yield slotMs;
        }
      }
    },
  };
}
