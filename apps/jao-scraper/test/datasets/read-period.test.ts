import { findDataset } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

import { readPeriod, refuseFutureDays, takePeriod } from '../../src/datasets/read-period.ts';
import { selectDatasets } from '../../src/datasets/select-datasets.ts';
import { fakeContext } from '../fake-context.ts';

const contract = maxExchanges();
const beforeDue = new Date('2026-07-01T08:29:00Z');
const afterDue = new Date('2026-07-01T08:30:00Z');

describe('a period', () => {
  test('is by default the past month to the last published day', () => {
    const days = readPeriod(contract, {}, afterDue);
    expect([days.at(0), days.at(-1), days.length]).toEqual(['2026-06-02', '2026-07-02', 31]);
    expect(readPeriod(contract, {}, beforeDue).at(-1)).toBe('2026-07-01');
  });

  test('has both its ends', () => {
    expect(readPeriod(contract, { from: '2026-03-28', to: '2026-03-30' }, afterDue)).toEqual([
      '2026-03-28',
      '2026-03-29',
      '2026-03-30',
    ]);
  });

  test('begins with the dataset at the earliest', () => {
    const days = readPeriod(contract, { from: '2020-01-01', to: '2022-06-10' }, afterDue);
    expect(days).toEqual(['2022-06-09', '2022-06-10']);
  });

  test.each([
    [
      { from: '2020-01-01', to: '2022-06-10' },
      'begins with 2022-06-09: that is the first day, not --from 2020-01-01',
    ],
    [
      { from: '2026-07-01', to: '2026-08-01' },
      'is published up to 2026-07-02: there is nothing yet up to --to 2026-08-01',
    ],
    [{ from: '2022-06-09', to: '2026-07-03' }, ''],
    [{ to: '2022-06-10' }, ''],
  ])('that is not all that was asked for is told in one line: %o', (options, told) => {
    const context = fakeContext();
    const days = takePeriod(context, { contract, options, now: afterDue });
    expect(days).toEqual(readPeriod(contract, options, afterDue));
    expect(context.said()).toBe(told === '' ? '' : `jao-scraper: core/maxExchanges ${told}\n`);
  });

  test.each([
    [{ from: '2026-02-30' }, '--from: "2026-02-30" is no business day'],
    [{ to: 'yesterday' }, '--to: "yesterday" is no business day'],
    [{ from: '2026-03-02', to: '2026-03-01' }, '--from 2026-03-02 is after --to 2026-03-01'],
    [{ from: '2026-08-01' }, 'is after --to 2026-07-02, the last published day'],
    [{ from: '2021-01-01', to: '2021-12-31' }, 'core/maxExchanges begins with 2022-06-09'],
  ])('that can not be is refused: %o', (options, message) => {
    expect(() => readPeriod(contract, options, afterDue)).toThrow(message);
  });
});

test('days that can not be published yet are refused, with the last that is', () => {
  const refuse = (to: string, now: Date) => () => {
    refuseFutureDays(contract, readPeriod(contract, { from: '2026-07-01', to }, now), now);
  };
  expect(refuse('2026-07-03', afterDue)).not.toThrow();
  expect(refuse('2026-07-02', beforeDue)).not.toThrow();
  expect(refuse('2026-07-04', afterDue)).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringMatching(
        /^--to 2026-07-04: the last published day of core\/maxExchanges is 2026-07-02, /,
      ) as string,
    }),
  );
  expect(refuse('2026-07-03', beforeDue)).toThrow('core/maxExchanges is 2026-07-01');
});

describe('datasets', () => {
  test('are core/maxExchanges where none is named, and each is taken once', () => {
    expect(selectDatasets().map(({ name }) => name)).toEqual(['core/maxExchanges']);
    const twice = selectDatasets(['core/netPos', 'core/atc', 'core/netPos']);
    expect(twice.map(({ name }) => name)).toEqual(['core/netPos', 'core/atc']);
  });

  test('that the catalogue lacks are named all at once', () => {
    const select = (): unknown => selectDatasets(['core/nothing', 'core/atc', '', 'core/netpos']);
    expect(select).toThrow(
      /^--dataset: the catalogue has no "core\/nothing".*, "", "core\/netpos" \(did you mean core\/netPos.*\?\); see/,
    );
  });
});

function maxExchanges(): DatasetContract {
  const found = findDataset('core/maxExchanges');
  if (found === undefined) {
    throw new RangeError('core/maxExchanges is in the catalogue');
  }
  return found;
}
