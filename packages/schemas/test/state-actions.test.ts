import { expect, test } from 'vitest';

import { actionsOfState, stateActionsSchema } from '../src/index.ts';

const states = ['present', 'late', 'gone'] as const;

const schema = stateActionsSchema({
  states,
  actions: ['alert', 'ask', 'accept'],
  problemOfDataset: (name) => (name === 'known' ? undefined : `no dataset ${name}`),
});

test('what follows is by dataset, else by default, else what the app does unasked', () => {
  const configured = schema.parse({
    default: { late: 'accept' },
    known: { late: ['alert', 'ask'] },
  });
  expect(actionsOfState(configured, { dataset: 'known', state: 'late' }, {})).toEqual([
    ...['alert', 'ask'],
  ]);
  expect(actionsOfState(configured, { dataset: 'other', state: 'late' }, {})).toEqual(['accept']);
  const unasked: Partial<Record<(typeof states)[number], ['alert']>> = { gone: ['alert'] };
  expect(actionsOfState(configured, { dataset: 'known', state: 'gone' }, unasked)).toEqual([
    'alert',
  ]);
  expect(actionsOfState(configured, { dataset: 'known', state: 'present' }, unasked)).toBe(
    undefined,
  );
});

test('all that is wrong is said at once', () => {
  const { error } = schema.safeParse({
    unknown: { late: 'alert' },
    known: { late: 'shout', gone: ['accept', 'alert'], present: 'alert' },
  });
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'no dataset unknown',
    expect.stringContaining('known.late: must be one of alert, ask, accept'),
    expect.stringContaining('known.gone: accept stands alone'),
    'known: there is no state "present" among late, gone',
  ]);
});
