import { cellLook } from '../charts/cell-look.ts';
import { drawHeatMap } from '../charts/heat-map.ts';
import { formatCount, formatCountOf, formatShare } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import type {
  CellStyle,
  CoverageGap,
  CoverageSection,
  GridRow,
  StateSum,
} from '../report-document.ts';
import {
  code,
  emptyElement,
  figureElement,
  notesElement,
  sectionElement,
  tableElement,
} from './section-parts.ts';
import type { SectionName } from './section-parts.ts';

/** States that ask for no attention: a row that has only these is whole. */
const quietStyles: ReadonlySet<CellStyle> = new Set(['present', 'not_expected', 'not_due']);
/** So many rows are seen at a glance; of more, those that are whole come apart from the others. */
const rowsAtAGlance = 40;

/** What is there of what should be: the sum by state, the calendar, and in words what is not there. */
export async function coverageSection(section: CoverageSection, name: SectionName): Promise<Html> {
  const { summary, emptyHint, notes } = section;
  if (section.rows.length === 0) {
    return sectionElement(name, emptyElement(emptyHint), notesElement(notes));
  }
  return sectionElement(
    name,
    html`<p>${summary}</p>`,
    stateTable(section),
    await calendars(section, name.id),
    gapTable(section),
    notesElement(notes),
  );
}

/** The legend of the calendar, and its sum. */
function stateTable({ states, unit, subject }: CoverageSection): Html {
  const total = states.reduce((sum, { count }) => sum + count, 0);
  return tableElement(
    `${subject === '' ? '' : `${subject}: `}${unit} by state, with the colours and marks of the calendar`,
    [
      {
        head: 'state',
        kind: 'key',
        cell: ({ style, label, meaning }: StateSum) =>
          html`${swatch(style)} ${label}<span class="below">${meaning}</span>`,
      },
      { head: unit, kind: 'number', cell: ({ count }: StateSum) => formatCount(count) },
      { head: 'share', kind: 'number', cell: ({ count }: StateSum) => formatShare(count, total) },
    ],
    states.filter(({ count }) => count > 0),
  );
}

function swatch(style: CellStyle): Html {
  return html`<span class="${`swatch ${style}`}" aria-hidden="true">${cellLook(style).mark}</span>`;
}

async function calendars(section: CoverageSection, id: string): Promise<Html> {
  const { rows, rowName } = section;
  const [lacking, whole] = partition(rows, ({ cells }) =>
    cells.some(({ style }) => !quietStyles.has(style)),
  );
  if (rows.length <= rowsAtAGlance || lacking.length === 0 || whole.length === 0) {
    return calendar(section, rows, {
      id,
      label: `Calendar of all ${formatCount(rows.length)} ${rowName}`,
    });
  }
  return html`${await calendar(section, lacking, {
      id,
      label: `Calendar of the ${formatCount(lacking.length)} ${rowName} that lack something`,
    })}
    <details>
      <summary>The other ${formatCount(whole.length)} ${rowName} lack nothing</summary>
      ${await calendar(section, whole, {
        id: `${id}-whole`,
        label: `Calendar of the ${formatCount(whole.length)} ${rowName} that lack nothing`,
      })}
    </details>`;
}

async function calendar(
  section: CoverageSection,
  rows: readonly GridRow[],
  { id, label }: { readonly id: string; readonly label: string },
): Promise<Html> {
  const { columns, columnName, rowName, summary, subject } = section;
  const hasPartial = rows.some(({ cells }) => cells.some(({ isPartial }) => isPartial));
  const chart = await drawHeatMap(
    { columns, rows },
    {
      id: `${id}-chart`,
      title: `Coverage${subject === '' ? '' : ` of ${subject}`}: ${formatCountOf(rows.length, 'row')} of ${rowName}, a column for each ${columnName}`,
      description: `${summary} The table before this chart has the sums, the table after it what is missing.`,
    },
  );
  return figureElement(
    label,
    chart,
    html`A row for each of the ${rowName}, a column for each ${columnName}; a cell is as its worst
    part is.${hasPartial ? ' A smaller square inside a cell: only a part of it is so.' : ''}`,
  );
}

function gapTable({ gaps, unit, subject }: CoverageSection): Html | undefined {
  return gaps.length === 0
    ? undefined
    : tableElement(
        `${subject === '' ? '' : `${subject}: `}what is not there, and why`,
        [
          { head: 'what', kind: 'key', cell: (gap: CoverageGap) => code(gap.subject) },
          { head: 'from', kind: 'number', cell: (gap: CoverageGap) => gap.from },
          { head: 'to, included', kind: 'number', cell: (gap: CoverageGap) => gap.to },
          {
            head: 'state',
            cell: (gap: CoverageGap) => html`${swatch(gap.style)} ${gap.state}`,
          },
          { head: unit, kind: 'number', cell: (gap: CoverageGap) => formatCount(gap.count) },
          { head: 'reason', kind: 'wide', cell: (gap: CoverageGap) => gap.reason },
        ],
        gaps,
      );
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
