import type { Html } from '../html/html.ts';
import type { RevisionDay } from '../report-document.ts';
import { chartColors, drawChart } from './draw-chart.ts';
import type { ChartSpec, ChartText } from './draw-chart.ts';
import { barPixels, labelledPositions } from './labelled-positions.ts';

const height = 140;
const columnPixels = 18;
const minWidth = 280;
const labelEveryPixels = 80;

/** How many cells changed on each day: revised ones, and above them what was withdrawn. */
export async function drawRevisionDays(
  days: readonly RevisionDay[],
  text: ChartText,
): Promise<Html> {
  const width = Math.max(days.length * columnPixels, minWidth);
  const bar = barPixels(days.length, width);
  const labelled = labelledPositions({
    count: days.length,
    widthPixels: width,
    labelPixels: labelEveryPixels,
  });
  const values = days.flatMap(({ day, changed, withdrawn }) => [
    { day, kind: 'revised', cells: changed - withdrawn, order: 0 },
    { day, kind: 'withdrawn', cells: withdrawn, order: 1 },
  ]);
  const spec: ChartSpec = {
    width,
    height,
    data: { values },
    mark: { type: 'bar', width: bar, stroke: chartColors.ground, strokeWidth: 1 },
    encoding: {
      x: {
        field: 'day',
        type: 'ordinal',
        sort: null,
        scale: { domain: days.map(({ day }) => day), paddingInner: 0.3 },
        axis: {
          values: labelled.flatMap((index) => days[index]?.day ?? []),
          labelAngle: 0,
          labelAlign: 'left',
          labelOffset: -bar / 2,
          labelOverlap: false,
          ticks: false,
          labelPadding: 6,
          title: null,
        },
      },
      y: {
        field: 'cells',
        type: 'quantitative',
        title: null,
        axis: { tickCount: 4, domain: false, ticks: false, format: ',d', tickMinStep: 1 },
      },
      order: { field: 'order' },
      color: {
        field: 'kind',
        type: 'nominal',
        legend: null,
        scale: {
          domain: ['revised', 'withdrawn'],
          range: [chartColors.bar, 'var(--state-withdrawn)'],
        },
      },
    },
  };
  return drawChart(spec, text);
}
