import type { HistoryPoint } from '@sluice/data-quality';
import type { ArrivalPlan } from '@sluice/schemas';
import type { FileCalendar } from '@sluice/schemas/arrivals';
import type { ExpectationSuite } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { FileVolume } from './check-batch.ts';

/** What the volume of a file is judged by; `undefined` for a file that the plan does not expect. */
export function volumeOf(
  warehouse: DuckDbWarehouse,
  calendar: FileCalendar | undefined,
  path: string,
): FileVolume | undefined {
  const period = calendar?.periodOf(path);
  return calendar === undefined || period === undefined
    ? undefined
    : {
        calendar: calendar.days(),
        period: { from: period.firstDay, to: period.lastDay },
        history: () => readFileVolumes(warehouse, calendar),
      };
}

/** The suite as it fits a plan: only days have weekdays that can be compared. */
export function suiteForPlan(
  suite: ExpectationSuite,
  plan: ArrivalPlan | undefined,
): ExpectationSuite {
  if (plan === undefined || plan.every === 'day') {
    return suite;
  }
  const expectations = suite.expectations.map((expectation) =>
    expectation.kind === 'anomaly' && expectation.of?.includes('batch') === true
      ? { ...expectation, seasonality: 'none' as const }
      : expectation,
  );
  return { ...suite, expectations };
}

/** How many records the files of a plan brought that are in the warehouse, at the days they are for. */
async function readFileVolumes(
  warehouse: DuckDbWarehouse,
  calendar: FileCalendar,
): Promise<HistoryPoint[]> {
  const files = await warehouse.rows(
    z.object({ path: z.string(), accepted: z.int() }),
    `select path, accepted from ops.file where outcome = 'ingested' order by file_id desc`,
  );
  return files.flatMap(({ path, accepted }) => {
    const day = calendar.periodOf(path)?.firstDay;
    return day === undefined ? [] : [{ at: new Date(`${day}T00:00:00Z`), value: accepted }];
  });
}
