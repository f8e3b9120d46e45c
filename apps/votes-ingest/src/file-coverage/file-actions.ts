import { actionsOfState, fileActions, fileStates, stateActionsSchema } from '@sluice/schemas';
import type { ExpectedFile, FileAction, FileState } from '@sluice/schemas';
import { voteSuite } from '@sluice/schemas/expectations';
import type { z } from 'zod';

/** What is due and not there, whoever's fault it is. */
const defaults: Partial<Record<FileState, readonly FileAction[]>> = {
  quarantined: ['alert'],
  late: ['alert'],
  not_collected: ['alert'],
  not_provided: ['alert'],
};

/** By dataset, which is `votes`, or `default`, and by state. Names that nobody knows are refused. */
export const fileActionsSchema = stateActionsSchema({
  states: fileStates,
  actions: fileActions,
  problemOfDataset: (name) =>
    name === voteSuite.dataset
      ? undefined
      : `there is no dataset ${JSON.stringify(name)}; it is ${voteSuite.dataset}, or default`,
});

/** See {@link fileActionsSchema}. */
export type FileActions = z.infer<typeof fileActionsSchema>;

/** What follows from what is with an expected file; nobody waits any more for one that is given up. */
export function actionsOfFile(
  configured: FileActions,
  { state, isGivenUp }: Pick<ExpectedFile, 'state' | 'isGivenUp'>,
): readonly FileAction[] {
  const { dataset } = voteSuite;
  const actions = isGivenUp ? undefined : actionsOfState(configured, { dataset, state }, defaults);
  return actions ?? ['accept'];
}
