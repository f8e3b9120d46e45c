import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { familyOf, familyOfRows } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import { viewCollector } from './view-collector.ts';

/** Over the newest due business days; `window` is 1d, 7d or 30d of them. */
export const completenessMetrics = {
  cells: {
    name: 'sluice_dataset_cells',
    help: 'Cells that should exist of the newest due business days, by their state: each has exactly one.',
    kind: 'gauge',
    labelNames: ['dataset', 'window', 'state'],
  },
  completeness: {
    name: 'sluice_dataset_completeness_ratio',
    help: 'Cells with a value, of those that are expected, available and due; absent where there are none of these.',
    kind: 'gauge',
    labelNames: ['dataset', 'window'],
  },
  collection: {
    name: 'sluice_dataset_collection_ratio',
    help: 'Cells that came, of those that the source has provided: what we miss by our own fault lowers it; absent where there are none of these.',
    kind: 'gauge',
    labelNames: ['dataset', 'window'],
  },
} as const satisfies DeclaredMetrics;

const countsSchema = z.object({
  present: z.int(),
  not_expected: z.int(),
  withdrawn: z.int(),
  unavailable: z.int(),
  quarantined: z.int(),
  not_due: z.int(),
  late: z.int(),
  not_collected: z.int(),
  not_provided: z.int(),
});

const completenessRow = z
  .object({ dataset: z.string(), days: z.int(), cells: z.int() })
  .and(countsSchema)
  .transform(({ dataset, days, cells, ...states }) => ({
    labels: { dataset, window: `${String(days)}d` },
    cells,
    states,
  }));
type CompletenessRow = z.infer<typeof completenessRow>;

/** Tells what of the newest business days is there, and whose fault it is where it is not. */
export function completenessCollector(db: PostgresDatabase): Collector {
  return viewCollector(db, {
    name: 'completeness',
    sql: `select dataset, days, cells, ${Object.keys(countsSchema.shape).join(', ')}
      from ops.metrics_completeness_v1 order by dataset, days`,
    row: completenessRow,
    families: (rows) => [
      familyOf(
        completenessMetrics.cells,
        rows.flatMap(({ labels, states }) =>
          Object.entries(states).map(([state, count]) => [{ ...labels, state }, count] as const),
        ),
      ),
      familyOfRows(completenessMetrics.completeness, rows, (row) =>
        ratioOf(row.states.present, countable(row)),
      ),
      familyOfRows(completenessMetrics.collection, rows, (row) => {
        const { present, withdrawn, quarantined, not_provided: notProvided } = row.states;
        return ratioOf(present + withdrawn + quarantined, countable(row) - notProvided);
      }),
    ],
  });
}

/** As `jao.completeness` counts. */
function countable({ cells, states }: CompletenessRow): number {
  return cells - states.not_expected - states.unavailable - states.not_due;
}

function ratioOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
