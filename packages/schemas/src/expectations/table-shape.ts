import type { ContractField } from '../vote-contract.ts';

/**
 * What a column holds, whatever an engine calls its type: `integer` of any width, `double`, `text`,
 * `boolean`, `date`, `timestamp` (without a zone; UTC by agreement), `instant` (with one).
 */
export const columnTypes = [
  'integer',
  'double',
  'text',
  'boolean',
  'date',
  'timestamp',
  'instant',
] as const;

/** A member of {@link columnTypes}. */
export type ColumnType = (typeof columnTypes)[number];

/** Columns by name, in the order of the table. */
export type TableColumns = Readonly<Record<string, ColumnType>>;

/** A table, as expectations are declared against it. */
export interface TableShape<Columns extends TableColumns = TableColumns> {
  readonly columns: Columns;
  /** What a failing row is named by; never empty. */
  readonly key: readonly ColumnName<Columns>[];
}

/** The names of the columns of some types, or of which no more is known than that they have one. */
export type ColumnName<Columns extends TableColumns, Type extends ColumnType = ColumnType> = {
  [Name in keyof Columns & string]: ColumnType extends Columns[Name]
    ? Name
    : Columns[Name] extends Type
      ? Name
      : never;
}[keyof Columns & string];

/**
 * How values of a type are written in a declaration: a date as `2026-04-20`, a timestamp as
 * `2026-04-20T10:30:00` without a zone, an instant with one (`Z` or `+02:00`).
 */
export interface ValueByType {
  readonly integer: number | bigint;
  readonly double: number;
  readonly text: string;
  readonly boolean: boolean;
  readonly date: string;
  readonly timestamp: string;
  readonly instant: string;
}

/** A value of a column. */
export type ValueOf<
  Columns extends TableColumns,
  Name extends keyof Columns,
> = ValueByType[Columns[Name]];

/** A value of any column. */
export type AnyValue = ValueByType[ColumnType];

/** The columns that a contract's fields become. */
export type ColumnsOfFields<Fields extends readonly ContractField[]> = {
  readonly [Field in Fields[number] as Field['name']]: Field['kind'];
};

/** A table or view in either engine, as the catalogue has it: not quoted. */
export interface RelationName {
  readonly schema: string;
  readonly table: string;
}

/** The shape of the table that has exactly a contract's fields. */
export function shapeOfContract<const Fields extends readonly ContractField[]>(contract: {
  readonly fields: Fields;
  readonly key: readonly NoInfer<ColumnName<ColumnsOfFields<Fields>>>[];
}): TableShape<ColumnsOfFields<Fields>> {
  const columns = Object.fromEntries(contract.fields.map(({ name, kind }) => [name, kind]));
  // The entries are the fields' own names and kinds, which is what the type says.
  return { columns: columns as ColumnsOfFields<Fields>, key: contract.key };
}
