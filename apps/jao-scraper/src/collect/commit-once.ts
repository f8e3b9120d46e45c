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
  let isUnknown = false;
  return onDatabase(
    context,
    async () => {
      if (isUnknown) {
        const written = await readWritten(context.db, attemptId);
        if (written !== undefined) {
          return written;
        }
        isUnknown = false;
      }
      try {
        return await write();
      } catch (error) {
        isUnknown = error instanceof PostgresError && error.code === 'COMMIT_UNKNOWN';
        throw error;
      }
    },
    { isRepeatable: true },
  );
}
