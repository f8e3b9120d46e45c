import { drawRunHistory, outcomeMarks } from '../charts/run-history.ts';
import { formatCount, formatCountOf, formatDuration, timeElement } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Child, Html } from '../html/html.ts';
import { runOutcomes } from '../report-document.ts';
import type { RunEntry, RunOutcome, RunsSection } from '../report-document.ts';
import {
  badge,
  code,
  emptyElement,
  figureElement,
  notesElement,
  sectionElement,
  tableElement,
} from './section-parts.ts';
import type { SectionName } from './section-parts.ts';

/** So many runs are seen without asking for more. */
const runsAtOnce = 12;
const badgeStyles: Readonly<Record<RunOutcome, string>> = {
  succeeded: 'good',
  failed: 'bad',
  abandoned: 'caution',
  running: 'none',
};

/** What ran, when, for how long and with what outcome. */
export async function runsSection(section: RunsSection, name: SectionName): Promise<Html> {
  const { runs, unit, emptyHint, notes } = section;
  if (runs.length === 0) {
    return sectionElement(name, emptyElement(emptyHint), notesElement(notes));
  }
  const summary = summarize(section);
  const chart = await drawRunHistory(
    { runs: runs.toReversed(), unit },
    {
      id: 'runs-chart',
      title: `Duration of each run, and ${unit} that it read`,
      description: summary,
    },
  );
  return sectionElement(
    name,
    html`<p>${summary}</p>`,
    figureElement(
      'Chart of the runs',
      chart,
      html`Oldest run to the left. Under the bars is when a run started, month, day and time, UTC.
      ${badge('bad', outcomeMarks.failed, 'failed')}
      ${badge('caution', outcomeMarks.abandoned, 'abandoned')}
      ${badge('none', outcomeMarks.running, 'running')}`,
    ),
    runTables(section),
    notesElement(notes),
  );
}

/** The newest at once, the others behind them. */
function runTables({ runs, total, unit }: RunsSection): Child {
  const columns = runColumns(unit);
  const newest = runs.slice(0, runsAtOnce);
  const older = runs.slice(runsAtOnce);
  const caption =
    newest.length < total
      ? `The newest ${formatCount(newest.length)} of ${formatCountOf(total, 'run')}, newest first`
      : `All ${formatCountOf(total, 'run')}, newest first`;
  return [
    tableElement(caption, columns, newest),
    older.length === 0
      ? undefined
      : html`<details>
          <summary>The ${formatCountOf(older.length, 'run')} before</summary>
          ${tableElement('Runs before these, newest first', columns, older)}
        </details>`,
  ];
}

function runColumns(unit: string) {
  return [
    { head: 'started', kind: 'key', cell: (run: RunEntry) => timeElement(run.startedAt) },
    { head: 'command', cell: (run: RunEntry) => code(run.command) },
    {
      head: 'outcome',
      cell: (run: RunEntry) =>
        badge(badgeStyles[run.outcome], outcomeMarks[run.outcome] || '✓', run.outcome),
    },
    {
      head: 'took',
      kind: 'number',
      cell: (run: RunEntry) =>
        run.endedAt === null ? '' : formatDuration(run.endedAt.getTime() - run.startedAt.getTime()),
    },
    { head: `${unit} read`, kind: 'number', cell: (run: RunEntry) => formatCount(run.read) },
    { head: 'accepted', kind: 'number', cell: (run: RunEntry) => formatCount(run.accepted) },
    { head: 'run', kind: 'small', cell: (run: RunEntry) => code(run.runId) },
    { head: 'what happened', kind: 'wide', cell: (run: RunEntry) => run.note },
  ] as const;
}

function summarize({ runs, total, unit }: RunsSection): string {
  const outcomes = runOutcomes.flatMap((outcome) => {
    const count = runs.filter((run) => run.outcome === outcome).length;
    return count === 0 ? [] : `${formatCount(count)} ${outcome}`;
  });
  const durations = runs.flatMap(({ startedAt, endedAt }) =>
    endedAt === null ? [] : endedAt.getTime() - startedAt.getTime(),
  );
  const middle = durations.toSorted((left, right) => left - right)[
    Math.floor(durations.length / 2)
  ];
  const read = runs.reduce((sum, run) => sum + run.read, 0);
  const which =
    runs.length < total
      ? `the newest ${formatCountOf(runs.length, 'run')}`
      : formatCountOf(total, 'run');
  const took =
    middle === undefined
      ? ''
      : ` Half of them took ${formatDuration(middle)} or longer, the longest ${formatDuration(Math.max(...durations))}.`;
  return `Of ${which}: ${outcomes.join(', ')}; ${formatCount(read)} ${unit} read.${took}`;
}
