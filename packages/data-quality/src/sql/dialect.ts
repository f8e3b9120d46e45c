import type { ColumnType, RelationName } from '@sluice/schemas/expectations';
import { quoteIdentifier } from '@sluice/warehouse/sql-text';

import { anyOf, join, parameter, relationSql, sql, verbatim } from './sql.ts';
import type { Sql } from './sql.ts';

/** The engines that expectations compile for. */
export const dialectNames = ['duckdb', 'postgres'] as const;

/** A member of {@link dialectNames}. */
export type DialectName = (typeof dialectNames)[number];

/** Where the engines' SQL differs, and nothing else. */
export interface Dialect {
  readonly name: DialectName;
  /** An integer type in which sums and products of columns do not overflow. */
  readonly wideInteger: string;
  /**
   * Whether failing rows are counted each by a statement of its own. DuckDB skips most of a table for a
   * `where`, reads only its columns, and none of that for a filtered count among others; Postgres reads
   * all rows whole, and so reads them once.
   */
  readonly countsApart: boolean;
  /** How many rows meet a condition, as a figure; such as meet it with null do not. */
  readonly countWhere: (condition: Sql) => Sql;
  /** `value in (…)` of one value at least: null for null. */
  readonly isOneOf: (value: Sql, options: readonly Sql[]) => Sql;
  /** The whole part of a quotient of wide integers. */
  readonly divide: (dividend: Sql, divisor: Sql) => Sql;
  /** Whether the whole of a text matches a pattern of the shared subset. */
  readonly matches: (text: Sql, pattern: string) => Sql;
  /** The type of a member of what is a JSON object for sure, as {@link JsonType}; null where it has none. */
  readonly jsonTypeOf: (text: Sql, member: string) => Sql;
  /** Whether no name stands twice in what is a JSON object for sure. */
  readonly jsonNamesDiffer: (text: Sql) => Sql;
  /** Microseconds since 1970 of a timestamp without a zone. */
  readonly microsOf: (timestamp: Sql) => Sql;
  /** A row of a relation, known as `t`, as one value: also where a column has the name `t`. */
  readonly packRow: (relation: RelationName) => Sql;
  /** The columns of a row that is one value, in a list of columns. */
  readonly unpackRow: (row: Sql) => Sql;
  /** One row with an `item` for each line of a text. */
  readonly splitLines: (text: Sql) => Sql;
  /** Rows of name and type, in the order of the columns; none where there is no such relation. */
  readonly columnsOf: (relation: RelationName) => Sql;
  /** The types that hold what a declared type says, as the catalogue writes them. */
  readonly typeNames: Readonly<Record<ColumnType, RegExp>>;
}

/** Up to so many values DuckDB compares one by one faster than it looks them up. */
const maxComparisons = 32;

const duckDb: Dialect = {
  name: 'duckdb',
  countsApart: true,
  wideInteger: 'hugeint',
  // It costs two thirds of a filtered count, and is null where no condition is true or false.
  countWhere: (condition) => sql`coalesce(count_if(${condition}), 0)`,
  isOneOf: (value, options) =>
    options.length > maxComparisons
      ? sql`${value} in (${join(options, ', ')})`
      : sql`(${anyOf(options.map((option) => sql`${value} = ${option}`))})`,
  divide: (dividend, divisor) => sql`${dividend} // ${divisor}`,
  // `~` is a match of the whole text here, and of a part in Postgres.
  matches: (text, pattern) => sql`regexp_full_match(${text}, ${parameter(pattern, 'text')})`,
  jsonTypeOf: (text, member) => {
    const pointer = parameter(`/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`, 'text');
    // Numbers have many types here.
    return sql`(case json_type(${text}, ${pointer}) when 'OBJECT' then 'object' when 'ARRAY' then 'array'
      when 'VARCHAR' then 'string' when 'BOOLEAN' then 'boolean' when 'NULL' then 'null'
      else case when json_exists(${text}, ${pointer}) then 'number' end end)`;
  },
  jsonNamesDiffer: (text) => sql`len(list_distinct(json_keys(${text}))) = len(json_keys(${text}))`,
  microsOf: (timestamp) => sql`epoch_us(${timestamp})`,
  packRow: () => sql`struct_pack(*columns(t.*))`,
  unpackRow: (row) => sql`unnest(${row})`,
  splitLines: (text) => sql`select unnest(string_split(${text}, chr(10))) as item`,
  columnsOf: ({ schema, table }) => sql`
    select column_name as name, data_type as type from duckdb_columns()
     where database_name = current_database() and schema_name = ${parameter(schema, 'text')}
       and table_name = ${parameter(table, 'text')} order by column_index`,
  typeNames: {
    integer: /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/,
    double: /^(?:DOUBLE|FLOAT)$/,
    text: /^(?:VARCHAR|UUID|ENUM\(.*\))$/s,
    boolean: /^BOOLEAN$/,
    date: /^DATE$/,
    timestamp: /^TIMESTAMP(?:_S|_MS)?$/,
    instant: /^TIMESTAMP WITH TIME ZONE$/,
  },
};

const postgres: Dialect = {
  name: 'postgres',
  countsApart: false,
  wideInteger: 'numeric',
  countWhere: (condition) => sql`count(*) filter (where ${condition})`,
  isOneOf: (value, options) => sql`${value} in (${join(options, ', ')})`,
  divide: (dividend, divisor) => sql`div(${dividend}, ${divisor})`,
  matches: (text, pattern) => sql`${text} ~ ${parameter(`^(?:${pattern})$`, 'text')}`,
  jsonTypeOf: (text, member) => sql`json_typeof(${text}::json -> ${parameter(member, 'text')})`,
  jsonNamesDiffer: (text) => sql`(select count(*) = count(distinct name collate ${verbatim('"C"')})
    from json_object_keys(${text}::json) as names (name))`,
  microsOf: (timestamp) => sql`(extract(epoch from ${timestamp}) * 1000000)::bigint`,
  packRow: (relation) => sql`(t.*)::${relationSql(relation)}`,
  unpackRow: (row) => sql`(${row}).*`,
  splitLines: (text) => sql`select unnest(string_to_array(${text}, chr(10))) as item`,
  columnsOf: ({ schema, table }) => sql`
    select a.attname::text as name, pg_catalog.format_type(a.atttypid, null) as type
      from pg_catalog.pg_attribute a
     where a.attrelid = to_regclass(${parameter(`${quoteIdentifier(schema)}.${quoteIdentifier(table)}`, 'text')})
       and a.attnum > 0 and not a.attisdropped order by a.attnum`,
  typeNames: {
    integer: /^(?:smallint|integer|bigint)$/,
    double: /^(?:double precision|real)$/,
    text: /^(?:text|character varying|"char"|name|uuid)$/,
    boolean: /^boolean$/,
    date: /^date$/,
    timestamp: /^timestamp without time zone$/,
    instant: /^timestamp with time zone$/,
  },
};

/** The dialect of an engine. */
export const dialects: Readonly<Record<DialectName, Dialect>> = { duckdb: duckDb, postgres };

/** What a value of a type is cast to; both engines know these names. */
export const castNames: Readonly<Record<ColumnType, string>> = {
  integer: 'bigint',
  double: 'float8',
  text: 'text',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  instant: 'timestamptz',
};

/** A text that is compared by its bytes, whatever collation its column or database has. */
export function bytewise(text: Sql): Sql {
  return sql`(${text}::text collate ${verbatim('"C"')})`;
}
