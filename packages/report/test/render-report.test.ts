import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { renderReport } from '../src/index.ts';
import type { ReportDocument, ReportSection } from '../src/index.ts';
import { sampleDocument } from './sample-document.ts';

function withSections(...sections: readonly ReportSection[]): ReportDocument {
  return { ...sampleDocument(), sections };
}

describe('a page', () => {
  test('allows its own style by hash, and nothing else', async () => {
    const page = await renderReport(withSections());
    const [, policy = ''] = /Content-Security-Policy"\s+content="([^"]*)"/.exec(page) ?? [];
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
  });

  test('answers first: the verdict stands before anything else that it says', async () => {
    const page = await renderReport(sampleDocument());
    const places = ['<h1>', 'class="verdict bad"', '<dl class="figures">', '<nav', '<main>'].map(
      (part) => page.indexOf(part),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  test('says what to do where there is nothing to show', async () => {
    const hint = 'Nothing ran yet; start with: votes-ingest ingest <file>';
    const empty = { emptyHint: hint, notes: ['and a note'] };
    const page = await renderReport(
      withSections(
        { kind: 'runs', unit: 'records', runs: [], total: 0, ...empty },
        { kind: 'checks', checks: [], ...empty },
        { ...emptyCoverage, ...empty },
        { kind: 'revisions', subject: 'a', unit: 'MW', total: 0, days: [], newest: [], ...empty },
        { kind: 'weeks', unit: 'votes', weeks: [], mean: 0, tolerance: 0.2, ...empty },
        { kind: 'quarantine', open: 0, reasons: [], samples: [], ...empty },
        { kind: 'absences', absences: [], ...empty },
      ),
    );
    expect(page.match(/start with: votes-ingest ingest &lt;file&gt;/g)).toHaveLength(7);
    expect(page.match(/and a note/g)).toHaveLength(7);
    expect(page).not.toContain('<svg');
  });

  test('gives sections of one kind different ids', async () => {
    const page = await renderReport(withSections(emptyCoverage, emptyCoverage));
    expect([...page.matchAll(/<section\s+id="([^"]*)"/g)].map(([, id]) => id)).toEqual([
      'coverage',
      'coverage-2',
    ]);
  });

  test('of 150 series in a month and 50 runs stays under a megabyte', async () => {
    const page = await renderReport(sampleDocument({ rows: 150 }));
    expect(page.length).toBeLessThan(1_000_000);
    expect(page).toContain('rows 101 to 150');
    // Every day stands above every part of the calendar.
    expect(page.match(/class="heat-map"/g)).toHaveLength(1);
  });

  test('cuts long raw text and says so', async () => {
    const page = await renderReport(
      withSections({
        kind: 'quarantine',
        open: 1,
        reasons: [{ reason: 'too_long', entries: 1 }],
        samples: [
          { id: '1', place: 'a', reason: 'too_long', message: 'm', raw: 'x'.repeat(1_000_000) },
        ],
        emptyHint: '',
      }),
    );
    expect(page.length).toBeLessThan(30_000);
    expect(page).toContain('and 999,400 characters more');
  });

  test('folds rows that lack nothing where there are many, and only then', async () => {
    const { sections } = sampleDocument({ rows: 80 });
    const coverage = sections.find(({ kind }) => kind === 'coverage');
    if (coverage?.kind !== 'coverage') throw new TypeError('the sample has coverage');
    const rows = coverage.rows.map((row, index) =>
      index < 3
        ? row
        : { ...row, cells: row.cells.map((cell) => ({ ...cell, style: 'present' as const })) },
    );
    const page = await renderReport(withSections({ ...coverage, rows }));
    expect(page).toContain('Calendar of the 3 series that lack something');
    expect(page).toContain('The other 77 series lack nothing');
    const whole = await renderReport(withSections({ ...coverage, rows: rows.slice(3) }));
    expect(whole).toContain('Calendar of all 77 series');
    expect(whole).not.toContain('<details');
  });
});

const emptyCoverage: ReportSection = {
  kind: 'coverage',
  subject: '',
  summary: '',
  unit: 'cells',
  rowName: 'series',
  columnName: 'day',
  states: [],
  columns: [],
  rows: [],
  gaps: [],
  emptyHint: 'nothing',
};
