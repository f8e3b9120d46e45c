import { outlierWeeksSql } from '../outliers/outlier-weeks.ts';

/**
 * What a column holds, as far as CSV is concerned: `text` may look like a formula to a spreadsheet,
 * `timestamp` is UTC without a zone, `instant` has one.
 */
type ColumnKind = 'plain' | 'text' | 'timestamp' | 'instant';

/** A relation that can be exported: where it comes from, what of it, in which order. */
export interface ExportedRelation {
  /** A table, or a query in brackets, that has the columns under these names. */
  readonly source: string;
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** Absent: the order of the table. */
  readonly order?: string;
}

/** The names of what can be exported. */
export const exportedNames = [
  'votes',
  'outlier_weeks',
  'vote_types',
  'quarantine',
  'conflicts',
  'runs',
  'files',
] as const;

/** A member of {@link exportedNames}. */
export type ExportedName = (typeof exportedNames)[number];

/** The relations by their names; a place in a file is given by the file's path. */
export const exportedRelations: Readonly<Record<ExportedName, ExportedRelation>> = {
  votes: {
    source: 'blog_analysis.votes',
    columns: {
      Id: 'plain',
      PostId: 'plain',
      VoteTypeId: 'plain',
      UserId: 'plain',
      CreationDate: 'timestamp',
      BountyAmount: 'plain',
      FileId: 'plain',
    },
  },
  outlier_weeks: {
    source: `(${outlierWeeksSql})`,
    columns: { Year: 'plain', WeekNumber: 'plain', VoteCount: 'plain' },
    order: 'Year, WeekNumber',
  },
  vote_types: {
    source: 'blog_analysis.vote_types',
    columns: { VoteTypeId: 'plain', Name: 'text' },
    order: 'VoteTypeId',
  },
  quarantine: {
    source: `(select q.*, f.path as file
                from ops.quarantine as q left join ops.file as f using (file_id))`,
    columns: {
      id: 'plain',
      run_id: 'plain',
      file: 'text',
      line: 'plain',
      reason: 'text',
      message: 'text',
      raw: 'text',
      raw_base64: 'text',
      raw_bytes: 'plain',
      raw_sha256: 'text',
      contract_version: 'text',
      check_id: 'text',
      created_at: 'instant',
      state: 'text',
      decided_at: 'instant',
      decided_by: 'text',
      decision_reason: 'text',
      decision_run_id: 'plain',
    },
    order: 'id',
  },
  conflicts: {
    source: `(select c.*, w.path as winner_file, l.path as loser_file
                from ops.conflict as c
                left join ops.file as w on w.file_id = c.winner_file_id
                left join ops.file as l on l.file_id = c.loser_file_id)`,
    columns: {
      run_id: 'plain',
      found_at: 'instant',
      policy: 'text',
      key: 'plain',
      winner_file: 'text',
      winner_line: 'plain',
      winner: 'text',
      loser_file: 'text',
      loser_line: 'plain',
      loser: 'text',
    },
    order: 'found_at, key, loser_file, loser_line',
  },
  runs: {
    source: 'ops.run',
    columns: {
      run_id: 'plain',
      dataset: 'text',
      command: 'text',
      app_version: 'text',
      contract_version: 'text',
      process_id: 'plain',
      host: 'text',
      started_at: 'instant',
      ended_at: 'instant',
      outcome: 'text',
      error: 'text',
    },
    order: 'started_at, run_id',
  },
  files: {
    source: 'ops.file',
    columns: {
      file_id: 'plain',
      run_id: 'plain',
      path: 'text',
      sha256: 'text',
      bytes: 'plain',
      outcome: 'text',
      on_conflict: 'text',
      recorded_at: 'instant',
      read: 'plain',
      accepted: 'plain',
      duplicate: 'plain',
      conflicting: 'plain',
      quarantined: 'plain',
      refused: 'plain',
      unloaded_rows: 'plain',
      error: 'text',
    },
    order: 'file_id',
  },
};

/** The query that gives a relation with its types, for Parquet. */
export function typedSql({ source, columns, order }: ExportedRelation): string {
  return `select ${Object.keys(columns).join(', ')} from ${source}${orderBy(order)}`;
}

/**
 * The query that gives a relation for CSV: instants as ISO 8601 text in UTC, and a leading `'`
 * before text that a spreadsheet would take for a formula.
 */
export function csvSql({ source, columns, order }: ExportedRelation): string {
  const cells = Object.entries(columns).map(([name, kind]) => `${csvCell(name, kind)} as ${name}`);
  // Ordered inside, where the columns still have their types.
  return `select ${cells.join(', ')} from (from ${source}${orderBy(order)}) as ordered`;
}

function orderBy(order: string | undefined): string {
  return order === undefined ? '' : ` order by ${order}`;
}

function csvCell(name: string, kind: ColumnKind): string {
  switch (kind) {
    case 'plain':
      return `ordered.${name}`;
    case 'text':
      return `regexp_replace(ordered.${name}::varchar, '^([=+\\-@\\t\\r＝＋－＠])', '''\\1')`;
    case 'timestamp':
      return `strftime(ordered.${name}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
    case 'instant':
      return `strftime(ordered.${name} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`;
  }
}
