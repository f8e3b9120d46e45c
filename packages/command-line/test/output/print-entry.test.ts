import type { QuarantineDecisionReport } from '@sluice/schemas';
import { expect, test } from 'vitest';

import { printDecision } from '../../src/output/print-entry.ts';
import { testContext } from '../test-context.ts';

const report: QuarantineDecisionReport = {
  runId: '01990000-0000-7000-8000-000000000000',
  state: 'released',
  by: 'anna',
  reason: 'so much was exchanged',
  entries: 3,
};

test('a decision is one row, of how many entries, by whom and why', () => {
  const context = testContext();
  printDecision(context, report, 'table');
  const words = context.printed().match(/\w+/g);
  expect(words).toEqual(['released', 'by', 'why', '3', 'anna', 'so', 'much', 'was', 'exchanged']);
});

test('what released entries became is told where they became records', () => {
  const context = testContext();
  const became = { accepted: 1, duplicate: 2, conflicting: 0 };
  printDecision(context, { ...report, became }, 'table');
  expect(context.printed()).toMatch(/accepted.*duplicate.*conflicting/);
  expect(context.printed()).toMatch(/exchanged\D+1\D+2\D+0/);
});

test('for programs it is one document', () => {
  const context = testContext();
  printDecision(context, report, 'json');
  expect(JSON.parse(context.printed())).toEqual(report);
});
