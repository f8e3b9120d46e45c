import { drawWeekCounts } from '../charts/week-counts.ts';
import { formatCount, formatCountOf } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import type { WeekCount, WeeksSection } from '../report-document.ts';
import {
  emptyElement,
  figureElement,
  notesElement,
  sectionElement,
  tableElement,
} from './section-parts.ts';
import type { SectionName } from './section-parts.ts';

/** Each week against the mean of all, and those that are too far off it. */
export async function weeksSection(section: WeeksSection, name: SectionName): Promise<Html> {
  const { weeks, mean, tolerance, unit, emptyHint, notes } = section;
  if (weeks.length === 0) {
    return sectionElement(name, emptyElement(emptyHint), notesElement(notes));
  }
  const outliers = weeks.filter(({ isOutlier }) => isOutlier);
  const percent = formatCount(tolerance * 100);
  const summary =
    `${formatCount(outliers.length)} of ${formatCountOf(weeks.length, 'week')} differ by more than ${percent} % ` +
    `from the mean of ${formatCount(mean)} ${unit} a week.`;
  const chart = await drawWeekCounts(section, {
    id: 'weeks-chart',
    title: `${unit} by week, with the mean and ${percent} % around it`,
    description: summary,
  });
  return sectionElement(
    name,
    html`<p>${summary}</p>`,
    figureElement(
      'Chart of the weeks',
      chart,
      html`A bar for each week; the dashed line is the mean, the band what is within ${percent} % of
        it. <span class="key-square accent" aria-hidden="true"></span> ▲ above and ▼ below the band.`,
    ),
    outliers.length === 0 ? undefined : outlierTable(outliers, section),
    notesElement(notes),
  );
}

function outlierTable(outliers: readonly WeekCount[], { unit, mean }: WeeksSection): Html {
  return html`<details>
    <summary>${formatCountOf(outliers.length, 'outlier week')} as a table</summary>
    ${tableElement(
      'Weeks outside of the band',
      [
        { head: 'week', kind: 'key', cell: ({ label }: WeekCount) => label },
        { head: unit, kind: 'number', cell: ({ count }: WeekCount) => formatCount(count ?? 0) },
        {
          head: 'off the mean',
          kind: 'number',
          cell: ({ count }: WeekCount) => signedShare((count ?? 0) - mean, mean),
        },
      ],
      outliers,
    )}
  </details>`;
}

function signedShare(difference: number, whole: number): string {
  const percent = ((difference / whole) * 100).toFixed(1);
  return `${difference > 0 ? '+' : ''}${percent.replace('-', '−')} %`;
}
