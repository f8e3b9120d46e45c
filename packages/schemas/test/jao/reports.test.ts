import { describe, expect, test } from 'vitest';

import { absenceRowSchema } from '../../src/jao/absence-row.ts';
import { attemptOutcomes, attemptOutcomeSchema, isSuccess } from '../../src/jao/attempt-outcome.ts';
import { backfillReportSchema } from '../../src/jao/backfill-report.ts';
import { coverageRebuildReportSchema } from '../../src/jao/database-report.ts';
import { jaoVerifyReportSchema } from '../../src/jao/jao-verify-report.ts';
import {
  completenessRowSchema,
  coverageRowSchema,
  latestRowSchema,
  revisionRowSchema,
} from '../../src/jao/series-rows.ts';

const days = { requested: 31, stored: 20, unchanged: 4, empty: 3, failed: 2, skipped: 2 };
const backfill = {
  runId: '01981d3f-6c1b-7000-8000-000000000001',
  outcome: 'succeeded',
  datasets: [
    {
      region: 'core',
      dataset: 'maxExchanges',
      days,
      observations: { added: 63_360, revised: 1, withdrawn: 0, unchanged: 12, quarantined: 2 },
    },
  ],
  requests: 35,
  retries: 4,
  durationMs: 2345.6,
};
const failure = {
  dataset: 'core/maxExchanges',
  businessDay: '2026-04-20',
  outcome: 'http_5xx',
  message: 'fetch core/maxExchanges 2026-04-20: HTTP 503',
};
const series = { region: 'core', dataset: 'maxExchanges', key: 'border_AT_BE' };
const period = {
  deliveryStart: '2026-04-19T22:00:00.000Z',
  deliveryEnd: '2026-04-19T23:00:00.000Z',
};

describe('the report of a backfill', () => {
  test('has its members as they are documented, with its failures or without', () => {
    expect(backfillReportSchema.parse(backfill)).toEqual(backfill);
    const failed = { ...backfill, failures: [failure] };
    expect(backfillReportSchema.parse(failed)).toEqual(failed);
  });

  test.each([
    [
      'days that do not add up',
      { datasets: [{ ...backfill.datasets[0], days: { ...days, failed: 3 } }] },
    ],
    ['a run without an id', { runId: '1' }],
    ['an outcome that is none', { outcome: 'done' }],
    ['a failure of no known kind', { failures: [{ ...failure, outcome: 'bad luck' }] }],
    ['a failed day that is none', { failures: [{ ...failure, businessDay: '2026-02-30' }] }],
  ])('refuses %s', (_, change) => {
    expect(backfillReportSchema.safeParse({ ...backfill, ...change }).success).toBe(false);
  });
});

test.each([
  [
    'jao.latest',
    latestRowSchema,
    {
      ...series,
      ...period,
      unit: 'MW',
      businessDay: '2026-04-20',
      value: null,
      knownFrom: '2026-04-19T08:31:02.123Z',
      revision: 1,
      vintage: 'observed',
    },
  ],
  [
    'jao.revision',
    revisionRowSchema,
    {
      ...series,
      deliveryStart: period.deliveryStart,
      revision: 2,
      oldValue: 4346,
      newValue: null,
      withdrawn: true,
      knownFrom: '2026-04-19T08:31:02.123Z',
    },
  ],
  [
    'jao.coverage',
    coverageRowSchema,
    {
      ...series,
      ...period,
      key: null,
      businessDay: '2026-04-20',
      state: 'not_collected',
      cells: 24,
      dueAt: '2026-04-19T08:30:00.000Z',
      since: null,
      reason: 'no successful attempt since the due time',
      actions: ['re-ask', 'alert'],
    },
  ],
  [
    'jao.completeness',
    completenessRowSchema,
    {
      region: 'core',
      dataset: 'maxExchanges',
      businessDay: '2026-04-20',
      cells: 48,
      present: 23,
      notExpected: 24,
      withdrawn: 0,
      unavailable: 0,
      quarantined: 0,
      notDue: 0,
      late: 0,
      notCollected: 0,
      notProvided: 1,
      completeness: 23 / 24,
      collectionRate: 1,
    },
  ],
  [
    'jao-scraper absence list',
    absenceRowSchema,
    {
      absenceId: 7,
      region: 'core',
      dataset: 'maxExchanges',
      keys: ['border_AT_DE'],
      periodStart: '2026-04-19T22:00:00.000Z',
      periodEnd: '2026-04-20T22:00:00.000Z',
      reason: 'maintenance',
      evidence: 'a notice',
      recordedBy: 'alice',
      knownFrom: '2026-04-19T08:31:02.123Z',
      withdrawnAt: null,
      withdrawnBy: null,
      withdrawalReason: null,
    },
  ],
  [
    'jao-scraper database rebuild-coverage',
    coverageRebuildReportSchema,
    [{ region: 'core', dataset: 'maxExchanges', days: 31, ranges: 33, changedDays: 0 }],
  ],
  [
    'jao-scraper verify',
    jaoVerifyReportSchema,
    {
      outcome: 'failed',
      checks: [{ id: 'payloads', outcome: 'failed', message: '1 of 31 payloads differs' }],
      datasets: [
        { region: 'core', dataset: 'maxExchanges', days: 31, payloads: 31, cells: 98_208 },
      ],
      differences: {
        count: 7,
        listed: [
          {
            check: 'payloads',
            dataset: 'core/maxExchanges',
            businessDay: '2026-04-20',
            message: 'is damaged',
          },
        ],
      },
    },
  ],
])('a document of %s is read as it was written', (_, schema, document) => {
  expect(schema.parse(document)).toEqual(document);
});

describe('attempt outcomes', () => {
  test('are each a success or not', () => {
    expect(attemptOutcomes.filter(isSuccess)).toEqual([
      'stored',
      'unchanged',
      'republished',
      'empty',
      'not_modified',
      'deferred',
    ]);
    expect(new Set(attemptOutcomes).size).toBe(attemptOutcomes.length);
    expect(attemptOutcomeSchema.options).toEqual([...attemptOutcomes]);
  });
});
