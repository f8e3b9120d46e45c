import { startJaoSimulator } from '@sluice/jao-simulator';
import type { FaultKind } from '@sluice/jao-simulator';
import { backfillReportSchema } from '@sluice/schemas/jao';
import { openAs } from '@sluice/warehouse/postgres-testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { fakeContext } from '../fake-context.ts';
import { readLog } from '../faults/app-process.ts';
import { createJaoDatabase } from '../store/test-database.ts';

const now = new Date('2026-07-01T12:00:00Z');

test.each<[FaultKind, number, readonly (readonly [string, number])[]]>([
  [
    'redirect_same_origin',
    2,
    [
      ['redirected', 302],
      ['stored', 200],
    ],
  ],
  ['redirect_other_host', 1, [['redirect_refused', 302]]],
  ['redirect_loop', 1, [['redirect_refused', 302]]],
  [
    'http_503',
    2,
    [
      ['http_5xx', 503],
      ['stored', 200],
    ],
  ],
])(
  'of a day that met %s each request took a token, is counted once and on record, all %i of them',
  async (kind, count, expected) => {
    const simulator = await startJaoSimulator({ nowMs: now.getTime(), jitterMinutes: 0 });
    onTestFinished(() => simulator.close());
    const database = await createJaoDatabase();
    const owner = await openAs(database, 'owner');
    onTestFinished(() => owner.close());
    simulator.inject({ kind, times: 1 });
    const context = fakeContext({
      flags: {
        databaseUrl: database.url('worker'),
        baseUrl: simulator.url,
        requestsPerMinute: '6000',
      },
      now: () => now,
    });
    const day = { from: '2026-06-10', to: '2026-06-10' };
    await backfillCommand(context, { ...day, dataset: ['core/maxNetPos'], format: 'json' });

    expect(simulator.requests).toHaveLength(count);
    const report = backfillReportSchema.parse(JSON.parse(context.printed()));
    expect(report.requests).toBe(count);
    const attempts = readLog(context.said()).filter(({ msg }) => msg.startsWith('attempt'));
    expect(attempts.map(({ outcome, status }) => [outcome, status])).toEqual(expected);
    const recorded = await owner.rows(
      z.object({ url: z.string(), outcome: z.string(), status: z.int(), wire: z.int() }),
      `select url, outcome, http_status as status, wire_bytes as wire from ops.attempt order by attempt_id`,
    );
    expect(recorded.map(({ outcome, status }) => [outcome, status])).toEqual(expected);
    // Each is the request that the service saw.
    expect(recorded.map(({ url }) => url)).toEqual(
      simulator.requests.map(({ url }) => `${simulator.url}${url}`),
    );
    const { tokens } = await owner.row(
      z.object({ tokens: z.number() }),
      'select requests::int4 as tokens from ops.origin where origin = $1',
      [simulator.url],
    );
    expect(tokens).toBe(count);
  },
);
