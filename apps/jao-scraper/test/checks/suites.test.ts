import { findSuiteFaults } from '@sluice/data-quality';
import { jaoDatasets, jaoSuites } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

describe('the checks of a dataset', () => {
  test.each(jaoDatasets.map((contract) => [contract.name, contract] as const))(
    'of %s can be run, and each has an id of its own',
    (_, contract) => {
      const suites = jaoSuites(contract);
      expect(suites.flatMap(({ suite }) => findSuiteFaults(suite))).toEqual([]);
      const ids = suites.flatMap(({ suite }) => suite.expectations.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});
