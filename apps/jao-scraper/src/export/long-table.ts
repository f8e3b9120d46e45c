import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import type { ColumnKind, ExportCell, ExportColumn, ExportTable } from './exported-table.ts';
import { readCells } from './read-cells.ts';
import type { ExportQuestion } from './read-cells.ts';

/** The columns of `jao.latest`. */
const columns: readonly ExportColumn[] = [
  column('region', 'region', 'text'),
  column('dataset', 'dataset', 'text'),
  column('key', 'key', 'text'),
  column('unit', 'unit', 'text'),
  column('delivery_start', 'deliveryStart', 'instant'),
  column('delivery_end', 'deliveryEnd', 'instant'),
  column('business_day', 'businessDay', 'day'),
  { ...column('value', 'value', 'number'), isNullable: true },
  column('known_from', 'knownFrom', 'instant'),
  column('revision', 'revision', 'integer'),
  column('vintage', 'vintage', 'text'),
];

/** One row per cell. A null is a null of the source; what there is none of has no row. */
export function longTable(
  tx: PostgresTransaction,
  questions: readonly ExportQuestion[],
  onDays: (days: number) => void,
): ExportTable {
  async function* batches(): AsyncGenerator<ExportCell[][]> {
    for (const question of questions) {
      const { region, dataset } = question.contract;
      for await (const cells of readCells(tx, question, onDays)) {
        yield cells.map((cell) => [
          region,
          dataset,
          cell.key,
          cell.unit,
          cell.deliveryStart,
          cell.deliveryEnd,
          cell.businessDay,
          cell.value,
          cell.knownFrom,
          cell.revision,
          cell.vintage,
        ]);
      }
    }
  }
  return { columns, batches: batches() };
}

function column(name: string, member: string, kind: ColumnKind): ExportColumn {
  return { name, member, kind, isNullable: false };
}
