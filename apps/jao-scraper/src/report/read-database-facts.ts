import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { readAbsences } from './read-absences.ts';
import type { AbsenceFact } from './read-absences.ts';
import { readCheckHistory } from './read-check-history.ts';
import type { CheckHistory } from './read-check-history.ts';
import { readCoverageFacts } from './read-coverage-facts.ts';
import type { CoverageFacts } from './read-coverage-facts.ts';
import { readQuarantineFacts } from './read-quarantine-facts.ts';
import type { QuarantineFacts } from './read-quarantine-facts.ts';
import { readRevisionFacts } from './read-revision-facts.ts';
import type { RevisionFacts } from './read-revision-facts.ts';
import { readRunFacts } from './read-run-facts.ts';
import type { RunFacts } from './read-run-facts.ts';
import type { ReportQuestion } from './report-question.ts';

/** All that a report is made of, of one moment of the database. */
export interface DatabaseFacts {
  /** The database by its name and address, without a password. */
  readonly source: string;
  readonly datasets: readonly DatasetFacts[];
  /** Undefined where this login may not read runs. */
  readonly runs: RunFacts | undefined;
  readonly checks: readonly CheckHistory[];
  readonly quarantine: QuarantineFacts;
  readonly absences: readonly AbsenceFact[];
}

/** What is known of a dataset. */
export interface DatasetFacts {
  readonly question: ReportQuestion;
  readonly coverage: CoverageFacts;
  readonly revisions: RevisionFacts;
}

/** Reads what the report needs. */
export async function readDatabaseFacts(
  tx: PostgresTransaction,
  questions: readonly ReportQuestion[],
): Promise<DatabaseFacts> {
  const datasets: DatasetFacts[] = [];
  for (const question of questions) {
    datasets.push({
      question,
      coverage: await readCoverageFacts(tx, question),
      revisions: await readRevisionFacts(tx, question),
    });
  }
  const seesLedger = await mayReadLedger(tx);
  const { source } = await tx.row(
    z.object({ source: z.string() }),
    `select 'Postgres database ' || current_database()
       || coalesce(' on ' || host(inet_server_addr()) || ', port ' || inet_server_port(), '') as source`,
  );
  return {
    source,
    datasets,
    runs: seesLedger ? await readRunFacts(tx, questions) : undefined,
    checks: await readCheckHistory(tx, questions),
    quarantine: await readQuarantineFacts(tx, questions),
    absences: await readAbsences(tx, questions),
  };
}

/** Asked apart: to name a table in a schema that is closed is an error already. */
async function mayReadLedger(tx: PostgresTransaction): Promise<boolean> {
  const { isOpen } = await tx.row(
    z.object({ isOpen: z.boolean() }),
    `select has_schema_privilege('ops', 'usage') as "isOpen"`,
  );
  if (!isOpen) {
    return false;
  }
  const { mayRead } = await tx.row(
    z.object({ mayRead: z.boolean() }),
    `select has_table_privilege('ops.run', 'select') as "mayRead"`,
  );
  return mayRead;
}
