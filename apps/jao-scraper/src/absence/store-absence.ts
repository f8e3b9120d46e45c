import type { PostgresDatabase, PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { absenceColumns, absenceSqlRow } from './absence-row.ts';
import type { AbsenceSqlRow } from './absence-row.ts';

/** What a source is known not to have. */
export interface AbsenceToRecord {
  readonly datasetId: number;
  /** Undefined is every key; each has a series. */
  readonly keys: readonly string[] | undefined;
  readonly start: Date;
  readonly end: Date;
  readonly reason: string;
  readonly evidence: string;
  readonly by: string;
}

/** An absence as it is on record, and whether this made it so. */
export interface AbsenceStored {
  readonly absence: AbsenceSqlRow;
  readonly isNew: boolean;
}

/**
 * Records an absence, stamped by its dataset's clock. One that holds already, word for word, is not
 * recorded again.
 */
export async function recordAbsence(
  db: PostgresDatabase,
  { datasetId, keys, start, end, reason, evidence, by }: AbsenceToRecord,
): Promise<AbsenceStored> {
  return db.transaction(async (tx) => {
    await holdClock(tx, datasetId);
    const about = [datasetId, keys === undefined ? null : [...keys], start, end, reason, evidence];
    const seriesIds = `case when $2::text[] is not null then array(
      select s.series_id from jao.series s where s.dataset_id = $1 and s.key = any($2) order by 1) end`;
    const [known] = await tx.rows(
      z.object({ absence_id: z.int() }),
      `select a.absence_id from jao.absence_record a left join jao.absence_withdrawal w using (absence_id)
       where a.dataset_id = $1 and a.series_ids is not distinct from ${seriesIds} and a.period_start = $3
         and a.period_end = $4 and a.reason = $5 and a.evidence = $6 and w.absence_id is null
       order by a.absence_id limit 1`,
      about,
    );
    if (known !== undefined) {
      return { absence: await readAbsence(tx, known.absence_id), isNew: false };
    }
    const made = await tx.row(
      z.object({ absence_id: z.int() }),
      `insert into jao.absence_record
         (dataset_id, known_from, series_ids, period_start, period_end, reason, evidence, recorded_by)
       values ($1, $8, ${seriesIds}, $3, $4, $5, $6, $7) returning absence_id`,
      [...about, by, await takeStamp(tx, datasetId)],
    );
    return { absence: await readAbsence(tx, made.absence_id), isNew: true };
  });
}

/**
 * Withdraws an absence, stamped by its dataset's clock: before, it held. One that is withdrawn stays as
 * it is; undefined where there is none of that number.
 */
export async function withdrawAbsence(
  db: PostgresDatabase,
  {
    absenceId,
    reason,
    by,
  }: { readonly absenceId: number; readonly reason: string; readonly by: string },
): Promise<AbsenceStored | undefined> {
  return db.transaction(async (tx) => {
    const [found] = await tx.rows(
      z.object({ dataset_id: z.int() }),
      'select dataset_id from jao.absence_record where absence_id = $1',
      [absenceId],
    );
    if (found === undefined) {
      return undefined;
    }
    await holdClock(tx, found.dataset_id);
    const before = await readAbsence(tx, absenceId);
    if (before.withdrawn_at !== null) {
      return { absence: before, isNew: false };
    }
    await tx.run(
      `insert into jao.absence_withdrawal (absence_id, known_from, reason, withdrawn_by) values ($1, $2, $3, $4)`,
      [absenceId, await takeStamp(tx, found.dataset_id), reason, by],
    );
    return { absence: await readAbsence(tx, absenceId), isNew: true };
  });
}

/** In a statement of its own: what follows must see what the clock's last holder committed. */
async function holdClock(tx: PostgresTransaction, datasetId: number): Promise<void> {
  await tx.run('update jao.clock set last = last where dataset_id = $1', [datasetId]);
}

async function takeStamp(tx: PostgresTransaction, datasetId: number): Promise<Date> {
  const { last } = await tx.row(
    z.object({ last: z.date() }),
    `update jao.clock
     set last = greatest(date_trunc('milliseconds', clock_timestamp()), last + interval '1 millisecond')
     where dataset_id = $1 returning last`,
    [datasetId],
  );
  return last;
}

async function readAbsence(tx: PostgresTransaction, absenceId: number): Promise<AbsenceSqlRow> {
  return tx.row(absenceSqlRow, `select ${absenceColumns} from jao.absence where absence_id = $1`, [
    absenceId,
  ]);
}
