import { formatCount, formatCountOf } from '@sluice/report';
import type {
  CheckEntry,
  KeyFigure,
  QuarantineSection,
  ReportDocument,
  RunEntry,
  Tone,
  WeeksSection,
} from '@sluice/report';
import type { RunReport } from '@sluice/schemas';

import { outlierTolerance } from '../outliers/outlier-weeks.ts';
import { describeArrivals, summarizeArrivals } from './describe-arrivals.ts';
import type { ArrivalFacts } from './describe-arrivals.ts';
import { describeDays } from './describe-days.ts';
import { fillWeeks } from './fill-weeks.ts';
import type { VotesFacts } from './read-votes-facts.ts';

/** What a page says of itself. */
export interface PageOrigin {
  readonly appVersion: string;
  readonly warehouse: string;
  readonly now: Date;
}

/** Of what the contract does not know. */
const shownDrift = 2;
const howToIngest = 'start with: votes-ingest ingest <file>';

/** The report of a warehouse: what is read there, in the order and the words of a page. */
export function describeVotes(
  facts: VotesFacts,
  { appVersion, warehouse, now }: PageOrigin,
): ReportDocument {
  return {
    app: 'votes-ingest',
    appVersion,
    title: 'Votes',
    source: warehouse,
    asOf: now,
    createdAt: now,
    verdict: { tone: toneOf(facts), sentence: answer(facts) },
    figures: figuresOf(facts),
    sections: [
      {
        kind: 'runs',
        unit: 'records',
        runs: facts.runs.map(runEntry),
        total: facts.totalRuns,
        emptyHint: `Nothing ran yet; ${howToIngest}`,
        notes: refusalNotes(facts),
      },
      {
        kind: 'checks',
        checks: checkEntries(facts, now),
        emptyHint: `No check has run yet; ${howToIngest}`,
      },
      describeDays(facts.days),
      ...(facts.arrivals === undefined ? [] : [describeArrivals(facts.arrivals)]),
      weeksSection(facts),
      quarantineSection(facts),
    ],
  };
}

/** Did it run, is it complete, what is missing and why. */
function answer(facts: VotesFacts): string {
  const { runs, votes, days, arrivals, quarantine, refusedFiles } = facts;
  const [newest] = runs;
  if (newest === undefined) {
    return `Nothing ran yet; ${howToIngest}`;
  }
  const clauses = [
    `The last run, ${newest.command}, ${newest.outcome === 'abandoned' ? 'was abandoned' : newest.outcome} at ${minuteOf(newest.endedAt ?? newest.startedAt)}` +
      (newest.error === null ? '' : ` (${newest.error})`),
    votes === 0
      ? 'there are no votes'
      : `${formatCountOf(votes, 'vote')} from ${String(days.first)} to ${String(days.last)} are there` +
        (days.missing === 0
          ? `, on ${days.observed === 1 ? 'that one day' : `each of the ${formatCountOf(days.observed, 'day')}`}`
          : `, and ${formatCountOf(days.missing, 'day')} of ${formatCount(days.observed + days.missing)} have none`),
  ];
  if (arrivals !== undefined) {
    clauses.push(lowerFirst(summarizeArrivals(arrivals.files)).replace(/\.$/, ''));
  }
  if (refusedFiles.length > 0) {
    clauses.push(`${formatCountOf(refusedFiles.length, 'file is', 'files are')} refused`);
  }
  const [mostOften] = quarantine.reasons;
  if (mostOften !== undefined) {
    clauses.push(
      `${formatCountOf(quarantine.open, 'record is', 'records are')} held back, most often for ${mostOften.reason}`,
    );
  }
  const { bad, warned, total } = countChecks(facts);
  clauses.push(
    bad + warned === 0
      ? `each of ${formatCountOf(total, 'check')} passed`
      : `${formatCount(bad + warned)} of ${formatCountOf(total, 'check')} did not pass`,
  );
  return `${clauses.join('; ')}.`;
}

function lowerFirst(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}

function toneOf(facts: VotesFacts): Tone {
  const [newest] = facts.runs;
  const { bad, warned } = countChecks(facts);
  const isShort = facts.arrivals?.files.some(({ actions }) => actions.includes('alert')) === true;
  if (newest === undefined) {
    return 'none';
  }
  if (newest.outcome !== 'succeeded' || facts.refusedFiles.length > 0 || bad > 0 || isShort) {
    return 'bad';
  }
  return facts.quarantine.open > 0 || facts.days.missing > 0 || warned > 0 ? 'caution' : 'good';
}

function countChecks({ checks, ledgerChecks }: VotesFacts) {
  const outcomes = [...checks, ...ledgerChecks].map(({ outcome }) => outcome);
  return {
    total: outcomes.length,
    bad: outcomes.filter((outcome) => outcome === 'failed' || outcome === 'error').length,
    warned: outcomes.filter((outcome) => outcome === 'warned').length,
  };
}

function figuresOf(facts: VotesFacts): KeyFigure[] {
  const { votes, weeks, days, arrivals, quarantine, runs, totalRuns } = facts;
  const { bad, warned, total } = countChecks(facts);
  const notSucceeded = runs.filter(({ outcome }) => outcome !== 'succeeded').length;
  return [
    { label: 'Votes', figure: formatCount(votes), note: period(days) },
    {
      label: 'Days covered',
      figure: formatCount(days.observed),
      note:
        days.missing === 0
          ? 'none between is missing'
          : `${formatCount(days.missing)} between have none`,
      tone: days.missing === 0 ? 'none' : 'caution',
    },
    ...(arrivals === undefined ? [] : [arrivalFigure(arrivals)]),
    {
      label: 'Outlier weeks',
      figure: formatCount(weeks.outliers),
      note: `of ${formatCountOf(weeks.total, 'week')}`,
    },
    {
      label: 'Runs',
      figure: formatCount(totalRuns),
      note:
        notSucceeded === 0
          ? 'the newest all succeeded'
          : `${formatCount(notSucceeded)} of the newest ${formatCount(runs.length)} did not succeed`,
      tone: notSucceeded === 0 ? 'none' : 'caution',
    },
    {
      label: 'Checks not passed',
      figure: formatCount(bad + warned),
      note: `of ${formatCount(total)}`,
      tone: bad > 0 ? 'bad' : warned > 0 ? 'caution' : 'good',
    },
    {
      label: 'Held back',
      figure: formatCount(quarantine.open),
      note:
        quarantine.oldestAt === null
          ? 'no open entry'
          : `the oldest since ${quarantine.oldestAt.toISOString().slice(0, 10)}`,
      tone: quarantine.open > 0 ? 'caution' : 'none',
    },
  ];
}

function arrivalFigure({ files }: ArrivalFacts): KeyFigure {
  const alerting = files.filter(({ actions }) => actions.includes('alert')).length;
  return {
    label: 'Expected files there',
    figure: formatCount(files.filter(({ state }) => state === 'present').length),
    note:
      alerting === 0 ? 'none that is waited for is missing' : `${formatCount(alerting)} missing`,
    tone: alerting === 0 ? 'good' : 'bad',
  };
}

function period({ first, last }: VotesFacts['days']): string {
  return first === null || last === null ? 'none yet' : `${first} to ${last}`;
}

function runEntry(run: RunReport): RunEntry {
  const refused = run.files.filter(({ outcome }) => outcome === 'refused');
  const [first] = refused;
  const refusal =
    first === undefined
      ? []
      : [
          `${formatCountOf(refused.length, 'file')} refused, such as ${first.path}: ${first.error ?? 'no reason on record'}`,
        ];
  const notes = [...(run.error === null ? [] : [run.error]), ...refusal, ...driftNotes(run)];
  return {
    runId: run.runId,
    command: run.command,
    startedAt: new Date(run.startedAt),
    endedAt: run.endedAt === null ? null : new Date(run.endedAt),
    outcome: run.outcome,
    read: run.totals.read,
    accepted: run.totals.accepted,
    note: notes.length === 0 ? null : notes.join('; '),
  };
}

function driftNotes({ drift }: RunReport): string[] {
  const shown = drift
    .slice(0, shownDrift)
    .map(
      ({ kind, value, count }) =>
        `${kind === 'unknown_field' ? 'unknown field' : 'unknown vote type'} ${value} in ${formatCountOf(count, 'record')}`,
    );
  const rest = drift.length - shown.length;
  return rest > 0
    ? [...shown, `and ${formatCount(rest)} more that the contract does not know`]
    : shown;
}

function refusalNotes({ refusedFiles }: VotesFacts): string[] {
  if (refusedFiles.length === 0) {
    return [];
  }
  const shown = refusedFiles.slice(0, 10);
  const rest = refusedFiles.length - shown.length;
  return [
    `Refused, and not ingested since: ${shown.join(', ')}${rest > 0 ? `, and ${formatCount(rest)} more` : ''}. ` +
      'Correct or replace them and ingest them again.',
  ];
}

function checkEntries({ checks, ledgerChecks }: VotesFacts, now: Date): CheckEntry[] {
  return [
    ...ledgerChecks.map(({ id, outcome, message }) => ({
      id,
      outcome,
      expected: null,
      observed: null,
      failing: null,
      message,
      checkedAt: now,
      trend: [],
    })),
    ...checks.map(({ checkId, ...check }) => ({ id: checkId, ...check })),
  ];
}

function weeksSection({ weeks: { weeks, mean, total } }: VotesFacts): WeeksSection {
  return {
    kind: 'weeks',
    unit: 'votes',
    weeks: fillWeeks(weeks),
    mean,
    tolerance: outlierTolerance,
    emptyHint: `There are no votes yet; ${howToIngest}`,
    notes: [
      'Weeks start on Monday; days before the first Monday of a year are its week 0.',
      ...(weeks.length < total
        ? [
            `These are the newest ${formatCount(weeks.length)} of ${formatCount(total)} weeks; the mean is that of all. votes-ingest outliers lists all outliers.`,
          ]
        : []),
    ],
  };
}

function quarantineSection({ quarantine }: VotesFacts): QuarantineSection {
  const { open, reasons, samples } = quarantine;
  return {
    kind: 'quarantine',
    open,
    reasons,
    samples: samples.map(({ id, path, line, raw, rawBase64, ...sample }) => ({
      ...sample,
      id: String(id),
      place: `${path}, line ${formatCount(line)}`,
      raw: raw ?? (rawBase64 === null ? null : `no UTF-8; in base64: ${rawBase64}`),
    })),
    emptyHint: 'Nothing is held back.',
    notes: open > 0 ? ['votes-ingest quarantine lists all of them.'] : [],
  };
}

function minuteOf(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}
