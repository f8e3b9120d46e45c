import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DynamicConfigValue, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

import type { PanelQuery } from './expressions.ts';
import { linkToRunbook } from './links.ts';
import type { Runbook } from './links.ts';
import { describe, mappingsOf, stepsOf } from './panel-text.ts';
import type { Level, Limit, State } from './panel-text.ts';

/** Whichever Prometheus the reader has chosen. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** What every kind of panel has. */
export interface PanelOptions {
  readonly title: string;
  readonly description: string;
  /** Of Grafana: `short` is a number of things, `s` seconds, `dateTimeFromNow` a time in milliseconds. */
  readonly unit: string;
  /** Of the 24 columns of a dashboard. */
  readonly width: number;
  /** In rows of Grafana's grid. */
  readonly height?: number;
  /** The pages of docs/runbooks that say what to do about what the panel shows. */
  readonly runbooks?: readonly Runbook[];
  /** Ascending. */
  readonly limits?: readonly Limit[];
  /** What a value below the first limit is. @default 'good' */
  readonly below?: Level;
  readonly states?: readonly State[];
  /** What to say where there is no data. @default 'none' */
  readonly nothing?: string;
}

/** A panel of one or a few queries. */
export interface QueryPanelOptions extends PanelOptions {
  readonly queries: readonly PanelQuery[];
}

/** A column of a table; all have the labels of its rows in common. */
export interface Column {
  readonly title: string;
  readonly expr: string;
  readonly unit: string;
  readonly limits?: readonly Limit[];
  readonly states?: readonly State[];
}

/** A table with a row for each value of `labels`. */
export interface TableOptions extends Omit<PanelOptions, 'unit' | 'limits' | 'states' | 'below'> {
  readonly columns: readonly Column[];
  /** The rows' labels in the order of their columns, and what these are called. */
  readonly labels: Readonly<Record<string, string>>;
  /** The dashboard, by its uid, that tells more of a row, and the row's label that it is asked for. */
  readonly opens?: { readonly uid: string; readonly label: string };
}

/** The newest value of each series, as large text with its name. */
export function numbers(options: QueryPanelOptions): Panel {
  const { queries, limits = [], below, states = [] } = options;
  const builder = new StatBuilder()
    .targets(queries.map((query, index) => newestQuery(query, index)))
    .unit(options.unit)
    .mappings(mappingsOf(states))
    .thresholds(thresholdsOf(limits, below))
    .noValue(options.nothing ?? 'none')
    .textMode(
      queries.length > 1 || limits.length > 0
        ? BigValueTextMode.ValueAndName
        : BigValueTextMode.Auto,
    )
    .colorMode(limits.length + states.length > 0 ? BigValueColorMode.Value : BigValueColorMode.None)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
  return finish(builder.build(), options, 4);
}

/** Values over time. With limits these are drawn as lines, too; `isStacked` is for parts of a whole. */
export function series(
  options: QueryPanelOptions & { readonly isStacked?: boolean; readonly isBars?: boolean },
): Panel {
  const { queries, limits = [], below, isStacked = false, isBars = false } = options;
  const builder = new SeriesBuilder()
    .targets(queries.map((query, index) => rangeQuery(query, index)))
    .unit(options.unit)
    .thresholds(thresholdsOf(limits, below))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        limits.length > 0 ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
      ),
    )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .noValue(options.nothing ?? 'none')
    .drawStyle(isBars ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .fillOpacity(isStacked || isBars ? 60 : 0)
    .stacking(new StackingConfigBuilder().mode(isStacked ? StackingMode.Normal : StackingMode.None))
    .showPoints(VisibilityMode.Auto)
    .axisSoftMin(0)
    .legend(legend())
    .tooltip(tooltip());
  return finish(builder.build(), options, 8);
}

/** States over time, a line of words for each series. */
export function timeline(options: QueryPanelOptions): Panel {
  const builder = new TimelineBuilder()
    .targets(options.queries.map((query, index) => rangeQuery(query, index)))
    .unit(options.unit)
    .mappings(mappingsOf(options.states ?? []))
    .noValue(options.nothing ?? 'none')
    .showValue(VisibilityMode.Auto)
    .mergeValues(true)
    .fillOpacity(60)
    .legend(legend())
    .tooltip(tooltip());
  return finish(builder.build(), options, 8);
}

/** The newest values as a table: each query is a column, and the rows are joined by their labels. */
export function table(options: TableOptions): Panel {
  const { columns, labels, opens } = options;
  const builder = new TableBuilder()
    .targets(
      columns.map(({ expr }, index) =>
        newestQuery({ expr, legend: '' }, index).format(PromQueryFormat.Table),
      ),
    )
    .unit('short')
    .noValue(options.nothing ?? '–')
    .filterable(true)
    .transformations([
      { id: 'merge', options: {} },
      { id: 'organize', options: arrangement(columns, Object.entries(labels)) },
    ]);
  for (const column of columns) {
    builder.overrideByName(column.title, overridesOf(column));
  }
  const name = opens === undefined ? undefined : labels[opens.label];
  if (opens !== undefined && name !== undefined) {
    const url = `/d/${opens.uid}?var-${opens.label}=\${__value.text}&\${datasource:queryparam}&\${job:queryparam}`;
    builder.overrideByName(name, [{ id: 'links', value: [{ title: 'Look closer', url }] }]);
  }
  const limits = columns.flatMap((column) =>
    (column.limits ?? []).map((limit) => ({ ...limit, means: `${column.title}: ${limit.means}` })),
  );
  return finish(builder.build(), { ...options, limits }, 8);
}

function finish(panel: Panel, options: Omit<PanelOptions, 'unit'>, height: number): Panel {
  const { title, description, width, runbooks = [], limits = [] } = options;
  return {
    ...panel,
    title,
    description: describe(description, limits),
    datasource,
    links: runbooks.map(linkToRunbook),
    gridPos: { x: 0, y: 0, w: width, h: options.height ?? height },
  };
}

function rangeQuery({ expr, legend: format }: PanelQuery, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refIdOf(index))
    .datasource(datasource)
    .expr(expr)
    .legendFormat(format)
    .range();
}

function newestQuery(query: PanelQuery, index: number): DataqueryBuilder {
  return rangeQuery(query, index).instant();
}

function refIdOf(index: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + index);
}

function thresholdsOf(
  limits: readonly Limit[],
  below: Level = limits.length > 0 ? 'good' : 'plain',
) {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(limits, below));
}

function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
}

function tooltip(): VizTooltipOptionsBuilder {
  return new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);
}

/** Names and order of a table's columns: the labels first. Of one query the column is called Value. */
function arrangement(columns: readonly Column[], labels: readonly (readonly [string, string])[]) {
  const values = columns.map(({ title }, index): readonly [string, string] => [
    columns.length === 1 ? 'Value' : `Value #${refIdOf(index)}`,
    title,
  ]);
  const fields = [...labels, ...values];
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(fields.map(([field], index) => [field, index])),
    renameByName: Object.fromEntries(fields),
  };
}

function overridesOf({ unit, limits = [], states = [] }: Column): DynamicConfigValue[] {
  const isColoured = limits.length + states.length > 0;
  return [
    { id: 'unit', value: unit },
    { id: 'mappings', value: mappingsOf(states) },
    {
      id: 'thresholds',
      value: {
        mode: ThresholdsMode.Absolute,
        steps: stepsOf(limits, limits.length > 0 ? 'good' : 'plain'),
      },
    },
    ...(isColoured ? [{ id: 'custom.cellOptions', value: { type: 'color-text' } }] : []),
  ];
}
