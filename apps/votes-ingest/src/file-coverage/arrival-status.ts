import { fileStates, warehouseStatusLimits } from '@sluice/schemas';
import type { ArrivalPlan, ArrivalStatus, ExpectedFile, FileState } from '@sluice/schemas';
import { FileCalendar } from '@sluice/schemas/arrivals';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { isMissing, readFileStates } from './file-states.ts';

/** What the status file tells of expected files. */
export async function readArrivalStatus(
  warehouse: DuckDbWarehouse,
  plan: ArrivalPlan,
  now: Date,
): Promise<ArrivalStatus> {
  const calendar = new FileCalendar(plan);
  const files = await readFileStates(warehouse, calendar, { now });
  const next = files.find(({ state }) => state === 'not_due');
  const period = [...calendar.periods(now.getTime())].find(
    ({ firstDay }) => firstDay === next?.firstDay,
  );
  return {
    file: plan.file,
    at: now.toISOString(),
    byState: countStates(files),
    missing: files.filter(isMissing).slice(0, warehouseStatusLimits.missingFiles),
    next:
      period === undefined
        ? null
        : {
            name: period.name,
            dueAt: new Date(period.dueMs).toISOString(),
            missingAt: new Date(period.missingMs).toISOString(),
          },
  };
}

/** How many files there are in each state. */
export function countStates(files: readonly ExpectedFile[]): Record<FileState, number> {
  const counts = fileStates.map(
    (state) => [state, files.filter((file) => file.state === state).length] as const,
  );
  // The entries have exactly the names of the states.
  return Object.fromEntries(counts) as Record<FileState, number>;
}
