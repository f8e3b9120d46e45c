import { formatCount } from '../html/format.ts';
import type { Html } from '../html/html.ts';
import type { WeekCount } from '../report-document.ts';
import { chartColors, drawChart } from './draw-chart.ts';
import type { ChartSpec, ChartText } from './draw-chart.ts';
import { barPixels, labelledPositions } from './labelled-positions.ts';

const height = 240;
const minWidth = 300;
const labelEveryPixels = 72;

/** A bar for each week, the mean and what is within tolerance of it; outliers have a mark, too. */
export async function drawWeekCounts(
  {
    weeks,
    mean,
    tolerance,
  }: { readonly weeks: readonly WeekCount[]; readonly mean: number; readonly tolerance: number },
  text: ChartText,
): Promise<Html> {
  const columnPixels = weeks.length <= 60 ? 12 : weeks.length <= 110 ? 9 : 6;
  const width = Math.max(weeks.length * columnPixels, minWidth);
  const x = weekScale(weeks, width);
  const band = { low: mean * (1 - tolerance), high: mean * (1 + tolerance) };
  const values = weeks.map(({ label, count, isOutlier }) => ({
    label,
    count,
    isOutlier,
    mark: (count ?? 0) > mean ? '▲' : '▼',
  }));
  const spec: ChartSpec = {
    width,
    height,
    data: { values },
    layer: [
      {
        data: { values: [band] },
        mark: { type: 'rect', color: chartColors.band },
        encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        mark: { type: 'bar', width: barPixels(weeks.length, width) },
        encoding: { x, y: { ...y, field: 'count' }, color: outlierColor },
      },
      {
        transform: [{ filter: 'datum.isOutlier' }],
        mark: { type: 'text', baseline: 'bottom', dy: -3, fontSize: 9, color: chartColors.accent },
        encoding: { x, y: { ...y, field: 'count' }, text: { field: 'mark', type: 'nominal' } },
      },
      {
        data: { values: [{ mean }] },
        mark: { type: 'rule', color: chartColors.ink, strokeDash: [4, 3] },
        encoding: { y: { ...y, field: 'mean' } },
      },
      {
        data: {
          values: [{ at: band.high, label: meanLabel(mean, tolerance) }],
        },
        mark: { type: 'text', align: 'right', baseline: 'bottom', dy: -3, x: 'width' },
        encoding: { y: { ...y, field: 'at' }, text: { field: 'label', type: 'nominal' } },
      },
    ],
  };
  return drawChart(spec, text);
}

const y = {
  type: 'quantitative',
  title: null,
  axis: { tickCount: 5, domain: false, ticks: false, format: ',d', grid: true },
} as const;

const outlierColor = {
  field: 'isOutlier',
  type: 'nominal',
  legend: null,
  scale: { domain: [false, true], range: [chartColors.bar, chartColors.accent] },
} as const;

function weekScale(weeks: readonly WeekCount[], width: number) {
  const labels = weeks.map(({ label }) => label);
  const labelled = labelledPositions({
    count: weeks.length,
    widthPixels: width,
    labelPixels: labelEveryPixels,
  });
  return {
    field: 'label',
    type: 'ordinal',
    sort: null,
    // Also the weeks that have none: a hole has to be seen.
    scale: { domain: labels, paddingInner: 0.25 },
    axis: {
      values: labelled.flatMap((index) => labels[index] ?? []),
      labelAngle: 0,
      labelAlign: 'left',
      labelOffset: -barPixels(weeks.length, width) / 2,
      labelOverlap: false,
      ticks: false,
      labelPadding: 6,
      title: null,
    },
  } as const;
}

function meanLabel(mean: number, tolerance: number): string {
  return `mean ${formatCount(mean)}, ±${formatCount(tolerance * 100)} %`;
}
