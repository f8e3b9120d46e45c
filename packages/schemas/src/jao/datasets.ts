import { coreGroups } from './core-datasets.ts';
import { coreIntradayGroups } from './core-intraday-datasets.ts';
import type { DatasetContract } from './dataset-contract.ts';
import { expandGroup } from './dataset-group.ts';
import { italyNorthGroups, nordicGroups, southWestGroups } from './other-region-datasets.ts';

/** What `jao-scraper` collects unless it is told otherwise. */
export const defaultDatasetName = 'core/maxExchanges';

/**
 * The catalogue: every dataset of the JAO Publication Tool whose rows are wide time series in steps of
 * 60 or 15 minutes. crossCCR/DA_PL_AC is none: its time stamps are cut to the hour, and several rows
 * share one.
 */
export const jaoDatasets: readonly DatasetContract[] = [
  ...coreGroups,
  ...coreIntradayGroups,
  ...nordicGroups,
  ...italyNorthGroups,
  ...southWestGroups,
].flatMap(expandGroup);

/**
 * Rises with every change of {@link jaoDatasets}, or of what a database keeps of it: an older program leaves
 * alone what a newer one wrote.
 */
export const catalogueVersion = 3;

const datasetByName: ReadonlyMap<string, DatasetContract> = new Map(
  jaoDatasets.map((contract) => [contract.name, contract]),
);

/** The contract of `core/maxExchanges` and the like, or `undefined` when the catalogue has none. */
export function findDataset(name: string): DatasetContract | undefined {
  return datasetByName.get(name);
}
