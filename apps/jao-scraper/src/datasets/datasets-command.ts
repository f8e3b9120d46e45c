import { CommandError, printCsv, printJson, printTable, quoteUnknown } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { describeDataset, jaoDatasets } from '@sluice/schemas/jao';
import type { DatasetReport } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';

/** A terminal that is not wider than usual. */
const maxTableWidth = 120;

/** The options of `datasets`. */
export interface DatasetsOptions {
  /** Words to find datasets by. @default none: all of them */
  readonly args?: readonly string[];
  readonly format: Format;
}

/**
 * `jao-scraper datasets`: the catalogue, one row per dataset, in its order; where words are given, those
 * whose name, unit or description has all of them. As a table, what fits into a terminal.
 */
export async function datasetsCommand(
  context: CommandContext,
  { args: words = [], format }: DatasetsOptions,
): Promise<ExitCode> {
  const datasets = jaoDatasets.map(describeDataset).filter((dataset) => isAbout(dataset, words));
  if (datasets.length === 0) {
    const names = jaoDatasets.map(({ name }) => name);
    throw new CommandError(`datasets: the catalogue has no ${quoteUnknown(words, names)}`, {
      exitCode: exitCodes.usage,
    });
  }
  switch (format) {
    case 'json':
      printJson(context, datasets);
      break;
    case 'csv':
      await printDatasetsAsCsv(context, datasets);
      break;
    case 'table':
      printTable(
        context,
        ['dataset', 'unit', 'step', 'due', 'since', 'what'],
        datasets.map((dataset) => [
          dataset.isDefault ? `${dataset.name} (default)` : dataset.name,
          dataset.unit,
          describeNewestStep(dataset),
          describeDue(dataset),
          dataset.firstBusinessDay,
          dataset.description,
        ]),
        { maxWidth: maxTableWidth },
      );
      break;
  }
  return exitCodes.done;
}

function isAbout({ name, unit, description }: DatasetReport, words: readonly string[]): boolean {
  const text = `${name} ${unit} ${description}`.toLowerCase();
  return words.every((word) => text.includes(word.toLowerCase()));
}

async function printDatasetsAsCsv(
  context: CommandContext,
  datasets: readonly DatasetReport[],
): Promise<void> {
  const names = [
    'name',
    'region',
    'dataset',
    'path',
    'unit',
    'steps',
    'zone',
    'dueDayOffset',
    'dueLocalTime',
    'graceMinutes',
    'giveUpHours',
    'seriesEndsAfterDays',
    'firstBusinessDay',
    'contractVersion',
    'isDefault',
    'description',
  ];
  const rows = datasets.map((dataset) => [
    dataset.name,
    dataset.region,
    dataset.dataset,
    dataset.path,
    dataset.unit,
    describeSteps(dataset),
    dataset.zone,
    dataset.publication.dueDayOffset,
    dataset.publication.dueLocalTime,
    dataset.publication.graceMinutes,
    dataset.publication.giveUpHours,
    dataset.publication.seriesEndsAfterDays,
    dataset.firstBusinessDay,
    dataset.contractVersion,
    dataset.isDefault,
    dataset.description,
  ]);
  await printCsv(
    context,
    names.map((name) => ({ name })),
    [rows],
  );
}

/** `60 min, from 2025-10-01 15 min`; with a `?` where nobody knows for certain. */
function describeSteps({ steps, stepIsAssumed }: DatasetReport): string {
  const text = steps
    .map(({ fromBusinessDay, minutes }) =>
      fromBusinessDay === null ? `${minutes} min` : `from ${fromBusinessDay} ${minutes} min`,
    )
    .join(', ');
  return stepIsAssumed ? `${text} ?` : text;
}

/** `15 min`, of today; with a `?` where nobody knows for certain. */
function describeNewestStep({ steps, ...dataset }: DatasetReport): string {
  return describeSteps({
    ...dataset,
    steps: steps.slice(-1).map((step) => ({ ...step, fromBusinessDay: null })),
  });
}

/** `D-1 10:30`: on which day, counted from the business day, and when in the dataset's zone. */
function describeDue({ publication: { dueDayOffset, dueLocalTime } }: DatasetReport): string {
  const offset = dueDayOffset === 0 ? '' : dueDayOffset > 0 ? `+${dueDayOffset}` : dueDayOffset;
  return `D${offset} ${dueLocalTime}`;
}
