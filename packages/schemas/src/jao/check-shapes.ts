import type { TableShape } from '../expectations/table-shape.ts';

/** The columns of `jao.latest`, as checks of cells are declared against them. */
export const latestColumns = {
  region: 'text',
  dataset: 'text',
  key: 'text',
  unit: 'text',
  delivery_start: 'instant',
  delivery_end: 'instant',
  business_day: 'date',
  value: 'double',
  known_from: 'instant',
  revision: 'integer',
  vintage: 'text',
} as const;

/** `jao.latest`: the newest version of every cell. */
export const latestShape: TableShape<typeof latestColumns> = {
  columns: latestColumns,
  key: ['region', 'dataset', 'key', 'delivery_start'],
};

/** The columns of `jao.day`, as checks of days are declared against them. */
export const dayColumns = {
  region: 'text',
  dataset: 'text',
  business_day: 'date',
  state: 'text',
  cells: 'integer',
  first_known: 'instant',
  last_revised: 'instant',
  keys: 'integer',
} as const;

/** `jao.day`: the business days that were ever answered. */
export const dayShape: TableShape<typeof dayColumns> = {
  columns: dayColumns,
  key: ['region', 'dataset', 'business_day'],
};
