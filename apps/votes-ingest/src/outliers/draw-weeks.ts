import { Chartscii } from 'chartscii';
import { stripVTControlCharacters } from 'node:util';

import { weekLabel } from './outlier-weeks.ts';
import type { WeekVotes } from './outlier-weeks.ts';

const mark = '*';
const markColor = 'red';
const minBarColumns = 10;

/** How a chart is drawn. */
export interface DrawOptions {
  /** Columns of the terminal. */
  readonly columns: number;
  readonly hasColor: boolean;
}

/** A bar chart, one line a week, its outliers marked and, where colours may be used, coloured. */
export function drawWeeks(
  weeks: readonly WeekVotes[],
  outliers: readonly WeekVotes[],
  { columns, hasColor }: DrawOptions,
): string {
  const outlierLabels = new Set(outliers.map(weekLabel));
  const countWidth = Math.max(...weeks.map((week) => String(week.VoteCount).length));
  const points = weeks.map((week) => {
    const isOutlier = outlierLabels.has(weekLabel(week));
    const count = String(week.VoteCount).padStart(countWidth);
    return {
      label: `${weekLabel(week)} ${isOutlier ? mark : ' '} ${count}`,
      value: week.VoteCount,
      ...(isOutlier ? { color: markColor } : {}),
    };
  });
  const labelWidth = Math.max(...points.map((point) => point.label.length));
  const chart = new Chartscii(points, {
    width: Math.max(columns - labelWidth - 2, minBarColumns),
    barSize: 1,
    padding: 0,
    naked: true,
    richLabels: false,
  }).create();
  const text = `${chart.replace(/^\n+|\n+$/g, '')}\n${mark} more than 20 % off the mean of all weeks\n`;
  return hasColor ? text : stripVTControlCharacters(text);
}
