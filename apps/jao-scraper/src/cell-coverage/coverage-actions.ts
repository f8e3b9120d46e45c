import { actionsOfState, stateActionsSchema } from '@sluice/schemas';
import { coverageActions, coverageStates, findDataset } from '@sluice/schemas/jao';
import type { CoverageAction, CoverageState } from '@sluice/schemas/jao';
import type { z } from 'zod';

/** What is due and not there, whoever's fault it is. */
const defaults: Partial<Record<CoverageState, readonly CoverageAction[]>> = {
  quarantined: ['alert'],
  not_collected: ['alert'],
  not_provided: ['alert'],
};

/** By dataset, or `default`, and by state. Names that nobody knows are refused. */
export const coverageActionsSchema = stateActionsSchema({
  states: coverageStates,
  actions: coverageActions,
  problemOfDataset: (name) =>
    findDataset(name) === undefined
      ? `the catalogue has no ${JSON.stringify(name)}; see jao-scraper datasets`
      : undefined,
});

/** See {@link coverageActionsSchema}. */
export type CoverageActions = z.infer<typeof coverageActionsSchema>;

/** What follows from a state of a dataset's cells: by the dataset, by the default, or by ours. */
export function actionsOf(
  configured: CoverageActions,
  dataset: string,
  state: CoverageState,
): readonly CoverageAction[] {
  return actionsOfState(configured, { dataset, state }, defaults) ?? ['accept'];
}

/** The states of a dataset that an action follows from. */
export function statesWith(
  configured: CoverageActions,
  dataset: string,
  action: CoverageAction,
): readonly CoverageState[] {
  return coverageStates.filter((state) => actionsOf(configured, dataset, state).includes(action));
}
