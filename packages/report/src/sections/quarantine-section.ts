import { formatCount, formatCountOf } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import type { QuarantineSample, QuarantineSection } from '../report-document.ts';
import { code, emptyElement, notesElement, sectionElement, tableElement } from './section-parts.ts';
import type { SectionName } from './section-parts.ts';

/** More of one record nobody reads on a page. */
const maxRawLength = 600;

/** What is held back: how much and why, and samples as they came. */
export function quarantineSection(
  { open, reasons, samples, emptyHint, notes }: QuarantineSection,
  name: SectionName,
): Html {
  if (open === 0) {
    return sectionElement(name, emptyElement(emptyHint), notesElement(notes));
  }
  return sectionElement(
    name,
    html`<p>${formatCountOf(open, 'entry is', 'entries are')} held back and open.</p>`,
    tableElement(
      'Open entries by reason',
      [
        { head: 'reason', kind: 'key', cell: (row: (typeof reasons)[number]) => code(row.reason) },
        {
          head: 'entries',
          kind: 'number',
          cell: (row: (typeof reasons)[number]) => formatCount(row.entries),
        },
      ],
      reasons,
    ),
    html`<h3>Samples</h3>
      <p class="note">
        ${
          samples.length < open
            ? `${formatCount(samples.length)} of them, as they came; characters that can not be seen are shown as escapes.`
            : 'All of them, as they came; characters that can not be seen are shown as escapes.'
        }
      </p>
      <ol class="samples">
        ${samples.map(sampleElement)}
      </ol>`,
    notesElement(notes),
  );
}

function sampleElement({ id: entryId, place, reason, message, raw }: QuarantineSample): Html {
  return html`<li>
    <p>
      <span class="faint">entry ${entryId}</span> ${code(reason)}
      <span class="datum">${message}</span>
    </p>
    <p class="faint place">${place}</p>
    ${raw === null ? html`<p class="faint">Its text was not kept.</p>` : rawElement(raw)}
  </li> `;
}

function rawElement(raw: string): Html {
  const shown = raw.slice(0, maxRawLength).replace(/[\ud800-\udbff]$/, '');
  const rest = raw.length - shown.length;
  return html`<pre class="raw"><code>${shown}</code>${
    rest > 0
      ? html`<span class="faint"> … and ${formatCountOf(rest, 'character')} more</span>`
      : undefined
  }</pre>`;
}
