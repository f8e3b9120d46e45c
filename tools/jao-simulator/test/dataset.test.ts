import { expect, test } from 'vitest';

import { datasetOf, deliveryStartsOf, simulatedDatasets } from '../src/dataset.ts';

test.each([
  ['core/maxExchanges', '2026-06-10', 132],
  ['core/maxExchanges', '2026-06-11', 150],
  ['core/maxNetPos', '2026-06-10', 28],
  ['core/maxNetPos', '2026-06-11', 46],
  ['core/netPos', '2026-06-10', 14],
  ['core/netPos', '2026-06-11', 23],
  ['core/scheduledExchanges', '2026-06-11', 46],
  ['core/atc', '2026-06-11', 14],
  ['coreID/IDCCB_maxExchanges', '2026-06-11', 132],
  ['nordic/maxExchanges', '2026-06-11', 62],
  ['swe/Adjustment', '2026-06-11', 8],
])('%s has on %s %i keys, each once', (name, day, count) => {
  const keys = datasetOf(name).keysOn(day);
  expect(keys).toHaveLength(count);
  expect(new Set(keys).size).toBe(count);
});

test('the nine virtual hubs bring both directions of each', () => {
  const { keysOn } = datasetOf('core/maxExchanges');
  const before = new Set(keysOn('2026-06-10'));
  const added = keysOn('2026-06-11').filter((key) => !before.has(key));
  expect(added).toHaveLength(18);
  expect(added).toEqual(
    expect.arrayContaining([
      'border_DE_DE_DK2_BigHub',
      'border_DE_DK2_BigHub_DE',
      'border_NL_NO2_NorNed_NL',
      'border_RO_BG_VH_RO',
    ]),
  );
});

test('the Nordic keys are not in the order of the alphabet', () => {
  const keys = datasetOf('nordic/maxExchanges').keysOn('2026-06-11');
  expect(keys).not.toEqual(keys.toSorted());
});

test.each([
  ['core/maxExchanges', 24, 24],
  ['core/maxNetPos', 24, 24],
  ['core/netPos', 24, 96],
  ['core/scheduledExchanges', 24, 96],
  ['core/atc', 24, 96],
  ['core/priceSpread', 24, 96],
  ['coreID/IDCCB_maxExchanges', 24, 24],
  ['nordic/maxExchanges', 24, 96],
  ['swe/Adjustment', 24, 24],
])('%s has %i rows on 2025-09-30 and %i on the day after', (name, before, after) => {
  const dataset = datasetOf(name);
  expect(deliveryStartsOf(dataset, '2025-09-30')).toHaveLength(before);
  expect(deliveryStartsOf(dataset, '2025-10-01')).toHaveLength(after);
});

test('a dataset that the simulator does not serve is named together with those it does', () => {
  expect(() => datasetOf('core/nothing')).toThrow(/core\/maxExchanges.*'core\/nothing'/);
  expect(simulatedDatasets.length).toBeGreaterThanOrEqual(9);
});
