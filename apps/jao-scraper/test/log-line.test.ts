import { expect, test } from 'vitest';

import { describeLogLine } from '../src/log-line.ts';

const attempt = {
  level: 'info',
  time: '2026-07-01T12:00:00.000Z',
  runId: '0197c2a8-0000-7000-8000-000000000000',
  msg: 'attempt',
  attemptId: 7,
  dataset: 'core/maxExchanges',
  businessDay: '2026-06-10',
  outcome: 'stored',
  status: 200,
  durationMs: 84,
  bytes: 91_000,
  added: 0,
  revised: 0,
  withdrawn: 0,
  quarantined: 0,
};

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  [
    'an attempt that stored cells',
    { ...attempt, added: 3_168, revised: 24, withdrawn: 12, quarantined: 1 },
    'core/maxExchanges 2026-06-10 stored: 3168 added, 24 revised, 12 withdrawn, 1 quarantined, 84 ms',
  ],
  [
    'one that had nothing new',
    { ...attempt, outcome: 'unchanged' },
    'core/maxExchanges 2026-06-10 unchanged: 84 ms',
  ],
  [
    'one that failed, with why and what to do',
    {
      ...attempt,
      msg: 'attempt failed',
      outcome: 'http_5xx',
      error: 'fetch https://…: HTTP 503',
      advice: 'this run asks again',
    },
    'core/maxExchanges 2026-06-10 http_5xx: 84 ms, fetch https://…: HTTP 503; this run asks again',
  ],
  ['a message alone', { level: 'info', time: '', runId: '', msg: 'watching' }, 'watching'],
  [
    'a message with its fields, of whatever kind',
    { level: 'info', msg: 'watching', datasets: ['core/atc'], url: 'http://[::1]:1', seconds: 9 },
    'watching: datasets ["core/atc"], url http://[::1]:1, seconds 9',
  ],
  [
    'no character that a terminal would act on',
    { level: 'warn', msg: 'drift from the contract', value: '\u001b[2Jkey\nline' },
    String.raw`drift from the contract: value \u001b[2Jkey\nline`,
  ],
])('tells %s on one line', (_, line, expected) => {
  expect(describeLogLine(line)).toBe(expected);
});
