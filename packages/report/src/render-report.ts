import type { ReportDocument, ReportSection } from './report-document.ts';
import type { Html } from './html/html.ts';
import { renderPage } from './page/render-page.ts';
import type { RenderedSection } from './page/render-page.ts';
import { absencesSection } from './sections/absences-section.ts';
import { checksSection } from './sections/checks-section.ts';
import { coverageSection } from './sections/coverage-section.ts';
import { quarantineSection } from './sections/quarantine-section.ts';
import { revisionsSection } from './sections/revisions-section.ts';
import { runsSection } from './sections/runs-section.ts';
import type { SectionName } from './sections/section-parts.ts';
import { weeksSection } from './sections/weeks-section.ts';

/**
 * One page of HTML that needs nothing else: no script in it, no request from it. Charts are drawings
 * with a title and a description, and a table beside them says the same.
 */
export async function renderReport(document: ReportDocument): Promise<string> {
  const rendered: RenderedSection[] = [];
  for (const section of document.sections) {
    const name = nameOf(section, rendered);
    rendered.push({ ...name, markup: await renderSection(section, name) });
  }
  return renderPage(document, rendered);
}

function nameOf(section: ReportSection, earlier: readonly RenderedSection[]): SectionName {
  const { heading, kind } = { heading: headingOf(section), kind: section.kind };
  const position = earlier.filter(({ id }) => id === kind || id.startsWith(`${kind}-`)).length;
  return { heading, id: position === 0 ? kind : `${kind}-${position + 1}` };
}

function headingOf(section: ReportSection): string {
  switch (section.kind) {
    case 'runs':
      return 'Runs';
    case 'checks':
      return 'Checks';
    case 'coverage':
      return section.subject === '' ? 'Coverage' : `Coverage of ${section.subject}`;
    case 'revisions':
      return `Revisions of ${section.subject}`;
    case 'weeks':
      return 'Outlier weeks';
    case 'quarantine':
      return 'Quarantine';
    case 'absences':
      return 'Absences';
  }
}

async function renderSection(section: ReportSection, name: SectionName): Promise<Html> {
  switch (section.kind) {
    case 'runs':
      return runsSection(section, name);
    case 'checks':
      return checksSection(section, name);
    case 'coverage':
      return coverageSection(section, name);
    case 'revisions':
      return revisionsSection(section, name);
    case 'weeks':
      return weeksSection(section, name);
    case 'quarantine':
      return quarantineSection(section, name);
    case 'absences':
      return absencesSection(section, name);
  }
}
