import { daysBetween } from '@sluice/schemas/jao';
import type { CoverageState } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

import { describeCoverage, summarize } from '../../src/report/describe-coverage.ts';
import type { CoveragePart } from '../../src/report/read-coverage-facts.ts';
import { contractOf } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');

function section(parts: readonly CoveragePart[], from: string, to: string, calendarFrom = from) {
  const cells = new Map<CoverageState, number>();
  for (const { state, cells: more } of parts) cells.set(state, (cells.get(state) ?? 0) + more);
  return describeCoverage({
    question: { contract, days: daysBetween(from, to), asOf: new Date() },
    coverage: { cells, parts, calendar: daysBetween(calendarFrom, to) },
    revisions: { total: 0, days: [], newest: [] },
  });
}

describe('a calendar', () => {
  test('has the worst state of each day, and tells a part from the whole', () => {
    const { rows, columns } = section(
      [
        { key: 'a', businessDay: '2026-03-31', state: 'present', cells: 20, reason: null },
        { key: 'a', businessDay: '2026-03-31', state: 'late', cells: 2, reason: null },
        { key: 'a', businessDay: '2026-03-31', state: 'not_provided', cells: 2, reason: 'x' },
        { key: 'a', businessDay: '2026-04-01', state: 'not_due', cells: 24, reason: null },
        { key: 'b', businessDay: '2026-04-01', state: 'present', cells: 24, reason: null },
      ],
      '2026-03-31',
      '2026-04-01',
    );
    expect(rows).toEqual([
      {
        label: 'a',
        cells: [
          { column: 0, style: 'not_provided', isPartial: true },
          { column: 1, style: 'not_due', isPartial: false },
        ],
      },
      { label: 'b', cells: [{ column: 1, style: 'present', isPartial: false }] },
    ]);
    expect(columns).toEqual([
      { label: ['T', '31'], group: '2026-03' },
      { label: ['W', '1'], group: '2026-04' },
    ]);
  });

  test('of more series than can be looked through has those that lack something, and says so', () => {
    const parts = Array.from({ length: 400 }, (_, index): CoveragePart => ({
      key: `key_${String(index).padStart(3, '0')}`,
      businessDay: '2026-03-01',
      state: index === 399 ? 'not_collected' : 'present',
      cells: 24,
      reason: null,
    }));
    const { rows, notes } = section(parts, '2026-03-01', '2026-03-01');
    expect(rows).toHaveLength(300);
    expect(rows[0]?.label).toBe('key_399');
    expect(notes).toEqual(['The calendar has 300 of 400 series, those that lack something first.']);
  });

  test('of many series, days or datasets keeps the page within some megabytes', () => {
    const parts = Array.from({ length: 100 }, (_, index): CoveragePart => ({
      key: `key_${index}`,
      businessDay: '2026-03-01',
      state: 'present',
      cells: 24,
      reason: null,
    }));
    const question = { contract, days: daysBetween('2026-03-01', '2026-03-31'), asOf: new Date() };
    const facts = {
      question,
      coverage: { cells: new Map(), parts, calendar: question.days },
      revisions: { total: 0, days: [], newest: [] },
    };
    expect(describeCoverage(facts, 1).rows).toHaveLength(100);
    expect(describeCoverage(facts, 10).rows).toHaveLength(51);
    expect(describeCoverage(facts, 40).rows).toHaveLength(20);
  });

  test('of more days than fit has the newest, and says so', () => {
    const { notes } = section([], '2026-01-01', '2026-12-31', '2026-10-01');
    expect(notes).toEqual([
      'The calendar and the table below it begin with 2026-10-01; the sums are of all 365 days.',
    ]);
  });
});

test.each([
  [new Map([['not_due', 24]]), 'No cell is due yet.'],
  [new Map([['present', 24]]), '24 of the 24 cells that are due are there (100 %).'],
  [
    new Map([
      ['present', 999_999],
      ['not_provided', 1],
      ['unavailable', 7],
      ['not_due', 24],
    ]),
    '999,999 of the 1,000,000 cells that are due are there (99.9 %); 1 is not provided, 7 are unavailable.',
  ],
] as [Map<CoverageState, number>, string][])('%j in a sentence', (cells, sentence) => {
  expect(summarize(cells)).toBe(sentence);
});
