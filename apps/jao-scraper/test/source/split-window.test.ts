import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { splitWindow, type TimeWindow } from '../../src/source/split-window.ts';

const hourMs = 3_600_000;
const quarterMs = 900_000;
const fromMs = Date.parse('2026-04-19T22:00:00Z');
const hours = (count: number): TimeWindow => ({ fromMs, toMs: fromMs + count * hourMs });

test.each([
  [2, 1],
  [3, 1],
  [4, 2],
  [23, 11],
  [24, 12],
  [25, 12],
])('%i hours are cut after %i', (count, first) => {
  expect(splitWindow(hours(count), hourMs)).toStrictEqual([
    { fromMs, toMs: fromMs + first * hourMs },
    { fromMs: fromMs + first * hourMs, toMs: fromMs + count * hourMs },
  ]);
});

test('a 23-hour day in quarters is cut in its middle', () => {
  expect(splitWindow(hours(23), quarterMs)?.[0].toMs).toBe(fromMs + 11.5 * hourMs);
});

test.each([
  ['one step', hours(1)],
  ['less than one', hours(0.5)],
  ['nothing', hours(0)],
  ['less than nothing', hours(-1)],
  ['no time', { fromMs, toMs: Number.NaN }],
])('%s cannot be cut', (_name, window) => {
  expect(splitWindow(window, hourMs)).toBeUndefined();
});

test.each([0, -1, Number.NaN])('a step of %f is a mistake', (stepMs) => {
  expect(() => splitWindow(hours(24), stepMs)).toThrow(RangeError);
});

describe('cut again and again', () => {
  function cut(window: TimeWindow, stepMs: number): readonly TimeWindow[] {
    const halves = splitWindow(window, stepMs);
    return halves === undefined ? [window] : halves.flatMap((half) => cut(half, stepMs));
  }

  test('any window is covered without a gap or an overlap, in pieces of one step', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(hourMs, quarterMs),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(hourMs),
        (stepMs, steps, shortMs) => {
          const toMs = fromMs + steps * stepMs - Math.min(shortMs, stepMs - 1);
          const pieces = cut({ fromMs, toMs }, stepMs);
          expect(pieces).toHaveLength(steps);
          expect(pieces[0]?.fromMs).toBe(fromMs);
          expect(pieces.at(-1)?.toMs).toBe(toMs);
          pieces.forEach((piece, index) => {
            expect(piece.toMs - piece.fromMs).toBeLessThanOrEqual(stepMs);
            expect(piece.fromMs).toBe(fromMs + index * stepMs);
            expect(piece.toMs).toBe(pieces[index + 1]?.fromMs ?? toMs);
          });
        },
      ),
    );
  });
});
