import type { CheckResult } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** How many offenders a message names. */
const namedOffenders = 5;

interface LedgerCheck {
  readonly id: string;
  /** What must not be. */
  readonly offence: string;
  /** Gives one row per offender, with its name and figures in `offender`. */
  readonly sql: string;
}

/** What the warehouse has of each file, counted in the tables themselves. */
const countByFileSql = `
  create or replace temp table counted as
  select file.*,
         coalesce(held.n, 0) as held, coalesce(lines.n, 0) as lines, coalesce(lost.n, 0) as lost,
         coalesce(taken.n, 0) as taken, coalesce(entry.n, 0) as entries,
         coalesce(conflict.n, 0) as conflicts
    from ops.file as file
    left join (select FileId as file_id, count(*) as n from blog_analysis.votes group by all)
           as held using (file_id)
    left join (select file_id, sum(line_count) as n from ops.accepted_lines group by all)
           as lines using (file_id)
    -- Lines that became rows and lost them to a conflict; a loser that never was a row is in none
    -- of the segments.
    left join (select loser_file_id as file_id, count(*) as n
                 from ops.conflict
                 asof join ops.accepted_lines as segment
                   on segment.file_id = conflict.loser_file_id
                  and segment.first_line <= conflict.loser_line
                where conflict.loser_line < segment.first_line + segment.line_count group by all)
           as lost using (file_id)
    -- Under last a conflict moves the row from the file of the one record to the other's.
    left join (select file_id, sum(n) as n
                 from (select winner_file_id as file_id, 1 as n from ops.conflict
                        where policy = 'last'
                       union all
                       select loser_file_id, -1 from ops.conflict where policy = 'last')
                group by all)
           as taken using (file_id)
    left join (select file_id, count(*) as n from ops.quarantine
                where state not in ('replayed', 'released') group by all)
           as entry using (file_id)
    -- The record that came later is the one that was counted as conflicting.
    left join (select if(policy = 'last', winner_file_id, loser_file_id) as file_id, count(*) as n
                 from ops.conflict group by all)
           as conflict using (file_id)`;

const ledgerChecks: readonly LedgerCheck[] = [
  {
    id: 'runs.ended',
    offence: 'runs that died without saying so, which the next ingest marks as abandoned',
    sql: `select format('{} ({})', run_id, command) as offender
            from ops.run where outcome = 'running' order by started_at`,
  },
  {
    id: 'ledger.complete',
    offence: 'records of the ledger whose run or file is not in it exactly once',
    sql: `with record as (
            select run_id, file_id, format('file {}', file_id) as offender from ops.file
            union all
            select run_id, file_id, format('quarantine entry {}', id) from ops.quarantine
            union all
            select run_id, winner_file_id, format('winner of Id {}', key) from ops.conflict
            union all
            select run_id, loser_file_id, format('loser of Id {}', key) from ops.conflict
            union all
            select run_id, file_id, format('drift {}', value) from ops.drift
          )
          select offender from record
            left join (select run_id, count(*) as runs from ops.run group by all) using (run_id)
            left join (select file_id, count(*) as files from ops.file group by all) using (file_id)
           where runs is distinct from 1 or files is distinct from 1`,
  },
  {
    id: 'files.known_once',
    offence: 'contents that were ingested twice',
    sql: `select string_agg(path, ', ' order by file_id) as offender
            from ops.file where outcome = 'ingested' and forgotten_run_id is null
           group by sha256 having count(*) > 1`,
  },
  {
    id: 'votes.files',
    offence: 'FileIds with rows that the ledger does not have as ingested',
    sql: `select format('{} ({} rows)', held.FileId, rows) as offender
            from (select FileId, count(*) as rows from blog_analysis.votes group by all) as held
            left join ops.file on file_id = held.FileId
           where outcome is distinct from 'ingested' order by held.FileId`,
  },
  {
    id: 'files.lines',
    offence: 'files whose rows are not their accepted lines less those lost to conflicts',
    sql: `select format('{}: {} rows, {} lines, {} of them lost', path, held, lines, lost) as offender
            from temp.counted where held <> lines - lost order by file_id`,
  },
  {
    id: 'files.accepted',
    offence: 'files whose rows are not those the ledger counts',
    sql: `select format('{}: {} rows, {} accepted, {} won in conflicts, {} unloaded',
                        path, held, accepted, taken, unloaded_rows) as offender
            from temp.counted
           where held <> accepted + taken - unloaded_rows order by file_id`,
  },
  {
    id: 'files.conflicting',
    offence: 'files whose conflicts are not those the ledger counts',
    sql: `select format('{}: {} conflicts on record, {} counted', path, conflicts, conflicting)
                   as offender
            from temp.counted where conflicts <> conflicting order by file_id`,
  },
  {
    id: 'files.quarantined',
    offence:
      'files whose quarantine entries, less those that became data, are not those the ledger counts',
    sql: `select format('{}: {} entries, {} counted', path, entries, quarantined) as offender
            from temp.counted where entries <> quarantined order by file_id`,
  },
];

/** Compares the ledger's figures with the tables they speak of, run by run and file by file. */
export async function checkLedger(warehouse: DuckDbWarehouse): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  await warehouse.run(countByFileSql);
  for (const { id, offence, sql } of ledgerChecks) {
    const { count, named } = await warehouse.row(
      z.object({ count: z.int(), named: z.string().nullable() }),
      `select count(*) as count, string_agg(offender, ', ') filter (n <= ${namedOffenders}) as named
         from (select offender, row_number() over () as n from (${sql}))`,
    );
    const more = count > namedOffenders ? ', …' : '';
    results.push({
      id,
      outcome: count === 0 ? 'passed' : 'failed',
      message: `${count} ${offence}${named === null ? '' : `: ${named}${more}`}`,
    });
  }
  return results;
}
