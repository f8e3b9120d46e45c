import { describe, expect, test } from 'vitest';

import { isBusinessDay } from '../../src/jao/business-day.ts';
import { unitOfKey } from '../../src/jao/dataset-contract.ts';
import type { DatasetContract } from '../../src/jao/dataset-contract.ts';
import { datasetReportSchema, describeDataset } from '../../src/jao/dataset-report.ts';
import { defaultDatasetName, findDataset, jaoDatasets } from '../../src/jao/datasets.ts';
import { stepMinutes } from '../../src/jao/publication-calendar.ts';

function dataset(name: string): DatasetContract {
  const contract = findDataset(name);
  if (contract === undefined) {
    expect.fail(`the catalogue has no ${name}`);
  }
  return contract;
}

test('every dataset has one name, which its region, its dataset and its path spell', () => {
  expect(new Set(jaoDatasets.map(({ name }) => name)).size).toBe(jaoDatasets.length);
  for (const { name, region, dataset: ownName, path } of jaoDatasets) {
    expect(name).toBe(`${region}/${ownName}`);
    expect(path).toBe(`/${region}/api/data/${ownName}`);
  }
});

test('every contract can be read as the document that it is shown as', () => {
  for (const contract of jaoDatasets) {
    expect(datasetReportSchema.parse(describeDataset(contract))).toEqual(describeDataset(contract));
  }
  expect(jaoDatasets.map(describeDataset).filter(({ isDefault }) => isDefault)).toHaveLength(1);
});

test('steps begin with one that always held and go on by the day', () => {
  for (const { steps, stepIsAssumed, origins } of jaoDatasets) {
    const [first, ...dated] = steps.map(({ fromBusinessDay }) => fromBusinessDay);
    expect(first).toBeNull();
    expect(dated).toEqual(dated.toSorted());
    expect(dated.every((day) => day !== null && isBusinessDay(day))).toBe(true);
    expect(stepIsAssumed).toBe(origins.steps === 'assumed');
  }
});

test.each([
  ['core/lta', false],
  ['core/congestionIncome', true],
  ['core/intradayAtc', true],
  ['coreID/IDCCA_maxExchanges', true],
  ['nordic/maxExchanges', true],
  ['ibwt/CCR_allocationConstraint', true],
  ['ibwt/CCR_FinalTtcNtc', true],
])('%s: whether its step is only assumed is %s', (name, isAssumed) => {
  expect(dataset(name).stepIsAssumed).toBe(isAssumed);
});

test('the default is the page Max Exchanges', () => {
  expect(dataset(defaultDatasetName)).toMatchObject({
    path: '/core/api/data/maxExchanges',
    unit: 'MW',
    zone: 'Europe/Amsterdam',
    firstBusinessDay: '2022-06-09',
    publication: { dueDayOffset: -1, dueLocalTime: '10:30' },
    stepIsAssumed: false,
  });
});

test.each([
  'core/initialComputation',
  'core/validationReductions',
  'core/pra',
  'core/cra',
  'core/shadowPrices',
  'core/spanningDefaultFBP',
  'core/monitoring',
  'coreID/IDCCB_fallbacks',
  'coreID/monitoring',
  'nordic/finalComputation',
  'ibwt/CCR_cnecInfo',
  'crossCCR/DA_PL_AC',
  'maxExchanges',
  'core/maxexchanges',
  '__proto__',
])('%s is none of the wide time series', (name) => {
  expect(findDataset(name)).toBeUndefined();
});

test.each([
  ['core', 19],
  ['coreID', 32],
  ['nordic', 7],
  ['ibwt', 14],
  ['swe', 1],
])('the region %s has %i datasets', (region, count) => {
  expect(jaoDatasets.filter((contract) => contract.region === region)).toHaveLength(count);
});

test.each([
  ['core/maxExchanges', 60, 60],
  ['core/netPos', 60, 15],
  ['core/scheduledExchanges', 60, 15],
  ['core/atc', 60, 15],
  ['core/priceSpread', 60, 15],
  ['core/shadowAuctionATC', 60, 60],
  ['nordic/maxExchanges', 60, 15],
  ['nordic/maxBorderFlow', 60, 15],
  ['nordic/maxNetPos', 60, 15],
  ['coreID/ID1_netPos', 15, 15],
])('%s goes from %i to %i minutes with 2025-10-01', (name, before, since) => {
  expect(stepMinutes(dataset(name), '2025-09-30')).toBe(before);
  expect(stepMinutes(dataset(name), '2025-10-01')).toBe(since);
});

describe('key patterns', () => {
  test.each([
    ['core/maxExchanges', 'border_AT_BE'],
    ['core/maxExchanges', 'border_DE_DK2_BigHub_DE'],
    ['core/maxNetPos', 'minAT'],
    ['core/maxNetPos', 'maxALBE'],
    ['nordic/maxNetPos', 'min_NO1'],
    ['nordic/maxExchanges', 'border_NO2_SE3'],
    ['core/netPos', 'hub_RO_BG_VH'],
    ['core/allocationConstraint', 'limitDown_PL'],
    ['core/d2CF', 'verticalLoad_FR'],
    ['core/congestionIncome', 'grossTso_50Hertz'],
    ['core/congestionIncome', 'grossBorder_AT_CZ'],
    ['core/activeLtaConstraint', 'qty_FR_BE'],
    ['core/intradayNtc', 'initial_AT_CZ'],
    ['swe/Adjustment', 'finalNtc_ES_FR'],
  ])('%s has keys like %s', (name, key) => {
    expect(key).toMatch(dataset(name).keyPattern);
  });

  test.each([
    ['core/maxExchanges', 'hub_AT'],
    ['core/maxExchanges', 'border_AT'],
    ['core/maxExchanges', 'border_AT_BE '],
    ['core/maxExchanges', 'xborder_AT_BE'],
    ['core/maxNetPos', 'border_AT_BE'],
    ['core/netPos', 'hub_'],
  ])('%s has no keys like %s', (name, key) => {
    expect(key).not.toMatch(dataset(name).keyPattern);
  });

  test('are as fast on a key made to be slow', () => {
    const key = `border_${'A_'.repeat(100)}`;
    const startedAt = performance.now();
    for (const { keyPattern } of jaoDatasets) {
      keyPattern.test(key);
    }
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

test('a key may have a unit of its own', () => {
  const contract = dataset('core/activeLtaConstraint');
  expect(unitOfKey(contract, 'shadowPrice_FR_BE')).toBe('EUR/MW');
  expect(unitOfKey(contract, 'qty_FR_BE')).toBe('MW');
  expect(unitOfKey(dataset('core/maxExchanges'), 'qty_FR_BE')).toBe('MW');
});
