import { decide, recordResults, runChecks } from '@sluice/data-quality';
import type { HistoryPoint } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import { checkIds, checksOf, configureSuite } from '@sluice/schemas/expectations';
import type { ExpectationSuite, QualityResult } from '@sluice/schemas/expectations';
import { FileCalendar } from '@sluice/schemas/arrivals';
import type { ArrivalPlan } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { dailyVotesSql } from '../outliers/outlier-weeks.ts';
import { votesRelation } from './check-batch.ts';

const dayMs = 86_400_000;

/** What is checked, and when. */
export interface SuiteRun {
  readonly runId: string;
  readonly suite: ExpectationSuite;
  /** Without a plan of arrivals nothing is late, missing or unusual. */
  readonly plan: ArrivalPlan | undefined;
  readonly now: Date;
}

/** Runs all checks of the whole table, and of the newest day that is due, and keeps what was found. */
export async function runSuite(
  warehouse: DuckDbWarehouse,
  { runId, suite, plan, now }: SuiteRun,
): Promise<QualityResult[]> {
  const engine = duckDbEngine(warehouse);
  const calendar = plan && new FileCalendar(plan).days();
  const common = { engine, relation: votesRelation, runId, now, calendar };
  const results = await runChecks({ ...common, suite: checksOf(suite, 'whole') });
  const ofSlot = checksOf(suite, 'slot');
  if (ofSlot.expectations.length > 0) {
    const newestMs = calendar?.newestDueMs(now.getTime());
    const day = newestMs === undefined ? undefined : isoDay(newestMs);
    results.push(
      ...(await runChecks({
        ...common,
        suite: ofSlot,
        ...(day === undefined || newestMs === undefined
          ? {}
          : {
              scope: {
                all: [
                  { column: 'CreationDate', compare: '>=', value: `${day}T00:00:00` },
                  {
                    column: 'CreationDate',
                    compare: '<',
                    value: `${isoDay(newestMs + dayMs)}T00:00:00`,
                  },
                ],
              },
              period: { from: day, to: day },
              history: () => readDailyVotes(warehouse, day),
            }),
      })),
    );
  }
  await recordResults(engine, results);
  return results;
}

/** Why a run of checks fell short; `undefined` where it did not. */
export function shortfallOf(results: readonly QualityResult[]): string | undefined {
  if (!decide(results).fellShort) {
    return undefined;
  }
  const count = (outcome: QualityResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return `${count('failed')} checks failed, ${count('error')} could not be evaluated`;
}

/**
 * The suite with only these checks.
 *
 * @throws {RangeError} for an id that it does not have.
 */
export function onlyChecks(
  suite: ExpectationSuite,
  wanted: readonly string[] | undefined,
): ExpectationSuite {
  if (wanted === undefined) {
    return suite;
  }
  const known = suite.expectations.flatMap((expectation) =>
    checkIds(expectation).map((id) => ({ id, group: expectation.id })),
  );
  const unknown = wanted.find(
    (name) => !known.some(({ id, group }) => id === name || group === name),
  );
  if (unknown !== undefined) {
    const ids = known.map(({ id }) => id).join(', ');
    throw new RangeError(
      `there is no check ${JSON.stringify(unknown)}, or it is off; there are ${ids}`,
    );
  }
  const off = known
    .filter(({ id, group }) => !wanted.includes(id) && !wanted.includes(group))
    .map(({ id }) => [id, { off: true }] as const);
  return configureSuite(suite, Object.fromEntries(off)).suite;
}

/** How many votes each day before one has: what that day is compared with. */
async function readDailyVotes(warehouse: DuckDbWarehouse, before: string): Promise<HistoryPoint[]> {
  return warehouse.rows(
    z
      .object({ day: z.string(), votes: z.int() })
      .transform(({ day, votes }) => ({ at: new Date(`${day}T00:00:00Z`), value: votes })),
    `select strftime(day, '%Y-%m-%d') as day, votes from (${dailyVotesSql()})
      where day < $1::date order by day desc limit 1000`,
    [before],
  );
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
