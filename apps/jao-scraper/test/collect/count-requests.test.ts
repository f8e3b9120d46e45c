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

test.each<[FaultKind, number, readonly (readonly number[] | undefined)[]]>([
  ['redirect_same_origin', 2, [[302, 200]]],
  ['redirect_other_host', 1, [undefined]],
  ['redirect_loop', 1, [undefined]],
  ['http_503', 2, [undefined, undefined]],
])(
  'of a day that met %s each request took a token and is counted once, all %i of them',
  async (kind, count, statuses) => {
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
    expect(attempts.map((line) => line['statuses'])).toEqual(statuses);
    const { tokens } = await owner.row(
      z.object({ tokens: z.number() }),
      'select requests::int4 as tokens from ops.origin where origin = $1',
      [simulator.url],
    );
    expect(tokens).toBe(count);
  },
);
