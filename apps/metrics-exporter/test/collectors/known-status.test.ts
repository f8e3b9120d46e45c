import { expect, test } from 'vitest';

import { knownStatusSchema } from '../../src/collectors/known-status.ts';
import { sampleStatus } from '../sample-status.ts';

const many = (length: number, value: unknown) => Array.from({ length }, () => value);
const [run] = sampleStatus.runs;

test('a status as it is written is known but for what nobody tells', () => {
  const quarantine = { bad_date: { open: 1, released: 0, discarded: 0, replayed: 0 } };
  expect(knownStatusSchema.parse({ ...sampleStatus, quarantine })).toEqual({
    ...sampleStatus,
    arrivals: { ...sampleStatus.arrivals, missing: undefined },
    runs: sampleStatus.runs.map((each) => ({ ...each, drift: undefined })),
  });
});

test.each<[string, object, string]>([
  ['too many runs', { runs: many(40_000, {}) }, 'runs'],
  ['runs that are none', { runs: many(50, {}) }, 'runs.0.runId'],
  ['too many files', { runs: [{ ...run, files: many(101, {}) }] }, 'runs.0.files'],
  ['files that are none', { runs: [run, { ...run, files: many(100, 0) }] }, 'runs.1.files.0'],
  ['too many checks', { checks: many(1001, 0) }, 'checks'],
  ['checks that are none', { checks: many(1000, 0) }, 'checks.0'],
  ['too many results', { quality: many(1001, 0) }, 'quality'],
  ['results that are none', { quality: many(1000, {}) }, 'quality.0.resultId'],
  [
    'too many reasons',
    {
      openQuarantine: {
        ...sampleStatus.openQuarantine,
        byReason: Object.fromEntries(many(101, 'x').entries()),
      },
    },
    'openQuarantine.byReason',
  ],
])('%s are one fault, however many they are', (_, part, where) => {
  const { error } = knownStatusSchema.safeParse({ ...sampleStatus, ...part });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([where]);
});

test('what nobody tells is not looked at', () => {
  const status = {
    ...sampleStatus,
    quarantine: many(10, 0),
    arrivals: { ...sampleStatus.arrivals, missing: 0 },
    runs: [{ ...run, drift: many(10, 0) }],
  };
  expect(knownStatusSchema.safeParse(status).success).toBe(true);
});
