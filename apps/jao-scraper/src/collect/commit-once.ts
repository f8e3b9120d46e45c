import { PostgresError } from '@sluice/warehouse/postgres';

import { readWritten } from '../store/read-written.ts';
import type { DayWritten } from '../store/write-day.ts';
import { onDatabase } from './collect-context.ts';
import type { CollectContext } from './collect-context.ts';

/**
 * Runs a transaction that ends with its attempt closed, once, whatever happens at its COMMIT: where an
 * error may have hidden a success, the attempt tells.
 */
export async function commitOnce(
  context: CollectContext,
  attemptId: number,
  write: () => Promise<DayWritten>,
): Promise<DayWritten> {
  let wasUnknown = false;
  const recall = () => (wasUnknown ? readWritten(context.db, attemptId) : undefined);
  return onDatabase(context, async () => {
    const before = await recall();
    if (before !== undefined) {
      return before;
    }
    try {
      return await write();
    } catch (error) {
      if (error instanceof PostgresError && error.code === 'FENCED') {
        // A commit that was still under way has let the claim go by itself.
        const meanwhile = await recall();
        if (meanwhile !== undefined) {
          return meanwhile;
        }
      }
      wasUnknown ||= error instanceof PostgresError && error.code === 'COMMIT_UNKNOWN';
      throw error;
    }
  });
}
