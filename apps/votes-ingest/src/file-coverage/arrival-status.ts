import { fileStates, warehouseStatusLimits } from '@sluice/schemas';
import type { ArrivalPlan, ArrivalStatus, ExpectedFile, FileState } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { actionsOfFile } from './file-actions.ts';
import type { FileActions } from './file-actions.ts';
import { isMissing, readFileStates } from './file-states.ts';
import { openCalendar } from './open-calendar.ts';

/** The settings that say which files are expected, and what follows where one is not there. */
export interface ArrivalSettings {
  /** @default no files are expected */
  readonly arrivals?: ArrivalPlan | undefined;
  /** @default what is due and not there alerts */
  readonly coverageActions?: FileActions | undefined;
}

/** What the status file tells of expected files; absent where none are. */
export async function readArrivalStatus(
  warehouse: DuckDbWarehouse,
  { arrivals: plan, coverageActions = {} }: ArrivalSettings,
  now: Date,
): Promise<ArrivalStatus | undefined> {
  if (plan === undefined) {
    return undefined;
  }
  const calendar = await openCalendar(plan);
  const files = await readFileStates(warehouse, calendar, { now });
  const next = files.find(({ state }) => state === 'not_due');
  const period = [...calendar.periods(now.getTime())].find(
    ({ firstDay }) => firstDay === next?.firstDay,
  );
  return {
    file: plan.file,
    at: now.toISOString(),
    byState: countStates(files),
    missing: files
      .filter((file) => isMissing(file) && actionsOfFile(coverageActions, file).includes('alert'))
      .slice(0, warehouseStatusLimits.missingFiles),
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
