import type { Html } from '../html/html.ts';
import { visibleText } from '../html/visible-text.ts';
import { runOutcomes } from '../report-document.ts';
import type { RunEntry, RunOutcome } from '../report-document.ts';
import { chartColors, drawChart, smallText } from './draw-chart.ts';
import type { ChartSpec, ChartText } from './draw-chart.ts';
import { barPixels, labelledPositions } from './labelled-positions.ts';

const panelHeight = 88;
const columnPixels = 14;
const minWidth = 280;
/** So that the labels, of eleven characters, do not meet. */
const labelEveryPixels = 88;

const outcomeColors: Readonly<Record<RunOutcome, string>> = {
  succeeded: chartColors.bar,
  failed: chartColors.bad,
  abandoned: chartColors.caution,
  running: chartColors.faint,
};

/** What tells an outcome without colours. */
export const outcomeMarks: Readonly<Record<RunOutcome, string>> = {
  succeeded: '',
  failed: '×',
  abandoned: '?',
  running: '…',
};

/** How long each run took, and how much it read: a bar each, oldest first. */
export async function drawRunHistory(
  { runs, unit }: { readonly runs: readonly RunEntry[]; readonly unit: string },
  text: ChartText,
): Promise<Html> {
  const width = Math.max(runs.length * columnPixels, minWidth);
  const values = runs.map((run, index) => ({
    index,
    seconds:
      run.endedAt === null ? null : (run.endedAt.getTime() - run.startedAt.getTime()) / 1_000,
    amount: run.read,
    outcome: run.outcome,
    mark: outcomeMarks[run.outcome],
  }));
  const labelled = labelledPositions({
    count: runs.length,
    widthPixels: width,
    labelPixels: labelEveryPixels,
  });
  const indexes = values.map(({ index }) => index);
  const spec: ChartSpec = {
    data: { values },
    spacing: 18,
    params: [
      {
        name: 'startLabels',
        value: runs.map(({ startedAt }) => startedAt.toISOString().slice(5, 16).replace('T', ' ')),
      },
    ],
    vconcat: [
      panel({ field: 'seconds', title: 'seconds', width, indexes, axis: null }),
      panel({
        field: 'amount',
        title: `${visibleText(unit)} read`,
        width,
        indexes,
        axis: {
          values: labelled,
          labelExpr: 'startLabels[datum.value]',
          labelAngle: 0,
          labelAlign: 'left',
          labelOffset: -barPixels(runs.length, width) / 2,
          labelOverlap: false,
          title: null,
          ticks: false,
          labelPadding: 6,
        },
      }),
    ],
  };
  return drawChart(spec, text);
}

type Panel = Extract<ChartSpec, { vconcat: unknown }>['vconcat'][number];

function panel({
  field,
  title,
  width,
  indexes,
  axis,
}: {
  readonly field: 'seconds' | 'amount';
  readonly title: string;
  readonly width: number;
  readonly indexes: number[];
  readonly axis: object | null;
}): Panel {
  const x = {
    field: 'index',
    type: 'ordinal',
    axis,
    scale: { domain: indexes, paddingInner: 0.3 },
  } as const;
  const y = {
    field,
    type: 'quantitative',
    title: null,
    axis: {
      tickCount: 3,
      domain: false,
      ticks: false,
      format: '~s',
      labelExpr: "datum.value === 0 ? '0' : datum.label",
      minExtent: 44,
      maxExtent: 44,
    },
  } as const;
  return {
    width,
    height: panelHeight,
    title: {
      text: title,
      anchor: 'start',
      fontSize: smallText,
      fontWeight: 400,
      color: chartColors.faint,
      offset: 6,
    },
    layer: [
      {
        mark: { type: 'bar', width: barPixels(indexes.length, width) },
        encoding: {
          x,
          y,
          color: {
            field: 'outcome',
            type: 'nominal',
            legend: null,
            scale: {
              domain: [...runOutcomes],
              range: runOutcomes.map((name) => outcomeColors[name]),
            },
          },
        },
      },
      {
        transform: [{ filter: "datum.mark !== ''" }],
        mark: { type: 'text', baseline: 'bottom', dy: -1, fontWeight: 700 },
        encoding: { x, y, text: { field: 'mark', type: 'nominal' } },
      },
    ],
  };
}
