import { drawRevisionDays } from '../charts/revision-days.ts';
import { formatCount, formatCountOf, formatMeasure, timeElement } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Child, Html } from '../html/html.ts';
import type { RevisionEntry, RevisionsSection } from '../report-document.ts';
import {
  code,
  emptyElement,
  figureElement,
  notesElement,
  sectionElement,
  tableElement,
} from './section-parts.ts';
import type { SectionName } from './section-parts.ts';

/** What changed after it was first known: how much on each day, and the newest changes. */
export async function revisionsSection(
  section: RevisionsSection,
  name: SectionName,
): Promise<Html> {
  const { subject, total, days, newest, emptyHint, notes } = section;
  if (total === 0) {
    return sectionElement(name, emptyElement(emptyHint), notesElement(notes));
  }
  const summary = summarize(section);
  const chart = await drawRevisionDays(days, {
    id: `${name.id}-chart`,
    title: `Cells of ${subject} that changed, by the day on which it was learned`,
    description: summary,
  });
  return sectionElement(
    name,
    html`<p>${summary}</p>`,
    figureElement(
      `Chart of the revisions of ${subject}`,
      chart,
      html`Cells by the day, in UTC, on which the change was learned:
        <span class="key-square bar" aria-hidden="true"></span> revised, and on top
        <span class="key-square withdrawn" aria-hidden="true"></span> withdrawn.`,
    ),
    tableElement(
      newest.length < total
        ? `The newest ${formatCount(newest.length)} of ${formatCountOf(total, 'change')}, newest first`
        : `All ${formatCountOf(total, 'change')}, newest first`,
      columnsIn(section.unit),
      newest,
    ),
    notesElement(notes),
  );
}

function columnsIn(unit: string) {
  const valueOf = (value: number | null): Child =>
    value === null ? html`<span class="faint">null</span>` : formatMeasure(value);
  return [
    { head: 'what', kind: 'key', cell: (entry: RevisionEntry) => code(entry.subject) },
    { head: 'for', cell: (entry: RevisionEntry) => timeElement(entry.deliveryStart) },
    {
      head: `was, ${unit}`,
      kind: 'number',
      cell: (entry: RevisionEntry) => valueOf(entry.oldValue),
    },
    {
      head: `became, ${unit}`,
      kind: 'number',
      cell: (entry: RevisionEntry) => (entry.isWithdrawn ? 'withdrawn' : valueOf(entry.newValue)),
    },
    { head: 'learned', cell: (entry: RevisionEntry) => timeElement(entry.knownFrom) },
  ] as const;
}

function summarize({ total, days }: RevisionsSection): string {
  const withdrawn = days.reduce((sum, day) => sum + day.withdrawn, 0);
  const busiest = days.reduce((most, day) => (day.changed > most.changed ? day : most));
  return (
    `${formatCountOf(total, 'change')} after the first version, ${formatCount(withdrawn)} of them withdrawals` +
    `; most on ${busiest.day}: ${formatCount(busiest.changed)}.`
  );
}
