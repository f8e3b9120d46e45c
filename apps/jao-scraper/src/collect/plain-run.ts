import { say } from '@sluice/command-line';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { randomUUIDv7 } from 'node:crypto';

import type { CommandContext } from '../command-context.ts';
import type { RunContext } from './collect-context.ts';
import { DatabaseOutage } from './database-outage.ts';
import { RunTotals } from './run-totals.ts';

/** A run that asks no service; what is worth a line goes to standard error. */
export function plainRun(context: CommandContext, db: PostgresDatabase): RunContext {
  const onNotice: RunContext['onNotice'] = (notice, details) => {
    say(context, `${notice}: ${JSON.stringify(details)}`);
  };
  return {
    db,
    runId: randomUUIDv7(),
    totals: new RunTotals(),
    signal: context.signal,
    databaseWaitMs: context.config.databaseWait,
    outage: new DatabaseOutage(onNotice),
    onNotice,
  };
}
