import type { BusinessDay, DatasetContract } from './dataset-contract.ts';
import { valueFactsOf } from './value-facts.ts';

/**
 * The first day that a day is to be compared with by a check of {@link jaoSuites}: before it, the dataset
 * is known to have had other keys, or another step, and so another number of cells. `undefined` is any.
 */
export function comparableSince(
  contract: DatasetContract,
  checkId: string,
  day: BusinessDay,
): BusinessDay | undefined {
  const keys = (valueFactsOf(contract).keyCounts?.from ?? []).map(({ businessDay }) => businessDay);
  const steps = contract.steps.map(({ fromBusinessDay }) => fromBusinessDay);
  const changes: Readonly<Record<string, readonly (BusinessDay | null)[]>> = {
    'days.keys': keys,
    'days.volume': [...keys, ...steps],
  };
  return (changes[checkId] ?? [])
    .filter((change) => change !== null)
    .filter((change) => change <= day)
    .toSorted()
    .at(-1);
}
