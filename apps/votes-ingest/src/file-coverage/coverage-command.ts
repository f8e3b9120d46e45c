import {
  CommandError,
  printCsv,
  printJson,
  printTable,
  readPastInstant,
  say,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type {
  ArrivalPlan,
  CoveredFile,
  ExitCode,
  FileCompletenessRow,
  VotesCoverage,
} from '@sluice/schemas';
import { FileCalendar } from '@sluice/schemas/arrivals';

import type { CommandContext } from '../command-context.ts';
import { weekLabel } from '../outliers/outlier-weeks.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { completenessByDay } from './complete-days.ts';
import { countUnloadedSince } from './dates-as-of.ts';
import type { DayRange } from './file-states.ts';
import { readCoverage } from './read-coverage.ts';

/** Gaps that a table shows; JSON has all. */
const shownGaps = 50;
/** Expected files that a table shows, those that are present apart. */
const shownFiles = 200;

const fileColumns = [
  'name',
  'firstDay',
  'lastDay',
  'state',
  'dueAt',
  'since',
  'isGivenUp',
  'reason',
] as const satisfies readonly (keyof CoveredFile)[];

const completenessColumns = [
  'dataset',
  'day',
  'files',
  'present',
  'notExpected',
  'quarantined',
  'notDue',
  'late',
  'notProvided',
  'notCollected',
  'completeness',
  'collectionRate',
] as const satisfies readonly (keyof FileCompletenessRow)[];

/** The options of `coverage`. */
export interface CoverageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly asOf?: string;
  readonly completeness?: boolean;
  readonly format: Format;
}

/**
 * `votes-ingest coverage`: the days and weeks that have votes, what is missing between them, and what
 * is with each file that is expected, now or as of a past time; or how complete each day is by its files.
 * As CSV, the files. Exits with 3 where a file is in a state that is to alert.
 */
export async function coverageCommand(
  context: CommandContext,
  options: CoverageOptions,
): Promise<ExitCode> {
  const range = parseRange(options);
  const { arrivals: plan, coverageActions: actions } = context.config;
  const now = context.now();
  const asOf = readPastInstant('--as-of', options.asOf, now);
  const { coverage, unloadedVotes } = await readWarehouse(context, async (warehouse) => ({
    coverage: await readCoverage(warehouse, { plan, actions, now, asOf, range }),
    unloadedVotes: asOf === undefined ? 0 : await countUnloadedSince(warehouse, asOf),
  }));
  if (options.completeness === true) {
    await printCompleteness(context, completenessByDay(coverage.files, range), options.format);
  } else if (options.format === 'json') {
    printJson(context, coverage);
  } else if (options.format === 'csv') {
    const columns = [...fileColumns, 'actions'].map((name) => ({ name }));
    const rows = coverage.files.map((file) => [
      ...fileColumns.map((name) => file[name]),
      file.actions.join(' '),
    ]);
    await printCsv(context, columns, [rows]);
  } else {
    printCoverage(context, coverage);
  }
  if (unloadedVotes > 0) {
    say(
      context,
      `${unloadedVotes} votes that were there then were unloaded since: the days do not count them`,
    );
  }
  sayWhatIsToCome(context, { plan, range, at: asOf ?? now, lastCovered: coverage.days.last });
  if (plan === undefined) {
    say(context, 'no files are expected: the setting `arrivals` says which ones are, and when');
  }
  return coverage.outcome === 'complete' ? exitCodes.done : exitCodes.fellShort;
}

/** Of days to come nothing is known; without a word that would look as if there were nothing to them. */
function sayWhatIsToCome(
  context: CommandContext,
  {
    plan,
    range: { from, to },
    at,
    lastCovered,
  }: {
    readonly plan: ArrivalPlan | undefined;
    readonly range: DayRange;
    readonly at: Date;
    readonly lastCovered: string | null;
  },
): void {
  const [flag, day] = to === undefined ? ['--from', from] : ['--to', to];
  const newest = plan === undefined ? at.toISOString().slice(0, 10) : newestDueDay(plan, at);
  const isToCome = day !== undefined && day > newest && (lastCovered ?? '') <= newest;
  if (!isToCome) {
    return;
  }
  if (plan === undefined) {
    say(context, `today is ${newest}: up to ${flag} ${day} there is nothing yet`);
  } else if (expectsMore(plan, at)) {
    say(context, `${flag} ${day}: nothing ${newest === '' ? '' : `after ${newest} `}is due yet`);
  }
}

/** Before all days where none is due. */
function newestDueDay(plan: ArrivalPlan, at: Date): string {
  const newestMs = new FileCalendar(plan).days().newestDueMs(at.getTime());
  return newestMs === undefined ? '' : new Date(newestMs).toISOString().slice(0, 10);
}

function expectsMore(plan: ArrivalPlan, at: Date): boolean {
  const atMs = at.getTime();
  return [...new FileCalendar(plan).periods(atMs)].some(({ dueMs }) => dueMs > atMs);
}

function parseRange({ from, to }: CoverageOptions): DayRange {
  for (const [flag, day] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    const isDay = day === undefined || isRealDay(day);
    if (!isDay) {
      throw usageError(`${flag} ${JSON.stringify(day)}: it is no day such as 2021-09-01`);
    }
  }
  if (from !== undefined && to !== undefined && to < from) {
    throw usageError(`--to ${to}: it is before --from ${from}`);
  }
  return { from, to };
}

function isRealDay(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}

async function printCompleteness(
  context: CommandContext,
  rows: readonly FileCompletenessRow[],
  format: Format,
): Promise<void> {
  if (format === 'json') {
    printJson(context, rows);
    return;
  }
  const cells = rows.map((row) => completenessColumns.map((name) => row[name]));
  if (format === 'csv') {
    await printCsv(
      context,
      completenessColumns.map((name) => ({ name })),
      [cells],
    );
  } else {
    printTable(context, [...completenessColumns], cells);
  }
}

function printCoverage(
  context: CommandContext,
  { days, weeks, arrivals, files }: VotesCoverage,
): void {
  const label = (week: VotesCoverage['weeks']['first']): string | null =>
    week && weekLabel({ Year: week.year, WeekNumber: week.week });
  printTable(
    context,
    ['covered', 'first', 'last', 'observed', 'missing between', 'due after the last'],
    [
      ['days', days.first, days.last, days.observed, days.missing, days.dueAfter],
      [
        'weeks',
        label(weeks.first),
        label(weeks.last),
        weeks.observed,
        weeks.missing,
        weeks.dueAfter,
      ],
    ],
  );
  if (days.gaps.length > 0) {
    const gaps = days.gaps.slice(0, shownGaps);
    printTable(
      context,
      ['gap from', 'to', 'days'],
      gaps.map(({ first, last, days: count }) => [first, last, count]),
    );
    sayMore(context, days.gaps.length - gaps.length, 'gaps');
  }
  if (files.length > 0) {
    printFiles(context, files);
    const { completeness = null, collectionRate = null } = arrivals ?? {};
    context.output.write(
      `completeness ${percentOf(completeness)}, collection rate ${percentOf(collectionRate)}\n`,
    );
  }
}

function percentOf(share: number | null): string {
  return share === null ? 'unknown, as nothing is due' : `${(share * 100).toFixed(1)} %`;
}

function printFiles(context: CommandContext, files: readonly CoveredFile[]): void {
  const present = files.filter(({ state }) => state === 'present').length;
  const others = files.filter(({ state }) => state !== 'present');
  const shown = others.slice(-shownFiles);
  if (shown.length > 0) {
    printTable(
      context,
      ['expected file', 'state', 'due', 'since', 'reason', 'actions'],
      shown.map(({ name, state, dueAt, since, reason, isGivenUp, actions }) => [
        name,
        isGivenUp ? `${state}, given up` : state,
        dueAt,
        since,
        reason,
        actions.join(' '),
      ]),
    );
  }
  sayMore(context, others.length - shown.length, 'files before them that are not there');
  context.output.write(`${present} of ${files.length} expected files are present\n`);
}

function sayMore(context: CommandContext, count: number, what: string): void {
  if (count > 0) {
    say(context, `${count} more ${what}; --format json has them all`);
  }
}
