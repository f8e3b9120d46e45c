import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addDays, businessDayBounds, findDataset, lastPublishedDay } from '@sluice/schemas/jao';
import { openPostgres } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { announce, DemoError, runStep } from './run-step.ts';
import type { Step } from './run-step.ts';
import { showMetrics } from './show-metrics.ts';
import { showQuery } from './show-query.ts';
import { startSimulator } from './simulator.ts';
import type { Simulator } from './simulator.ts';

const key = 'border_AT_DE';
const otherKeys = ['border_DE_FR', 'border_FR_DE', 'border_NL_BE'];
const hourMs = 3_600_000;
/** Of the day that is published again. */
const firstRevisedHour = 8;
const revisedHours = 3;
/** More days than were collected, so that the report has something to explain. */
const reportedDays = 36;

interface Stage {
  readonly db: PostgresDatabase;
  readonly simulator: Simulator;
  readonly run: (step: Omit<Step, 'app'>) => Promise<void>;
  readonly businessDay: string;
  readonly startMs: number;
  /** Where the report goes. */
  readonly reportFile: string;
}

/**
 * Backfills a month from a stand-in for the service into an embedded Postgres, has a day revised, and
 * shows what was known when, on this process's standard streams; then what the exporter tells of it, and of
 * a warehouse of votes. Leaves a report in `folder`, and nothing else.
 *
 * @throws {DemoError} where a step does not end as it should.
 */
export async function runJaoDemo({
  root,
  folder,
  votesStatus,
  signal,
}: {
  readonly root: string;
  /** Relative to the workspace. */
  readonly folder: string;
  /** The status file of the warehouse, relative to the workspace. */
  readonly votesStatus: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  await mkdir(join(root, folder), { recursive: true });
  const home = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
  try {
    announce(
      'A stand-in for the JAO service, on loopback: synthetic values, today.',
      '$ npx jao-simulator --jitter-minutes 0',
    );
    const simulator = await startSimulator(root, ['--jitter-minutes', '0']);
    try {
      const db = await openPostgres({
        home,
        role: 'reader',
        applicationName: 'sluice-demo',
        poolSize: 1,
        signal,
      });
      try {
        await play({ root, folder, votesStatus, signal, home, db, simulator });
      } finally {
        await db.close();
      }
    } finally {
      await simulator.stop();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function play(of: {
  readonly root: string;
  readonly folder: string;
  readonly votesStatus: string;
  readonly signal: AbortSignal;
  readonly home: string;
  readonly db: PostgresDatabase;
  readonly simulator: Simulator;
}): Promise<void> {
  const { root, folder, votesStatus, signal, home, db, simulator } = of;
  const contract = findDataset('core/maxExchanges');
  if (contract === undefined) throw new DemoError('core/maxExchanges is not in the catalogue');
  const environment = {
    SLUICE_HOME: home,
    JAO_BASE_URL: simulator.url,
    JAO_REQUESTS_PER_MINUTE: '0',
  };
  const businessDay = lastPublishedDay(contract, Date.now());
  const stage: Stage = {
    db,
    simulator,
    run: (step) =>
      runStep({ app: 'jao-scraper', ...step }, { root, signal, environment, isQuiet: true }),
    businessDay,
    startMs: businessDayBounds(contract, businessDay).startMs,
    reportFile: join(folder, 'report-jao.html'),
  };
  await showMonth(stage);
  const horizon = await readHorizon(db);
  await showRevision(stage);
  await showPast(stage, horizon);
  await showMetrics({ root, databaseUrl: db.url('metrics'), votesStatus, signal });
  process.stdout.write(
    `\nThat Postgres is gone now; the report is ${stage.reportFile}. With the real service, whose terms you have read:\n` +
      '  npx jao-scraper backfill\n' +
      '  npx jao-scraper watch\n' +
      '  npx jao-scraper --help\n',
  );
}

async function showMonth({ run, db, businessDay }: Stage): Promise<void> {
  await run({
    shows: 'The past month, into a Postgres that comes with Sluice: one time series for each key.',
    args: ['backfill'],
  });
  await showQuery(db, {
    shows: `The series of ${businessDay}, a column for each key, from SQL:`,
    sql: `select to_char(delivery_start, 'YYYY-MM-DD HH24:MI"Z"') as delivery_start,
       ${[key, ...otherKeys].map((name) => `"${name}"`).join(', ')}
from jao.core_max_exchanges_wide
where business_day = '${businessDay}'
order by delivery_start limit 6`,
  });
  await run({
    shows: 'Again: a day that is finished is not asked for.',
    args: ['backfill'],
  });
}

async function showRevision({ simulator, run, businessDay, startMs }: Stage): Promise<void> {
  await simulator.revise({
    businessDay,
    keys: [key],
    deliveryStarts: Array.from({ length: revisedHours }, (_, hour) =>
      new Date(startMs + (firstRevisedHour + hour) * hourMs).toISOString(),
    ),
  });
  await run({
    shows: `The service now publishes ${businessDay} again: ${revisedHours} hours of ${key} change. Ask again:`,
    args: ['backfill', '--from', businessDay, '--to', businessDay, '--refetch'],
  });
  await run({
    shows: 'What changed, from what to what, and when we learned it.',
    args: ['revisions', '--from', businessDay, '--to', businessDay],
  });
}

async function showPast(
  { db, run, businessDay, reportFile }: Stage,
  horizon: string,
): Promise<void> {
  await showQuery(db, {
    shows: 'What is known now, beside what was known before: nothing is overwritten.',
    sql: `select to_char(now.delivery_start, 'HH24:MI"Z"') as delivery_start,
       past.value as known_before, now.value as known_now,
       now.revision, to_char(now.known_from, 'HH24:MI:SS') as known_from
from jao.latest as now
join jao.as_of('${horizon}') as past using (region, dataset, key, delivery_start, business_day)
where key = '${key}' and business_day = '${businessDay}'
order by now.delivery_start offset ${firstRevisedHour - 1} limit ${revisedHours + 2}`,
  });
  await run({
    shows: 'Every cell that should exist is accounted for.',
    args: ['coverage', '--summary'],
  });
  await run({
    shows:
      'All of that on one page, for a browser; of more days than were collected, so that something is missing.',
    args: ['report', '--from', addDays(businessDay, 1 - reportedDays), '--to', businessDay].concat([
      '--out',
      reportFile,
      '--overwrite',
    ]),
  });
}

async function readHorizon(db: PostgresDatabase): Promise<string> {
  const { horizon } = await db.row(
    z.object({ horizon: z.string() }),
    `select to_char(jao.horizon('core', 'maxExchanges'), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as horizon`,
  );
  return horizon;
}
