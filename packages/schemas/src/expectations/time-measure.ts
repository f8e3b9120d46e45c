import type { Measure } from './table-expectations.ts';
import type { TableShape } from './table-shape.ts';

const timeTypes: ReadonlySet<string | undefined> = new Set(['date', 'timestamp', 'instant']);
const valueMeasures: ReadonlySet<Measure['of']> = new Set(['min', 'max', 'median', 'quantile']);

/** Whether a measure is a value of a column of dates or times, so that its bounds are texts. */
export function isTimeMeasure(measure: Measure, { columns }: TableShape): boolean {
  return (
    'column' in measure && valueMeasures.has(measure.of) && timeTypes.has(columns[measure.column])
  );
}
