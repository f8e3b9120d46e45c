import { coverageActions, coverageStates, findDataset } from '@sluice/schemas/jao';
import type { CoverageAction, CoverageState } from '@sluice/schemas/jao';
import { z } from 'zod';

/** What is due and not there, whoever's fault it is. */
const defaults: Partial<Record<CoverageState, readonly CoverageAction[]>> = {
  quarantined: ['alert'],
  not_collected: ['alert'],
  not_provided: ['alert'],
};

const actionNames = coverageActions.join(', ');
const actionSchema = z.enum(coverageActions, { error: `must be one of ${actionNames}` });

const actionsSchema = z
  .union([actionSchema.transform((action) => [action]), z.array(actionSchema).min(1)], {
    error: `must be one of ${actionNames}, or a list of them`,
  })
  .refine((actions) => actions.length === 1 || !actions.includes('accept'), {
    error: 'accept stands alone: what is accepted is neither asked for again nor told of',
  });

/** By dataset, or `default`, and by state. Names that nobody knows are refused. */
export const coverageActionsSchema = z
  .record(z.string(), z.record(z.string(), z.unknown()), {
    error: 'must be an object such as { "default": { "not_provided": "alert" } }',
  })
  .transform((byDataset, context) => {
    const parsed: Record<string, Partial<Record<CoverageState, readonly CoverageAction[]>>> = {};
    for (const [dataset, byState] of Object.entries(byDataset)) {
      if (dataset !== 'default' && findDataset(dataset) === undefined) {
        context.addIssue(
          `the catalogue has no ${JSON.stringify(dataset)}; see jao-scraper datasets`,
        );
      }
      const ofDataset: Partial<Record<CoverageState, readonly CoverageAction[]>> = {};
      parsed[dataset] = ofDataset;
      for (const [name, value] of Object.entries(byState)) {
        const state = coverageStates.find((known) => known === name);
        const actions = actionsSchema.safeParse(value);
        if (state === undefined || state === 'present') {
          const states = coverageStates.filter((known) => known !== 'present').join(', ');
          context.addIssue(`${dataset}: there is no state ${JSON.stringify(name)} among ${states}`);
        } else if (actions.success) {
          ofDataset[state] = actions.data;
        } else {
          const messages = actions.error.issues.map(({ message }) => message);
          context.addIssue(`${dataset}.${name}: ${messages.join('; ')}`);
        }
      }
    }
    return parsed;
  });

/** See {@link coverageActionsSchema}. */
export type CoverageActions = z.infer<typeof coverageActionsSchema>;

/** What follows from a state of a dataset's cells: by the dataset, by the default, or by ours. */
export function actionsOf(
  configured: CoverageActions,
  dataset: string,
  state: CoverageState,
): readonly CoverageAction[] {
  return (
    configured[dataset]?.[state] ?? configured['default']?.[state] ?? defaults[state] ?? ['accept']
  );
}

/** The states of a dataset that an action follows from. */
export function statesWith(
  configured: CoverageActions,
  dataset: string,
  action: CoverageAction,
): readonly CoverageState[] {
  return coverageStates.filter((state) => actionsOf(configured, dataset, state).includes(action));
}
