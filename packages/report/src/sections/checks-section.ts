import { drawSparkline } from '../charts/sparkline.ts';
import { formatCount, formatCountOf, formatMeasure, timeElement } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import { checkOutcomes } from '../report-document.ts';
import type { CheckEntry, CheckOutcome, ChecksSection } from '../report-document.ts';
import {
  badge,
  code,
  emptyElement,
  notesElement,
  sectionElement,
  tableElement,
} from './section-parts.ts';
import type { SectionName } from './section-parts.ts';

const looks: Readonly<Record<CheckOutcome, { readonly style: string; readonly mark: string }>> = {
  passed: { style: 'good', mark: '✓' },
  warned: { style: 'caution', mark: '!' },
  failed: { style: 'bad', mark: '×' },
  error: { style: 'bad', mark: '?' },
  skipped: { style: 'none', mark: '–' },
};

/** Each check with its newest outcome and how it came to that; what needs attention first. */
export async function checksSection(
  { checks, emptyHint, notes }: ChecksSection,
  name: SectionName,
): Promise<Html> {
  if (checks.length === 0) {
    return sectionElement(name, emptyElement(emptyHint), notesElement(notes));
  }
  const sorted = checks.toSorted(
    (left, right) =>
      checkOutcomes.indexOf(left.outcome) - checkOutcomes.indexOf(right.outcome) ||
      (left.id < right.id ? -1 : 1),
  );
  const rows: CheckRow[] = [];
  for (const [index, check] of sorted.entries()) {
    rows.push({ check, trend: await trendOf(check, `check-${index + 1}`) });
  }
  const counts = checkOutcomes.flatMap((outcome) => {
    const count = checks.filter((check) => check.outcome === outcome).length;
    return count === 0 ? [] : `${formatCount(count)} ${outcome}`;
  });
  return sectionElement(
    name,
    html`<p>
      Of ${formatCountOf(checks.length, 'check')}, by their newest results: ${counts.join(', ')}.
    </p>`,
    tableElement('Checks, those that need attention first', columns, rows),
    notesElement(notes),
  );
}

interface CheckRow {
  readonly check: CheckEntry;
  readonly trend: Html;
}

const columns = [
  {
    head: 'check',
    kind: 'key',
    cell: ({ check }: CheckRow) =>
      html`${code(check.id)}<span class="below">${check.message}</span>`,
  },
  {
    head: 'outcome',
    cell: ({ check: { outcome } }: CheckRow) =>
      badge(looks[outcome].style, looks[outcome].mark, outcome),
  },
  { head: 'trend', cell: ({ trend }: CheckRow) => trend },
  { head: 'observed', cell: ({ check }: CheckRow) => check.observed },
  { head: 'expected', kind: 'wide', cell: ({ check }: CheckRow) => check.expected },
  {
    head: 'rows failing',
    kind: 'number',
    cell: ({ check }: CheckRow) => (check.failing === null ? '' : formatCount(check.failing)),
  },
  {
    head: 'checked',
    cell: ({ check }: CheckRow) => (check.checkedAt === null ? '' : timeElement(check.checkedAt)),
  },
] as const;

async function trendOf({ id: checkId, trend }: CheckEntry, chartId: string): Promise<Html> {
  const values = trend.map(({ value }) => value);
  const last = values.at(-1);
  const [first] = trend;
  if (first === undefined || last === undefined || values.length < 2) {
    return html`<span class="faint">${last === undefined ? 'no number' : 'first result'}</span>`;
  }
  const notPassed = trend.filter(({ outcome }) => outcome !== 'passed').length;
  return drawSparkline(trend, {
    id: chartId,
    title: `Trend of ${checkId}`,
    description:
      `${formatCount(values.length)} results since ${first.at.toISOString().slice(0, 10)}: ` +
      `lowest ${formatMeasure(Math.min(...values))}, highest ${formatMeasure(Math.max(...values))}, ` +
      `last ${formatMeasure(last)}; ${formatCount(notPassed)} not passed`,
  });
}
