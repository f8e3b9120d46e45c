import type {
  AnyValue,
  ArrivalCalendar,
  ColumnType,
  Condition,
  RelationName,
  TableShape,
} from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { bytewise, castNames } from '../sql/dialect.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier, join, parameter, relationSql, sql, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import { valueSql } from '../sql/value-sql.ts';
import { compileCondition } from './compile-condition.ts';

/** What an earlier run found. */
export interface HistoryPoint {
  readonly at: Date;
  readonly value: number;
}

/** What a check is compiled for. */
export interface CheckContextParts {
  readonly dialect: Dialect;
  readonly relation: RelationName;
  readonly shape: TableShape;
  /** The columns that the relation has, where that is known. */
  readonly presentColumns?: ReadonlySet<string> | undefined;
  /** Only rows for which it holds are there, as far as the check can see. */
  readonly scope?: Condition | undefined;
  readonly now: Date;
  /** The time that what is measured belongs to in history. @default now */
  readonly at?: Date | undefined;
  readonly calendar?: ArrivalCalendar | undefined;
  /** Of the check that is compiled, newest first. */
  readonly history?: readonly HistoryPoint[] | undefined;
}

/** A relation, known as `t` in all SQL, with its columns. */
export class CheckContext {
  readonly dialect: Dialect;
  readonly shape: TableShape;
  readonly relation: RelationName;
  readonly now: Date;
  readonly at: Date;
  readonly calendar: ArrivalCalendar | undefined;
  readonly history: readonly HistoryPoint[];
  readonly #presentColumns: ReadonlySet<string> | undefined;
  readonly #scope: Condition | undefined;

  constructor(parts: CheckContextParts) {
    this.dialect = parts.dialect;
    this.shape = parts.shape;
    this.relation = parts.relation;
    this.now = parts.now;
    this.at = parts.at ?? parts.now;
    this.calendar = parts.calendar;
    this.history = parts.history ?? [];
    this.#presentColumns = parts.presentColumns;
    this.#scope = parts.scope;
  }

  /**
   * `from schema.table as t`, or those of its rows that are within the scope: all that reads the
   * relation begins with it.
   *
   * @throws {QualityError} where the scope is about a column that is not there.
   */
  get from(): Sql {
    const rows = sql` from ${relationSql(this.relation)} as t`;
    return this.#scope === undefined
      ? rows
      : sql` from (select t.*${rows}${where(compileCondition(this, this.#scope))}) as t`;
  }

  /** @throws {QualityError} `DECLARATION` or `COLUMN` where there is no such column. */
  typeOf(column: string): ColumnType {
    const type = this.shape.columns[column];
    if (type === undefined) {
      throw new QualityError('DECLARATION', `no column ${JSON.stringify(column)} is declared`);
    }
    if (this.#presentColumns?.has(column) === false) {
      const { schema, table } = this.relation;
      throw new QualityError(
        'COLUMN',
        `${schema}.${table} has no column ${JSON.stringify(column)}`,
      );
    }
    return type;
  }

  /** A column, such that the engines compare it alike. */
  column(name: string, alias = 't'): Sql {
    const column = sql`${identifier(alias)}.${identifier(name)}`;
    return this.typeOf(name) === 'text' ? bytewise(column) : column;
  }

  /** A column as it is, for functions that do not compare, and for null. */
  plainColumn(name: string): Sql {
    this.typeOf(name);
    return sql`t.${identifier(name)}`;
  }

  /** The name of what is computed beside declared columns: none of theirs, in whatever case. */
  ownName(word: string): Sql {
    const taken = new Set(Object.keys(this.shape.columns).map((name) => name.toLowerCase()));
    let name = `sluice ${word}`;
    while (taken.has(name)) {
      name += ' ';
    }
    return identifier(name);
  }

  value(column: string, value: AnyValue): Sql {
    return valueSql(this.typeOf(column), value);
  }

  /** A value of a column as an engine wrote it. */
  foundValue(column: string, text: string): Sql {
    return parameter(text, castNames[this.typeOf(column)]);
  }

  isNotNull(column: string): Sql {
    return sql`${this.plainColumn(column)} is not null`;
  }
}

/** One statement with figures as `c0`, `c1` and so on; none where there are no figures. */
export function scanStatement(context: CheckContext, figures: readonly Sql[]): Sql[] {
  return figures.length === 0 ? [] : [sql`select ${figureColumns(figures)}${context.from}`];
}

/** Figures as the columns `c0`, `c1` and so on. */
export function figureColumns(figures: readonly Sql[]): Sql {
  return join(
    figures.map((figure, index) => sql`${figure} as ${identifier(`c${index}`)}`),
    ', ',
  );
}
