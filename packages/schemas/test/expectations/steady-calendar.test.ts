import { describe, expect, test } from 'vitest';

import { steadyCalendar } from '../../src/expectations/index.ts';

const hourMs = 3_600_000;
const firstMs = Date.UTC(2026, 0, 1);
const calendar = steadyCalendar({ firstMs, stepMs: 24 * hourMs, dueAfterMs: 6 * hourMs });
const dueAt = (text: string) => [...calendar.dueSlotsMs(Date.parse(text))].length;

describe('a steady calendar', () => {
  test.each([
    ['before the first slot', '2025-12-31T00:00:00Z', 0],
    ['in the first slot', '2026-01-01T12:00:00Z', 0],
    ['after the first slot, before its deadline', '2026-01-02T05:59:59Z', 0],
    ['at its deadline', '2026-01-02T06:00:00Z', 1],
    ['one day later', '2026-01-03T06:00:00Z', 2],
    ['across a change of clocks, which UTC has none of', '2026-04-01T06:00:00Z', 90],
  ])('%s at %s, so many slots are due: %i', (_, now, slots) => {
    expect(dueAt(now)).toBe(slots);
    const newestMs = calendar.newestDueMs(Date.parse(now));
    expect(newestMs).toBe([...calendar.dueSlotsMs(Date.parse(now))].at(-1));
  });

  test('refuses slots without a length', () => {
    expect(() => steadyCalendar({ firstMs, stepMs: 0, dueAfterMs: 0 })).toThrow(RangeError);
  });
});
