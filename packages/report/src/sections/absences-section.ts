import { formatCountOf, timeElement } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import type { AbsenceEntry, AbsencesSection } from '../report-document.ts';
import { code, emptyElement, notesElement, sectionElement, tableElement } from './section-parts.ts';
import type { SectionName } from './section-parts.ts';

/** What is known not to come, by whose word. */
export function absencesSection(
  { absences, emptyHint, notes }: AbsencesSection,
  name: SectionName,
): Html {
  if (absences.length === 0) {
    return sectionElement(name, emptyElement(emptyHint), notesElement(notes));
  }
  return sectionElement(
    name,
    html`<p>
      ${formatCountOf(absences.length, 'absence is', 'absences are')} on record: what is in them
      counts as unavailable, and not as missing.
    </p>`,
    tableElement(
      'Recorded absences',
      [
        { head: 'what', kind: 'key', cell: (row: AbsenceEntry) => code(row.subject) },
        { head: 'period', cell: (row: AbsenceEntry) => row.period },
        { head: 'reason', kind: 'wide', cell: (row: AbsenceEntry) => row.reason },
        { head: 'evidence', kind: 'wide', cell: (row: AbsenceEntry) => row.evidence },
        { head: 'recorded by', cell: (row: AbsenceEntry) => row.recordedBy },
        { head: 'recorded', cell: (row: AbsenceEntry) => timeElement(row.recordedAt) },
      ],
      absences,
    ),
    notesElement(notes),
  );
}
