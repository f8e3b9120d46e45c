import { CommandError, printJson, printTable, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { OutboxDeliveryReport } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { plainRun } from '../collect/plain-run.ts';
import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { deliverRound, openWebhook } from './deliver-events.ts';
import type { DeliveryContext } from './deliver-events.ts';

/** The options of `outbox deliver`. */
export interface OutboxDeliverOptions {
  readonly format: 'table' | 'json';
}

/**
 * `jao-scraper outbox deliver`: sends all pending events now, those too that wait for another try, each
 * once at most. Where one of a dataset is not delivered, those behind it stay for later.
 */
export async function outboxDeliverCommand(
  context: CommandContext,
  { format }: OutboxDeliverOptions,
): Promise<ExitCode> {
  const webhook = await openWebhook(context);
  if (webhook === undefined) {
    throw new CommandError(
      '--webhook-url or JAO_WEBHOOK_URL: say where events are to be delivered',
      {
        exitCode: exitCodes.usage,
      },
    );
  }
  const { config } = context;
  const deliver = (db: PostgresDatabase): Promise<OutboxDeliveryReport> =>
    deliverAll({
      run: plainRun(context, db),
      webhook,
      timeoutMs: config.webhookTimeout,
      maxTries: config.webhookTries,
      pauseMs: config.webhookPause,
      onDelivery: ({ outcome, eventId, status, reason }) => {
        if (outcome !== 'delivered') {
          const answer = status === undefined ? '' : ` (HTTP ${status})`;
          say(context, `event ${eventId} ${outcome}: ${reason ?? ''}${answer}`);
        }
      },
    });
  try {
    const report = await withMigratedDatabase(context, { role: 'worker', poolSize: 4 }, deliver);
    if (format === 'json') {
      printJson(context, report);
    } else {
      printTable(context, Object.keys(report), [Object.values(report)]);
    }
    return report.failed + report.dead === 0 ? exitCodes.done : exitCodes.fellShort;
  } finally {
    webhook.close();
  }
}

async function deliverAll(context: DeliveryContext): Promise<OutboxDeliveryReport> {
  const { db, signal } = context.run;
  const { now } = await db.row(z.object({ now: z.date() }), 'select clock_timestamp() as now');
  const sum = { delivered: 0, failed: 0, dead: 0 };
  for (;;) {
    const { delivered, failed, dead } = await deliverRound(context, { signal, untriedSince: now });
    sum.delivered += delivered;
    sum.failed += failed;
    sum.dead += dead;
    signal.throwIfAborted();
    if (delivered + failed + dead === 0) {
      return sum;
    }
  }
}
