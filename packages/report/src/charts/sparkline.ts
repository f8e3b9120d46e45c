import type { Html } from '../html/html.ts';
import type { TrendPoint } from '../report-document.ts';
import { chartColors, drawChart } from './draw-chart.ts';
import type { ChartSpec, ChartText } from './draw-chart.ts';

const width = 112;
const height = 22;

/** What a check found over time, as a small line; results that were not passed are marked. */
export async function drawSparkline(trend: readonly TrendPoint[], text: ChartText): Promise<Html> {
  const values = trend.map(({ value, outcome }, index) => ({
    index,
    value,
    isLast: index === trend.length - 1,
    isBad: outcome === 'failed' || outcome === 'error',
    isWarned: outcome === 'warned',
  }));
  const x = {
    field: 'index',
    type: 'quantitative',
    axis: null,
    scale: { nice: false, zero: false },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    axis: null,
    scale: { zero: false, nice: false },
  } as const;
  const spec: ChartSpec = {
    width,
    height,
    autosize: 'none',
    padding: 5,
    data: { values },
    encoding: { x, y },
    layer: [
      { mark: { type: 'line', color: chartColors.bar, strokeWidth: 1.5, interpolate: 'linear' } },
      {
        transform: [{ filter: 'datum.isWarned' }],
        mark: {
          type: 'point',
          shape: 'triangle-up',
          filled: true,
          size: 42,
          color: chartColors.caution,
          opacity: 1,
        },
      },
      {
        transform: [{ filter: 'datum.isBad' }],
        mark: {
          type: 'point',
          shape: 'cross',
          angle: 45,
          filled: true,
          size: 52,
          color: chartColors.bad,
          opacity: 1,
        },
      },
      {
        transform: [{ filter: 'datum.isLast && !datum.isBad && !datum.isWarned' }],
        mark: {
          type: 'point',
          shape: 'circle',
          filled: true,
          size: 26,
          color: chartColors.bar,
          opacity: 1,
        },
      },
    ],
  };
  return drawChart(spec, text);
}
