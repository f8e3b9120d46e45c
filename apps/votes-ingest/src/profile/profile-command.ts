import { printJson, printSuggestions, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode, ProfileReport } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { weekLabel } from '../outliers/outlier-weeks.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { profileVotes } from './profile-votes.ts';
import { suggestForVotes } from './suggest-for-votes.ts';

type Week = NonNullable<ProfileReport['weeks']['first']>;

/** The options of `profile`. */
export interface ProfileOptions {
  readonly format: Format;
  readonly suggest?: boolean;
}

/**
 * `votes-ingest profile`: columns summarised, days and weeks covered, gaps, vote types; with `--suggest`
 * also what the votes suggest to expect of them.
 */
export async function profileCommand(
  context: CommandContext,
  { format, suggest = false }: ProfileOptions,
): Promise<ExitCode> {
  const { report, suggestions } = await readWarehouse(context, async (warehouse) => ({
    report: await profileVotes(warehouse),
    suggestions: suggest ? await suggestForVotes(warehouse) : undefined,
  }));
  if (format === 'json') {
    printJson(context, suggestions === undefined ? report : { ...report, suggestions });
    return exitCodes.done;
  }
  printProfile(context, report);
  if (suggestions !== undefined) {
    printSuggestions(context, suggestions);
  }
  return exitCodes.done;
}

function printProfile(context: CommandContext, report: ProfileReport): void {
  const { rows, columns, days, weeks, voteTypes } = report;
  printTable(
    context,
    ['column', 'type', 'min', 'max', '≈ distinct', 'average', '≈ median', 'null %'],
    columns.map((column) => [
      column.name,
      column.type,
      column.min,
      column.max,
      column.approximateDistinct,
      column.average,
      column.q50,
      column.nullPercentage,
    ]),
  );
  const missingWeeks = weeks.missing.reduce((sum, gap) => sum + gap.weeks, 0);
  printTable(
    context,
    ['covered', 'first', 'last', 'observed', 'missing between'],
    [
      ['days', days.first, days.last, days.observed, days.missing],
      ['weeks', labelOf(weeks.first), labelOf(weeks.last), weeks.observed, missingWeeks],
    ],
  );
  if (weeks.missing.length > 0) {
    printTable(
      context,
      ['gap from', 'to', 'weeks'],
      weeks.missing.map((gap) => [labelOf(gap.first), labelOf(gap.last), gap.weeks]),
    );
  }
  printTable(
    context,
    ['vote type', 'name', 'votes'],
    voteTypes.map(({ id, name, votes }) => [id, name ?? '(unknown)', votes]),
  );
  context.output.write(`${rows} votes\n`);
}

function labelOf(week: Week | null): string | null {
  return week && weekLabel({ Year: week.year, WeekNumber: week.week });
}
