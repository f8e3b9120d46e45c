import { describe, expect, test } from 'vitest';

import {
  actionsOf,
  coverageActionsSchema,
  statesWith,
} from '../../src/cell-coverage/coverage-actions.ts';

describe('actions', () => {
  test('are those of the dataset, else the default ones, else what is due and not there alerts', () => {
    const actions = coverageActionsSchema.parse({
      default: { not_provided: 'accept', withdrawn: ['re-ask', 'alert'] },
      'core/maxExchanges': { not_provided: 're-ask' },
    });
    expect(actionsOf(actions, 'core/maxExchanges', 'not_provided')).toEqual(['re-ask']);
    expect(actionsOf(actions, 'core/netPos', 'not_provided')).toEqual(['accept']);
    expect(actionsOf(actions, 'core/netPos', 'withdrawn')).toEqual(['re-ask', 'alert']);
    expect(actionsOf(actions, 'core/netPos', 'not_collected')).toEqual(['alert']);
    expect(actionsOf(actions, 'core/netPos', 'late')).toEqual(['accept']);
    expect(statesWith(actions, 'core/maxExchanges', 're-ask')).toEqual([
      'withdrawn',
      'not_provided',
    ]);
    expect(statesWith({}, 'core/netPos', 'alert')).toEqual([
      'quarantined',
      'not_collected',
      'not_provided',
    ]);
  });

  test.each([
    [{ 'core/none': { late: 'alert' } }, 'the catalogue has no "core/none"'],
    [{ default: { gone: 'alert' } }, 'default: there is no state "gone"'],
    [{ default: { present: 'alert' } }, 'default: there is no state "present"'],
    [
      { 'core/netPos': { late: 'shout' } },
      'core/netPos.late: must be one of re-ask, alert, accept',
    ],
    [{ default: { late: [] } }, 'default.late: '],
    [{ default: { late: ['accept', 'alert'] } }, 'default.late: accept stands alone'],
    [['late'], 'must be an object such as'],
  ])('%j is refused', (value, message) => {
    const parsed = coverageActionsSchema.safeParse(value);
    expect(parsed.error?.issues.map((issue) => issue.message).join('; ')).toContain(message);
  });
});
