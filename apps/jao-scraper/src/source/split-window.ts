/** A half-open window, UTC epoch milliseconds. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The two halves of a window, in order: cut at the whole number of steps from its start that is nearest to
 * the middle, the earlier one of two. `undefined` where there is nothing to cut: at most one step.
 */
export function splitWindow(
  { fromMs, toMs }: TimeWindow,
  stepMs: number,
): readonly [TimeWindow, TimeWindow] | undefined {
  if (!(stepMs > 0)) {
    throw new RangeError(`stepMs: expected more than 0, received ${stepMs}`);
  }
  const steps = Math.ceil((toMs - fromMs) / stepMs);
  if (!(steps > 1)) {
    return undefined;
  }
  const middle = (toMs - fromMs) / stepMs / 2;
  const atMs = fromMs + Math.max(1, Math.ceil(middle - 0.5)) * stepMs;
  return [
    { fromMs, toMs: atMs },
    { fromMs: atMs, toMs },
  ];
}
