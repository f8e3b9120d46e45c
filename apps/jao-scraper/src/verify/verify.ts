import type { BusinessDay, DatasetContract, JaoVerifyReport } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { RecordedDays } from '../replay/select-recorded.ts';
import { readDatasetIds } from '../store/catalogue.ts';
import { Findings } from './findings.ts';
import { checkLedger } from './ledger-checks.ts';
import { verifyDay } from './verify-day.ts';

/** How a verification goes about it. */
export interface VerifyOptions {
  readonly recorded: readonly RecordedDays[];
  /** Days that are compared at once: one reads while another is worked on. */
  readonly concurrency: number;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Told of each day that was compared. */
  readonly onDay: () => void;
}

/**
 * Compares what is stored with what the payloads say, and looks for holes in the ledger. Reads only, a
 * day at a time, each in one snapshot: whoever writes meanwhile is neither disturbed nor in the way.
 *
 * @throws {PostgresError} where the database is, or stays, away.
 */
export async function verify(
  db: PostgresDatabase,
  options: VerifyOptions,
): Promise<JaoVerifyReport> {
  const findings = new Findings();
  const datasetIds = await readDatasetIds(db);
  const datasets: JaoVerifyReport['datasets'] = [];
  for (const { contract, days, areNamed } of options.recorded) {
    if (days.length === 0) {
      findings.add('records.found', { dataset: contract.name, businessDay: null }, 'nothing');
    }
    const counts = await verifyDays(db, options, {
      contract,
      datasetId: datasetIds.get(contract.name) ?? -1,
      days,
      spans: areNamed ? undefined : await readSpans(db, contract),
      findings,
    });
    const { region, dataset } = contract;
    datasets.push({ region, dataset, days: days.length, ...counts });
  }
  if (options.recorded.length === 0) {
    findings.add('records.found', { dataset: null, businessDay: null }, 'the database is empty');
  }
  await checkLedger(
    db,
    { days: new Map(options.recorded.map(({ contract, days }) => [contract.name, new Set(days)])) },
    findings,
  );
  const { checks, differences } = findings;
  const hasFailed = checks.some(({ outcome }) => outcome === 'failed');
  return { outcome: hasFailed ? 'failed' : 'passed', checks, datasets, differences };
}

/** The first and the last day that a run has asked for. */
interface Span {
  readonly first: BusinessDay;
  readonly last: BusinessDay;
}

/** A run asks for days without a gap: one in between was left out, and one between two runs nobody wanted. */
async function readSpans(
  db: PostgresDatabase,
  { name }: DatasetContract,
): Promise<readonly Span[]> {
  return db.rows(
    z.object({ first: z.string(), last: z.string() }),
    `select distinct min(business_day) as first, max(business_day) as last
     from ops.attempt where dataset = $1 and business_day is not null group by run_id`,
    [name],
  );
}

async function verifyDays(
  db: PostgresDatabase,
  { concurrency, nowMs, signal, onDay }: VerifyOptions,
  {
    contract,
    datasetId,
    days,
    spans,
    findings,
  }: {
    readonly contract: DatasetContract;
    readonly datasetId: number;
    readonly days: readonly BusinessDay[];
    /** Undefined where each day is wanted. */
    readonly spans: readonly Span[] | undefined;
    readonly findings: Findings;
  },
): Promise<{ readonly payloads: number; readonly cells: number }> {
  const counts = { payloads: 0, cells: 0 };
  const left = days.values();
  const work = async (): Promise<void> => {
    for (const day of left) {
      signal.throwIfAborted();
      const isWanted = spans?.some(({ first, last }) => first <= day && day <= last) ?? true;
      const { payloads, cells } = await db.read((snapshot) =>
        verifyDay(snapshot, { contract, datasetId, day, isWanted, nowMs }, findings),
      );
      counts.payloads += payloads;
      counts.cells += cells;
      onDay();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return counts;
}
