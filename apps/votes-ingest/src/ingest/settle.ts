import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** Which of two records with one Id and different content stays. */
export const conflictPolicies = ['last', 'first', 'fail'] as const;

/** A member of {@link conflictPolicies}. */
export type ConflictPolicy = (typeof conflictPolicies)[number];

/** What became of the records whose Id might have existed already. */
export interface Settlement {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflicting: number;
}

/** Two records of one Id that differ, where conflicts refuse a file. */
export class ConflictRefusal extends Error {
  override readonly name = 'ConflictRefusal';
}

/** Of what, and how, records are settled. */
export interface SettleOptions {
  readonly runId: string;
  readonly fileId: number;
  readonly policy: ConflictPolicy;
  readonly suspects: number;
  /** The relation that they are in. @default 'spool.suspect' */
  readonly source?: 'spool.suspect' | 'temp.placed_suspect' | undefined;
  /** How many are settled at once, about; bounds the memory. @default 1,000,000 */
  readonly suspectsPerPass?: number | undefined;
}

/** What the windows over so many suspects need stays well below 1 GB. */
const defaultSuspectsPerPass = 1_000_000;

const settlementSchema = z.object({
  accepted: z.int(),
  duplicate: z.int(),
  conflicting: z.int(),
});

/**
 * Settles, inside the file's transaction, the spooled records whose Id may exist already: each is
 * compared, in the order of the lines, with whoever holds its Id at that moment. New ones become
 * rows, equal ones are counted, different ones are settled by the policy and put on record in
 * `ops.conflict` with both places.
 *
 * @throws {ConflictRefusal} under policy `fail`, at the first conflict.
 */
export async function settleSuspects(
  warehouse: DuckDbWarehouse,
  options: SettleOptions,
): Promise<Settlement> {
  const { suspects, suspectsPerPass = defaultSuspectsPerPass } = options;
  const passes = Math.ceil(suspects / suspectsPerPass);
  const settlement = { accepted: 0, duplicate: 0, conflicting: 0 };
  for (let pass = 0; pass < passes; pass++) {
    await warehouse.run(compareSql(options, passes), [
      options.fileId,
      ...(passes === 1 ? [] : [BigInt(passes), BigInt(pass)]),
    ]);
    const counts = await warehouse.row(
      settlementSchema,
      `select count(*) filter (kind = 'accepted') as accepted,
              count(*) filter (kind = 'duplicate') as duplicate,
              count(*) filter (kind = 'conflicting') as conflicting
         from temp.compared`,
    );
    if (counts.conflicting > 0) {
      if (options.policy === 'fail') {
        await refuse(warehouse);
      }
      await warehouse.run(holderLineSql);
      await warehouse.run(recordConflictsSql, [options.runId, options.policy]);
    }
    await warehouse.run(recordOverlapSql, [options.fileId]);
    await warehouse.run(removeReplacedSql);
    await warehouse.run(insertAcceptedSql, [options.fileId]);
    await warehouse.run(noteAcceptedLinesSql, [options.fileId]);
    settlement.accepted += counts.accepted;
    settlement.duplicate += counts.duplicate;
    settlement.conflicting += counts.conflicting;
  }
  await warehouse.run('drop table if exists temp.compared; drop table if exists temp.holder_line');
  return settlement;
}

const columns = ['PostId', 'VoteTypeId', 'UserId', 'CreationDate', 'BountyAmount'] as const;
const columnList = `Id, ${columns.join(', ')}`;

/**
 * One row per suspect and per stored row that shares an Id with one (`row_id` is set, `line` is 0),
 * with what it is and who held its Id before it:
 * - under `last` the holder is the newest record that changed anything: comparing with the record
 *   before is comparing with the holder, since a duplicate has its holder's content;
 * - under `first` (and `fail`) the holder is the first record.
 * `stays` marks the record that holds the Id at the end.
 */
function compareSql(
  { policy, source = 'spool.suspect' }: Pick<SettleOptions, 'policy' | 'source'>,
  passes: number,
): string {
  const suspects =
    passes === 1
      ? `select * from ${source}`
      : `select * from ${source} where hash(Id) % $2::ubigint = $3::ubigint`;
  const held =
    policy === 'last'
      ? (column: string) => `lag(${column}) over by_line`
      : (column: string) => `first_value(${column}) over by_line`;
  const differs = columns
    .map((column) => `${column} is distinct from ${held(column)}`)
    .join(' or ');
  const takes = policy === 'last' ? '(is_first or differs)' : 'is_first';
  return `
    create or replace temp table compared as
    with suspect as (${suspects}),
    record as (
      select ${columnList}, FileId, rowid as row_id, 0::bigint as line
        from blog_analysis.votes where Id in (select Id from suspect)
      union all
      select ${columnList}, $1::integer, null, line from suspect
    ),
    with_difference as (
      select *, row_number() over by_line = 1 as is_first, ${differs} as differs
        from record window by_line as (partition by Id order by line)
    ),
    with_holder as (
      select *,
             last_value(case when ${takes} then
                 {'FileId': FileId, 'row_id': row_id, 'line': line, 'PostId': PostId,
                  'VoteTypeId': VoteTypeId, 'UserId': UserId, 'CreationDate': CreationDate,
                  'BountyAmount': BountyAmount} end ignore nulls)
               over (partition by Id order by line
                     rows between unbounded preceding and 1 preceding) as holder,
             line = max(case when ${takes} then line end) over (partition by Id) as stays
        from with_difference
    )
    select * exclude (is_first, differs),
           case when row_id is not null then 'held'
                when is_first then 'accepted'
                when differs then 'conflicting'
                else 'duplicate' end as kind
      from with_holder`;
}

async function refuse(warehouse: DuckDbWarehouse): Promise<never> {
  await warehouse.run(holderLineSql);
  const conflict = await warehouse.row(
    z.object({
      id: z.union([z.int(), z.bigint()]),
      line: z.int(),
      holder_line: z.int().nullable(),
      holder_path: z.string().nullable(),
    }),
    `select Id as id, compared.line, coalesce(holder_line.line, nullif(holder.line, 0)) as holder_line,
            path as holder_path
       from temp.compared
       left join temp.holder_line on holder_line.row_id = holder.row_id
       left join ops.file on file_id = holder.FileId
      where kind = 'conflicting' order by compared.line limit 1`,
  );
  const holder = conflict.holder_path === null ? 'the same file' : conflict.holder_path;
  throw new ConflictRefusal(
    `line ${conflict.line}: Id ${String(conflict.id)} has other content than in ${holder}` +
      (conflict.holder_line === null ? '' : `, line ${conflict.holder_line}`) +
      '; conflicts refuse a file under --on-conflict fail',
  );
}

/**
 * The line (`line`) of each of some stored rows (`file_id`, `row_id`). Rows do not carry their line; a file's rows
 * lie in the order in which they were written, `ops.accepted_lines` lists the lines in that order,
 * and `ops.conflict` says which of them have lost their row since. So the n-th row that is left
 * comes from the n-th line that is left.
 */
export function linesOfRowsSql(wanted: string): string {
  return `
  with wanted as (${wanted}),
  ranked as (
    select FileId as file_id, rowid as row_id,
           row_number() over (partition by FileId order by rowid) as n
      from blog_analysis.votes where FileId in (select file_id from wanted)
  ),
  segment as (
    select file_id, first_line, line_count,
           sum(line_count) over (partition by file_id order by sequence) - line_count as before
      from ops.accepted_lines where file_id in (select file_id from wanted)
  ),
  lost as (
    select conflict.loser_file_id as file_id,
           segment.before + conflict.loser_line - segment.first_line + 1 as position
      from ops.conflict
      asof join segment on segment.file_id = conflict.loser_file_id
                       and segment.first_line <= conflict.loser_line
     where conflict.loser_line < segment.first_line + segment.line_count
  ),
  shift as (
    select file_id, kept_before, max(lost_before) as lost_before
      from (select file_id,
                   row_number() over (partition by file_id order by position) as lost_before,
                   position - lost_before as kept_before
              from lost)
     group by file_id, kept_before
  ),
  placed as (
    select wanted.file_id, wanted.row_id, ranked.n + coalesce(shift.lost_before, 0) as position
      from wanted
      join ranked using (file_id, row_id)
      asof left join shift on shift.file_id = ranked.file_id and shift.kept_before < ranked.n
  )
  select placed.row_id, segment.first_line + placed.position - segment.before - 1 as line
    from placed
    asof join segment on segment.file_id = placed.file_id and segment.before < placed.position`;
}

const holderLineSql = `
  create or replace temp table holder_line as ${linesOfRowsSql(`
    select distinct holder.FileId as file_id, holder.row_id as row_id
      from temp.compared where kind = 'conflicting' and holder.row_id is not null`)}`;

const asJson = (prefix: string): string =>
  `to_json({'Id': Id, ${columns.map((name) => `'${name}': ${prefix}${name}`).join(', ')}})`;

const recordConflictsSql = `
  insert into ops.conflict
    (run_id, found_at, policy, key, winner_file_id, winner_line, winner,
     loser_file_id, loser_line, loser)
  with conflict as (
    select compared.* exclude (line), compared.line as line,
           coalesce(holder_line.line, nullif(holder.line, 0)) as holder_line,
           ${asJson('')} as content, ${asJson('holder.')} as holder_content
      from temp.compared
      left join temp.holder_line on holder_line.row_id = holder.row_id
     where kind = 'conflicting'
  )
  select $1::uuid, now(), $2, Id,
         if($2 = 'last', FileId, holder.FileId), if($2 = 'last', line, holder_line),
         if($2 = 'last', content, holder_content),
         if($2 = 'last', holder.FileId, FileId), if($2 = 'last', holder_line, line),
         if($2 = 'last', holder_content, content)
    from conflict order by line`;

const recordOverlapSql = `
  insert into ops.overlap
  select $1::integer, holder.FileId,
         count(*) filter (kind = 'duplicate'), count(*) filter (kind = 'conflicting')
    from temp.compared
   where kind in ('duplicate', 'conflicting') and holder.FileId <> $1::integer
   group by holder.FileId`;

const removeReplacedSql = `
  delete from blog_analysis.votes
   where rowid in (select row_id from temp.compared where row_id is not null and not stays)`;

const insertAcceptedSql = `
  insert into blog_analysis.votes
  select ${columnList}, $1::integer from temp.compared
   where stays and row_id is null order by line`;

/** Runs of consecutive lines: within one, line less rank is the same. */
const noteAcceptedLinesSql = `
  insert into ops.accepted_lines
  with numbered as (
    select line, line - row_number() over (order by line) as run
      from temp.compared where stays and row_id is null
  )
  select $1::integer,
         (select coalesce(max(sequence) + 1, 0) from ops.accepted_lines where file_id = $1::integer)
           + row_number() over (order by min(line)) - 1,
         min(line), count(*)
    from numbered group by run`;
