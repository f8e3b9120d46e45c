import type { ExpectedFile, FileState } from '@sluice/schemas';
import type { ArrivalPeriod, FileCalendar } from '@sluice/schemas/arrivals';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** The days of expected files that are asked for, both included. */
export interface DayRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const instantSchema = z.date().transform((instant) => instant.getTime());

const arrivalSchema = z.object({
  path: z.string(),
  presentSince: instantSchema.nullable(),
  lastOutcome: z.string(),
  lastError: z.string().nullable(),
  lastAt: instantSchema,
});

/** What the ledger has of a path. */
type Arrival = z.infer<typeof arrivalSchema>;

/**
 * A file counts as there as long as its content is: `unload` takes it out again. As of a past time, what
 * was recorded later is left out, and what was unloaded later is still there.
 */
const arrivalsSql = `
  with entry as (
    select file_id, path, sha256, recorded_at, error,
           if(outcome = 'unloaded' and coalesce(ended_at, started_at) > $1::timestamptz, 'ingested', outcome) as outcome
      from ops.file
      left join (select run_id, started_at, ended_at from ops.run) as unloading
        on unloading.run_id = file.unloaded_run_id
     where $1::timestamptz is null or recorded_at <= $1::timestamptz
  ),
  known as (select distinct sha256 from entry where outcome = 'ingested')
  select path,
         min(recorded_at) filter (
           outcome = 'ingested' or (outcome = 'already_ingested' and sha256 in (from known))
         ) as presentSince,
         arg_max(outcome, file_id) as lastOutcome,
         arg_max(coalesce(error, ''), file_id) as lastError,
         max(recorded_at) as lastAt
    from entry group by path order by path`;

/** Of when, and of which days, files are asked for. */
export interface FileStatesOptions {
  /** What is due is told by it, and unless `asOf` is given all that is on record is known. */
  readonly now: Date;
  /** A past time: what is due is told by it, and only what was known then is. @default now */
  readonly asOf?: Date | undefined;
  readonly range?: DayRange;
}

/**
 * All files that a plan expects, those of a range of days, each with its state.
 *
 * That nobody provided one is known only where somebody looked: a run that searched a folder or a
 * pattern after the file was due, and found other files of the plan there.
 */
export async function readFileStates(
  warehouse: DuckDbWarehouse,
  calendar: FileCalendar,
  { now, asOf, range = {} }: FileStatesOptions,
): Promise<ExpectedFile[]> {
  const nowMs = (asOf ?? now).getTime();
  const byPeriod = new Map<string, Arrival[]>();
  for (const arrival of await warehouse.rows(arrivalSchema, arrivalsSql, [
    asOf?.toISOString() ?? null,
  ])) {
    const firstDay = calendar.periodOf(arrival.path)?.firstDay;
    if (firstDay !== undefined) {
      byPeriod.set(firstDay, [...(byPeriod.get(firstDay) ?? []), arrival]);
    }
  }
  const searchedMs = await readLastSearch(warehouse, calendar, asOf);
  const { from = '', to = '9999-12-31' } = range;
  return [...calendar.periods(nowMs)]
    .filter(({ firstDay, lastDay }) => lastDay >= from && firstDay <= to)
    .map((period) =>
      describeFile(period, byPeriod.get(period.firstDay) ?? [], { nowMs, searchedMs }),
    );
}

/** Whether a file is due, not there, and still waited for. */
export function isMissing({ state, isGivenUp }: ExpectedFile): boolean {
  const isThere = state === 'present' || state === 'not_expected' || state === 'not_due';
  return !isThere && !isGivenUp;
}

async function readLastSearch(
  warehouse: DuckDbWarehouse,
  calendar: FileCalendar,
  asOf: Date | undefined,
): Promise<number | undefined> {
  const searches = await warehouse.rows(
    z.object({ runId: z.string(), searchedAt: instantSchema }),
    `select run_id::varchar as runId, max(searched_at) as searchedAt from ops.search
      where kind in ('folder', 'pattern')
        and ($1::timestamptz is null or searched_at <= $1::timestamptz)
      group by run_id order by searchedAt desc`,
    [asOf?.toISOString() ?? null],
  );
  for (const { runId, searchedAt } of searches) {
    const found = await warehouse.rows(
      z.object({ path: z.string() }),
      'select path from ops.file where run_id = $1::uuid',
      [runId],
    );
    if (found.some(({ path }) => calendar.periodOf(path) !== undefined)) {
      return searchedAt;
    }
  }
  return undefined;
}

function describeFile(
  period: ArrivalPeriod,
  arrivals: readonly Arrival[],
  times: { readonly nowMs: number; readonly searchedMs: number | undefined },
): ExpectedFile {
  const { state, sinceMs, reason } = judgeFile(period, arrivals, times);
  const isThere = state === 'present' || state === 'not_expected';
  return {
    name: period.name,
    firstDay: period.firstDay,
    lastDay: period.lastDay,
    state,
    dueAt: new Date(period.dueMs).toISOString(),
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    reason,
    isGivenUp: !isThere && times.nowMs >= period.givenUpMs,
  };
}

interface Judgement {
  readonly state: FileState;
  readonly sinceMs: number | null;
  readonly reason: string;
}

function judgeFile(
  { isExcepted, dueMs, missingMs }: ArrivalPeriod,
  arrivals: readonly Arrival[],
  { nowMs, searchedMs }: { readonly nowMs: number; readonly searchedMs: number | undefined },
): Judgement {
  const present = arrivals.find(({ presentSince }) => presentSince !== null);
  if (present !== undefined) {
    return { state: 'present', sinceMs: present.presentSince, reason: `it is ${present.path}` };
  }
  if (isExcepted) {
    return { state: 'not_expected', sinceMs: null, reason: 'the plan excepts it' };
  }
  const last = arrivals.toSorted((a, b) => a.lastAt - b.lastAt).at(-1);
  if (last?.lastOutcome === 'refused') {
    const reason = `${last.path} was refused: ${last.lastError ?? ''}`;
    return { state: 'quarantined', sinceMs: last.lastAt, reason };
  }
  const unloaded = last === undefined ? '' : `; ${last.path} was unloaded`;
  if (nowMs < dueMs) {
    return { state: 'not_due', sinceMs: null, reason: `it is not due yet${unloaded}` };
  }
  if (nowMs < missingMs) {
    return { state: 'late', sinceMs: dueMs, reason: `it is due, and within its grace${unloaded}` };
  }
  const wasSearched = last === undefined && searchedMs !== undefined && searchedMs >= dueMs;
  return wasSearched
    ? {
        state: 'not_provided',
        sinceMs: missingMs,
        reason: `it was not there on ${new Date(searchedMs).toISOString()}`,
      }
    : {
        state: 'not_collected',
        sinceMs: missingMs,
        reason: `nobody has looked since it was due${unloaded}`,
      };
}
