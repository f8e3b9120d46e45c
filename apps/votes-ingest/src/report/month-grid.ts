import type { CellStyle, GridCell, GridColumn, GridRow } from '@sluice/report';

/** The days of a month. */
export const dayColumns: readonly GridColumn[] = Array.from({ length: 31 }, (_, index) => ({
  label: [String(index + 1)],
  group: '',
}));

/** A calendar: a row for each month, a cell for each day from the first to the last that has a style. */
export function monthRows(
  { from, to }: { readonly from: string; readonly to: string },
  styleOf: (day: string) => CellStyle | undefined,
): GridRow[] {
  const rows: GridRow[] = [];
  for (let month = from.slice(0, 7); month <= to.slice(0, 7); month = nextMonth(month)) {
    rows.push({ label: month, cells: monthCells(month, { from, to }, styleOf) });
  }
  return rows;
}

function monthCells(
  month: string,
  { from, to }: { readonly from: string; readonly to: string },
  styleOf: (day: string) => CellStyle | undefined,
): GridCell[] {
  return dayColumns.flatMap((_, column) => {
    const day = `${month}-${String(column + 1).padStart(2, '0')}`;
    const isShown = day >= from && day <= to && column < daysOf(month);
    const style = isShown ? styleOf(day) : undefined;
    return style === undefined ? [] : { column, style, isPartial: false };
  });
}

function nextMonth(month: string): string {
  const { year, index } = partsOf(month);
  return index === 12
    ? `${String(year + 1).padStart(4, '0')}-01`
    : `${month.slice(0, 4)}-${String(index + 1).padStart(2, '0')}`;
}

function daysOf(month: string): number {
  const { year, index } = partsOf(month);
  const end = new Date(0);
  end.setUTCFullYear(year, index, 0);
  return end.getUTCDate();
}

function partsOf(month: string): { readonly year: number; readonly index: number } {
  return { year: Number(month.slice(0, 4)), index: Number(month.slice(5, 7)) };
}
