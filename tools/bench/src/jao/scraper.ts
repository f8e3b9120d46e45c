import { fileURLToPath } from 'node:url';

import { backfillReportSchema } from '@sluice/schemas/jao';

import type { CaseContext } from '../bench-case.ts';
import { requireEqual, requireSuccess } from '../checks.ts';
import { parseOutput } from '../parse-output.ts';
import { runOrFail } from '../run-or-fail.ts';
import type { ProcessRun } from '../run-process.ts';
import type { JaoContext, Period } from './jao-case.ts';

/** What `npx jao-scraper` starts. */
const launcher = fileURLToPath(
  new URL('../../../../apps/jao-scraper/bin/jao-scraper.js', import.meta.url),
);

/** The environment of a scraper that asks the simulator, as fast as it can. */
export async function scraperEnvironment(context: JaoContext): Promise<Record<string, string>> {
  return { JAO_BASE_URL: await context.serviceUrl(), JAO_REQUESTS_PER_MINUTE: '0' };
}

/** What follows `node` for a backfill of a period into the embedded Postgres under `home`. */
export function backfillArguments(
  { from, to }: Pick<Period, 'from' | 'to'>,
  home: string,
  flags: readonly string[] = [],
): string[] {
  const period = ['--from', from, '--to', to];
  return [launcher, 'backfill', ...period, '--home', home, '--format', 'json', ...flags];
}

/** Runs a backfill that is not timed. */
export async function backfill(context: JaoContext, period: Period, home: string): Promise<void> {
  const environment = await scraperEnvironment(context);
  await runOrFail(context, 'backfill', backfillArguments(period, home), environment);
}

/** Gives the embedded Postgres under `home` the scraper's tables. */
export async function createTables(context: CaseContext, home: string): Promise<void> {
  await runOrFail(context, 'create the tables', [launcher, 'database', 'migrate', '--home', home]);
}

/**
 * Makes sure that a backfill had as many days of that outcome as were asked for, and added so many
 * observations.
 */
export function requireBackfilled(
  label: string,
  run: ProcessRun,
  expected: {
    readonly days: number;
    readonly outcome: 'stored' | 'unchanged';
    readonly added: number;
  },
): void {
  requireSuccess(label, run);
  const report = parseOutput(backfillReportSchema, run.stdout, label);
  const [dataset] = report.datasets;
  requireEqual(
    `${label}: days ${expected.outcome}`,
    dataset?.days[expected.outcome],
    expected.days,
  );
  requireEqual(`${label}: observations added`, dataset?.observations.added, expected.added);
}
