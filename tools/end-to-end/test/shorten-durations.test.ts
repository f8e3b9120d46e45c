import { expect, test } from 'vitest';

import { shortenDurations } from '../src/shorten-durations.ts';

const options = { factor: 60 };

test('only durations of rules become shorter', () => {
  const rule = {
    alert: 'A',
    expr: 'sum by (a) (rate(b{c="5m"}[1h30m])) > 10 * 3600 and d offset 1d and e[1h:5m] and f[2h:]',
    for: '15m',
    keep_firing_for: '0s',
    labels: { severity: 'page', wait: '15m' },
    annotations: { description: 'In the past 5m.' },
  };
  expect(shortenDurations({ groups: [{ interval: '30s', rules: [rule] }] }, options)).toEqual({
    groups: [
      {
        interval: '500ms',
        rules: [
          {
            ...rule,
            expr: 'sum by (a) (rate(b{c="5m"}[90000ms])) > 10 * 3600 and d offset 1440000ms and e[60000ms:5000ms] and f[120000ms:]',
            for: '15000ms',
          },
        ],
      },
    ],
  });
});

test('what is told later is told sooner, and nothing becomes nothing', () => {
  const route = { group_wait: '30s', group_interval: '5m', repeat_interval: '1w', receiver: 'x' };
  expect(shortenDurations({ route: { ...route, group_by: ['a'] } }, { factor: 60_000 })).toEqual({
    route: {
      group_wait: '1ms',
      group_interval: '5ms',
      repeat_interval: '10080ms',
      receiver: 'x',
      group_by: ['a'],
    },
  });
});

test('what is no duration is refused', () => {
  expect(() => shortenDurations({ for: 'soon' }, options)).toThrow('expected a duration');
});
