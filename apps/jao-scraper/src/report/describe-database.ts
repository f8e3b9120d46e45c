import { formatCount, formatCountOf, formatShare } from '@sluice/report';
import type {
  AbsencesSection,
  ChecksSection,
  KeyFigure,
  QuarantineSection,
  ReportDocument,
  RevisionsSection,
  RunsSection,
  Tone,
} from '@sluice/report';
import { addDays } from '@sluice/schemas/jao';

import { countCoverage } from './count-coverage.ts';
import { describeCoverage, lackingStates, summarize } from './describe-coverage.ts';
import type { DatabaseFacts, DatasetFacts } from './read-database-facts.ts';
import { endsOf } from './report-question.ts';

/** What a page says of itself. */
export interface PageOrigin {
  readonly appVersion: string;
  readonly asOf: Date;
  readonly now: Date;
}

/** A quarter of a year: more days no chart shows. */
const maxDays = 92;

/** The report of a database: what is read there, in the order and the words of a page. */
export function describeDatabase(
  facts: DatabaseFacts,
  { appVersion, asOf, now }: PageOrigin,
): ReportDocument {
  return {
    app: 'jao-scraper',
    appVersion,
    title: facts.datasets.map(({ question }) => question.contract.name).join(', '),
    source: facts.source,
    asOf,
    createdAt: now,
    verdict: { tone: toneOf(facts), sentence: answer(facts) },
    figures: figuresOf(facts),
    sections: [
      ...facts.datasets.map((dataset) => describeCoverage(dataset, facts.datasets.length)),
      runsSection(facts),
      checksSection(facts),
      ...facts.datasets.map(revisionsSection),
      quarantineSection(facts),
      absencesSection(facts),
    ],
  };
}

function allCells({ datasets }: DatabaseFacts) {
  return countCoverage(datasets.map(({ coverage }) => coverage.cells));
}

/** Did it run, is it complete, what is missing and why. */
function answer(facts: DatabaseFacts): string {
  const newest = facts.runs?.runs[0];
  const clauses: string[] = [];
  if (newest !== undefined) {
    const ended = newest.endedAt ?? newest.startedAt;
    clauses.push(
      `the last run, ${newest.command}, ${newest.outcome === 'running' ? 'is running since' : `${newest.outcome === 'abandoned' ? 'was abandoned' : newest.outcome} at`} ${minuteOf(ended)}` +
        (newest.error === null ? '' : ` (${newest.error})`),
    );
  } else if (facts.runs !== undefined) {
    clauses.push('nothing ran yet; start with: jao-scraper backfill');
  }
  const { cells, present, due } = allCells(facts);
  if (cells.size > 0) {
    const lacking = lackingStates(cells);
    const reason = mainReason(facts);
    clauses.push(
      summarize(cells).replace(/\.$/, '') +
        (lacking.length > 0 && present < due && reason !== undefined
          ? `, most of all because: ${reason}`
          : ''),
    );
  }
  const notPassed = notPassedOf(facts);
  if (facts.checks.length > 0) {
    clauses.push(
      notPassed === 0
        ? `each of ${formatCountOf(facts.checks.length, 'check')} passed`
        : `${formatCount(notPassed)} of ${formatCountOf(facts.checks.length, 'check')} did not pass`,
    );
  }
  const sentence = clauses.join('; ');
  return sentence === ''
    ? 'There is nothing to report on.'
    : `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`;
}

/** Why the largest part of what is missing is missing. */
function mainReason({ datasets }: DatabaseFacts): string | undefined {
  const gaps = datasets.flatMap((dataset) => describeCoverage(dataset).gaps);
  return gaps.toSorted((left, right) => right.count - left.count)[0]?.reason ?? undefined;
}

function toneOf(facts: DatabaseFacts): Tone {
  const { cells, present, due } = allCells(facts);
  if (cells.size === 0) {
    return 'none';
  }
  const newest = facts.runs?.runs[0]?.outcome;
  const isShort = (['not_collected', 'not_provided', 'quarantined'] as const).some(
    (state) => (cells.get(state) ?? 0) > 0,
  );
  const isBroken = facts.checks.some(({ outcome }) => outcome === 'failed' || outcome === 'error');
  if (isShort || isBroken || newest === 'failed' || newest === 'abandoned') {
    return 'bad';
  }
  return present < due || facts.quarantine.open > 0 || notPassedOf(facts) > 0 ? 'caution' : 'good';
}

function notPassedOf({ checks }: DatabaseFacts): number {
  return checks.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped').length;
}

function figuresOf(facts: DatabaseFacts): KeyFigure[] {
  const { cells, present, due } = allCells(facts);
  const notProvided = cells.get('not_provided') ?? 0;
  const came = present + (cells.get('withdrawn') ?? 0) + (cells.get('quarantined') ?? 0);
  const changes = facts.datasets.reduce((sum, { revisions }) => sum + revisions.total, 0);
  const { runs } = facts;
  const notSucceeded =
    runs?.runs.filter(({ outcome }) => outcome === 'failed' || outcome === 'abandoned').length ?? 0;
  return [
    {
      label: 'Complete',
      figure: formatShare(present, due) ?? 'nothing due',
      note: `${formatCount(present)} of ${formatCount(due)} cells`,
      tone: present === due ? 'good' : 'bad',
    },
    {
      label: 'Collected',
      figure: formatShare(came, due - notProvided) ?? 'nothing due',
      note: 'of what the source had',
    },
    { label: 'Changes', figure: formatCount(changes), note: 'after the first version' },
    ...(runs === undefined
      ? []
      : [
          {
            label: 'Runs',
            figure: formatCount(runs.total),
            note:
              notSucceeded === 0
                ? 'none of the newest failed'
                : `${formatCount(notSucceeded)} of the newest ${formatCount(runs.runs.length)} failed`,
            tone: notSucceeded === 0 ? ('none' as const) : ('caution' as const),
          },
        ]),
    ...(facts.checks.length === 0
      ? []
      : [
          {
            label: 'Checks not passed',
            figure: formatCount(notPassedOf(facts)),
            note: `of ${formatCount(facts.checks.length)}`,
            tone: notPassedOf(facts) === 0 ? ('good' as const) : ('bad' as const),
          },
        ]),
    {
      label: 'Held back',
      figure: formatCount(facts.quarantine.open),
      note: facts.quarantine.open === 0 ? 'no open entry' : 'open entries',
      tone: facts.quarantine.open === 0 ? 'none' : 'caution',
    },
  ];
}

function runsSection({ runs }: DatabaseFacts): RunsSection {
  return {
    kind: 'runs',
    unit: 'cells',
    runs: (runs?.runs ?? []).map((run) => {
      const { dataset, error, quarantined } = run;
      const notes = [
        ...(error === null ? [] : [error]),
        ...(quarantined === 0 ? [] : [`${formatCount(quarantined)} held back`]),
      ];
      return {
        ...run,
        command: dataset === null ? run.command : `${run.command} ${dataset}`,
        note: notes.length === 0 ? null : notes.join('; '),
      };
    }),
    total: runs?.total ?? 0,
    emptyHint:
      runs === undefined
        ? 'This login may not read the ledger of runs. Give the URL of one that may, such as a member of sluice_metrics: jao-scraper database url --role metrics'
        : 'Nothing ran yet; start with: jao-scraper backfill',
  };
}

function checksSection({ checks, datasets }: DatabaseFacts): ChecksSection {
  return {
    kind: 'checks',
    checks: checks.map(({ dataset, checkId, ...check }) => ({
      id: datasets.length === 1 ? checkId : `${dataset} ${checkId}`,
      ...check,
    })),
    emptyHint:
      'No result of a check is on record for these datasets; start with: jao-scraper check',
  };
}

function revisionsSection({ question, revisions }: DatasetFacts): RevisionsSection {
  const { contract } = question;
  const { from, to } = endsOf(question);
  const days = fillDays(revisions.days);
  const shown = days.slice(-maxDays);
  return {
    kind: 'revisions',
    subject: contract.name,
    unit: contract.unit,
    total: revisions.total,
    days: shown,
    newest: revisions.newest.map(({ key, withdrawn, ...revision }) => ({
      ...revision,
      subject: key,
      isWithdrawn: withdrawn,
    })),
    emptyHint: `Nothing of ${from} to ${to} was changed after its first version.`,
    notes: [
      ...(shown.reduce((sum, { changed }) => sum + changed, 0) < revisions.total
        ? [`The chart begins with ${String(shown[0]?.day)}; earlier changes are in the sum.`]
        : []),
      ...(revisions.newest.length < revisions.total
        ? [`jao-scraper revisions --dataset ${contract.name} --from ${from} --to ${to} lists all.`]
        : []),
    ],
  };
}

function fillDays(days: DatasetFacts['revisions']['days']): RevisionsSection['days'] {
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const known = new Map(days.map((day) => [day.day, day]));
  const from =
    first.day < addDays(last.day, 1 - maxDays) ? addDays(last.day, 1 - maxDays) : first.day;
  const filled: RevisionsSection['days'][number][] = [];
  for (let day = from; day <= last.day; day = addDays(day, 1)) {
    filled.push(known.get(day) ?? { day, changed: 0, withdrawn: 0 });
  }
  return filled;
}

function quarantineSection({ quarantine }: DatabaseFacts): QuarantineSection {
  return {
    kind: 'quarantine',
    open: quarantine.open,
    reasons: quarantine.reasons,
    samples: quarantine.samples.map((sample) => ({
      id: `${String(sample.attemptId)}${sample.pointer}`,
      place: `${sample.dataset}, ${sample.businessDay ?? 'no day'}${sample.key === null ? '' : `, ${sample.key}`}, ${sample.pointer} in the answer to attempt ${String(sample.attemptId)}`,
      reason: sample.reason,
      message: sample.message,
      raw: sample.raw,
    })),
    emptyHint: 'Nothing of these days is held back.',
  };
}

function absencesSection({ absences }: DatabaseFacts): AbsencesSection {
  return {
    kind: 'absences',
    absences: absences.map(({ dataset, keys, periodStart, periodEnd, ...absence }) => ({
      ...absence,
      subject: `${dataset}${keys === null ? '' : ` ${subjectOf(keys)}`}`,
      period: `${minuteOf(periodStart)} to ${minuteOf(periodEnd)}`,
    })),
    emptyHint: 'No absence is on record for these days.',
  };
}

function subjectOf(keys: readonly string[]): string {
  const shown = keys.slice(0, 3).join(', ');
  return keys.length > 3 ? `${shown} and ${formatCount(keys.length - 3)} more` : shown;
}

function minuteOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
