import { steadyCalendar } from '@sluice/schemas/expectations';
import type { Expectation, QualityResult, TableShape } from '@sluice/schemas/expectations';

import { runChecks } from '../../src/index.ts';
import type { QualityEngine, RunChecksOptions } from '../../src/index.ts';

export const columns = {
  id: 'integer',
  kind: 'integer',
  user: 'integer',
  name: 'text',
  price: 'double',
  at: 'instant',
} as const;
export const shape: TableShape = { columns, key: ['id'] };
export const relation = { schema: 'q', table: 'rows' };
export const now = new Date('2026-03-05T12:00:00Z');
export const calendar = steadyCalendar({
  firstMs: Date.UTC(2026, 2, 1),
  stepMs: 86_400_000,
  dueAfterMs: 6 * 3_600_000,
});

export const rows = [
  ['1', '5', '10', 'a', '1.5', '2026-03-01 01:00:00+00'],
  ['2', '5', null, 'b', '2.5', '2026-03-01 02:00:00+00'],
  ['3', '5', '-1', 'c', 'NaN', '2026-03-02 01:00:00+00'],
  ['4', '2', null, 'd', null, '2026-03-03 01:00:00+00'],
  ['5', '2', '11', '', '-1', '2026-03-03 23:59:59.999999+00'],
  ['9007199254740993', '2', '-1', 'é', '7', '2026-03-03 12:00:00+00'],
] as const;

/** Runs expectations, given without ids, which become `0`, `1` and so on. */
export function run(
  engine: QualityEngine,
  expectations: readonly object[],
  options: Partial<RunChecksOptions> = {},
): Promise<QualityResult[]> {
  return runChecks({
    engine,
    suite: { dataset: 'rows', shape, expectations: numbered(expectations) },
    relation,
    runId: '01890000-0000-7000-8000-000000000001',
    now,
    ...options,
  });
}

/** Some are wrong on purpose, and no compiler has seen them. */
export function numbered(expectations: readonly object[]): readonly Expectation[] {
  return expectations.map((expectation, index) => ({
    id: String(index),
    ...expectation,
  })) as Expectation[];
}

export const idsOf = (result: QualityResult | undefined) => result?.failingKeys.map(({ id }) => id);
