/** How an export can be written. */
export const exportFormats = ['csv', 'json', 'parquet'] as const;

/** A member of {@link exportFormats}. */
export type ExportFormat = (typeof exportFormats)[number];

/** What a column holds. An instant is a Date; a day is text, as Postgres and JSON have it. */
export type ColumnKind = 'text' | 'instant' | 'day' | 'integer' | 'number';

/** A column of an export. */
export interface ExportColumn {
  /** In CSV and Parquet: the view's. */
  readonly name: string;
  /** In JSON. */
  readonly member: string;
  readonly kind: ColumnKind;
  readonly isNullable: boolean;
}

/** A cell of an export. */
export type ExportCell = string | number | Date | null;

/** Rows to write, batch by batch: the cells in the order of the columns. */
export interface ExportTable {
  readonly columns: readonly ExportColumn[];
  readonly batches: AsyncIterable<readonly (readonly ExportCell[])[]>;
}
