import { z } from 'zod';

/** What may follow from which states of coverage, in an app. */
export interface StateActionsOptions<State extends string, Action extends string> {
  /** `present` among them, from which nothing follows. */
  readonly states: readonly State[];
  /** `accept` among them, which stands alone. */
  readonly actions: readonly Action[];
  /** What is wrong with the name of a dataset; `undefined` where it is one. */
  readonly problemOfDataset: (name: string) => string | undefined;
}

/** What follows from states, by dataset or `default`. */
export type StateActions<State extends string, Action extends string> = Readonly<
  Record<string, Readonly<Partial<Record<State, readonly Action[]>>>>
>;

/**
 * What follows from states of coverage, as a setting: by dataset, or `default`, and by state one action or
 * a list of them. Names that nobody knows are refused.
 */
export function stateActionsSchema<State extends string, Action extends string>({
  states,
  actions,
  problemOfDataset,
}: StateActionsOptions<State, Action>) {
  const actionsSchema = listOfActions(actions);
  return z
    .record(z.string(), z.record(z.string(), z.unknown()), {
      error: 'must be an object such as { "default": { "not_provided": "alert" } }',
    })
    .transform((byDataset, context): StateActions<State, Action> => {
      const parsed: Record<string, Partial<Record<State, readonly Action[]>>> = {};
      for (const [dataset, byState] of Object.entries(byDataset)) {
        const problem = dataset === 'default' ? undefined : problemOfDataset(dataset);
        if (problem !== undefined) {
          context.addIssue(problem);
        }
        const ofDataset: Partial<Record<State, readonly Action[]>> = {};
        parsed[dataset] = ofDataset;
        for (const [name, value] of Object.entries(byState)) {
          const state = states.find((known) => known === name);
          const follows = actionsSchema.safeParse(value);
          if (state === undefined || name === 'present') {
            const known = states.filter((each) => each !== 'present').join(', ');
            context.addIssue(
              `${dataset}: there is no state ${JSON.stringify(name)} among ${known}`,
            );
          } else if (follows.success) {
            ofDataset[state] = follows.data;
          } else {
            const messages = follows.error.issues.map(({ message }) => message);
            context.addIssue(`${dataset}.${name}: ${messages.join('; ')}`);
          }
        }
      }
      return parsed;
    });
}

/** What follows from a state of a dataset: by the dataset, by `default`, or by what the app does unasked. */
export function actionsOfState<State extends string, Action extends string>(
  configured: StateActions<State, Action>,
  { dataset, state }: { readonly dataset: string; readonly state: State },
  unasked: Readonly<Partial<Record<State, readonly Action[]>>>,
): readonly Action[] | undefined {
  return configured[dataset]?.[state] ?? configured['default']?.[state] ?? unasked[state];
}

function listOfActions<Action extends string>(actions: readonly Action[]) {
  const names = actions.join(', ');
  const actionSchema = z.enum(actions, { error: `must be one of ${names}` });
  return z
    .union([actionSchema.transform((action) => [action]), z.array(actionSchema).min(1)], {
      error: `must be one of ${names}, or a list of them`,
    })
    .refine((list) => list.length === 1 || !list.some((action) => action === 'accept'), {
      error: 'accept stands alone: what is accepted is neither asked for again nor told of',
    });
}
