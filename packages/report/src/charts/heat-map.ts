import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import { visibleText } from '../html/visible-text.ts';
import { cellStyles } from '../report-document.ts';
import type { GridColumn, GridRow } from '../report-document.ts';
import { cellLook } from './cell-look.ts';
import { drawChart, smallText } from './draw-chart.ts';
import type { ChartSpec, ChartText } from './draw-chart.ts';

/** About so many rows are one drawing. */
const rowsOfDrawing = 50;
const rowHeight = 16;
const lineHeight = 13;
/** Of a label's character in the fixed-width font that row labels are set in, at its size. */
const characterWidth = 6.7;
const maxLabelLength = 36;
/** Labels are looked up by position: names may be equal, and have to stay in order. */
const quietAxis = {
  domain: false,
  ticks: false,
  labelOverlap: false,
  labelLimit: 0,
  labelLineHeight: lineHeight,
  title: null,
} as const;

/** A calendar, and its parts. */
export interface HeatMap {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly GridRow[];
}

/**
 * A calendar: a row for each series, a column for each day, a colour and a mark for each state. Many
 * rows come in several drawings, so that the days are never far above.
 */
export async function drawHeatMap({ columns, rows }: HeatMap, text: ChartText): Promise<Html> {
  const labelLength = Math.max(...rows.map(({ label }) => labelOf(label).length), 0);
  const drawings: Html[] = [];
  const parts = Math.max(1, Math.round(rows.length / rowsOfDrawing));
  const size = Math.ceil(rows.length / parts);
  for (let start = 0; start < rows.length; start += size) {
    const part = rows.slice(start, start + size);
    const title =
      parts === 1 ? text.title : `${text.title}, rows ${start + 1} to ${start + part.length}`;
    const id = `${text.id}-${drawings.length + 1}`;
    drawings.push(await drawPart({ columns, rows: part, labelLength }, { ...text, id, title }));
  }
  return html`<div class="heat-map">${drawings}</div>`;
}

async function drawPart(
  { columns, rows, labelLength }: HeatMap & { readonly labelLength: number },
  text: ChartText,
): Promise<Html> {
  const labels = rows.map(({ label }) => labelOf(label));
  const lines = Math.max(...columns.map(({ label }) => label.length), 1);
  const columnWidth = columns.length <= 31 ? 22 : columns.length <= 62 ? 16 : 12;
  const spec: ChartSpec = {
    width: columns.length * columnWidth,
    height: rows.length * rowHeight,
    autosize: 'none',
    padding: {
      left: Math.ceil(labelLength * characterWidth) + 12,
      right: 8,
      top: lines * lineHeight + lineHeight + 12,
      bottom: 6,
    },
    params: [
      { name: 'rowLabels', value: labels },
      { name: 'columnLabels', value: columnLabels(columns, columnWidth) },
    ],
    encoding: {
      x: {
        field: 'column',
        type: 'ordinal',
        scale: bandScale(columns.length, 0.08),
        axis: {
          ...quietAxis,
          orient: 'top',
          labelAngle: 0,
          labelFontSize: columnWidth < 22 ? smallText - 1 : smallText,
          // Lines are set downwards from here, and end above the cells.
          labelPadding: 4 + (lines - 1) * lineHeight,
          labelExpr: 'columnLabels[datum.value]',
        },
      },
      y: {
        field: 'row',
        type: 'ordinal',
        scale: bandScale(rows.length, 0.12),
        axis: { ...quietAxis, labelPadding: 8, labelExpr: 'rowLabels[datum.value]' },
      },
    },
    layer: [...cellLayers(rows), groupLayer(columns, lines)],
  };
  return drawChart(spec, text);
}

/** Where columns are narrower than a label only each seventh has one. */
function columnLabels(columns: readonly GridColumn[], columnWidth: number): string[][] {
  const every = columnWidth < 16 ? 7 : 1;
  return columns.map(({ label }, index) => (index % every === 0 ? label.map(visibleText) : []));
}

function bandScale(count: number, paddingInner: number) {
  return {
    domain: Array.from({ length: count }, (_, index) => index),
    paddingInner,
    paddingOuter: 0,
  };
}

function cellLayers(rows: readonly GridRow[]) {
  const cells = rows.flatMap(({ cells: ofRow }, row) =>
    ofRow.map(({ column, style, isPartial }) => ({
      row,
      column,
      // What is good about a cell that is only partly bad.
      ground: isPartial ? 'present' : style,
      style,
    })),
  );
  const partial = rows.flatMap(({ cells: ofRow }, row) =>
    ofRow.flatMap(({ column, style, isPartial }) => (isPartial ? { row, column, style } : [])),
  );
  const marked = rows.flatMap(({ cells: ofRow }, row) =>
    ofRow.flatMap(({ column, style }) => {
      const { mark } = cellLook(style);
      return mark === '' ? [] : { row, column, mark };
    }),
  );
  return [
    { data: { values: cells }, mark: { type: 'rect' }, encoding: { color: stateColor('ground') } },
    {
      data: { values: partial },
      mark: { type: 'rect', width: { band: 0.64 }, height: { band: 0.72 } },
      encoding: { color: stateColor('style') },
    },
    {
      data: { values: marked },
      mark: { type: 'text', fontSize: smallText, fontWeight: 700, color: 'var(--state-mark)' },
      encoding: { text: { field: 'mark', type: 'nominal' } },
    },
  ] as const;
}

function stateColor(field: 'ground' | 'style') {
  return {
    field,
    type: 'nominal',
    legend: null,
    scale: { domain: [...cellStyles], range: cellStyles.map((style) => cellLook(style).color) },
  } as const;
}

/** The name of a group, such as the month, above the first of its columns. */
function groupLayer(columns: readonly GridColumn[], lines: number) {
  const groups = columns.flatMap(({ group }, column) =>
    group !== '' && group !== columns[column - 1]?.group
      ? { column, row: 0, group: visibleText(group) }
      : [],
  );
  return {
    data: { values: groups },
    mark: { type: 'text', align: 'left', baseline: 'bottom', fontWeight: 600 },
    encoding: {
      x: { field: 'column', type: 'ordinal', bandPosition: 0 },
      y: { value: -(lines * lineHeight) - 8 },
      text: { field: 'group', type: 'nominal' },
    },
  } as const;
}

/** Of a long name both ends tell more than its beginning. */
function labelOf(name: string): string {
  const label = visibleText(name);
  if (label.length <= maxLabelLength) {
    return label;
  }
  const half = (maxLabelLength - 1) / 2;
  return `${label.slice(0, Math.ceil(half))}…${label.slice(label.length - Math.floor(half))}`;
}
