import { printCsv, printJson, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { describeDataset, jaoDatasets } from '@sluice/schemas/jao';
import type { DatasetReport } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';

/** The options of `datasets`. */
export interface DatasetsOptions {
  readonly format: Format;
}

/** `jao-scraper datasets`: the catalogue, one line per dataset, in its order. */
export async function datasetsCommand(
  context: CommandContext,
  { format }: DatasetsOptions,
): Promise<ExitCode> {
  const datasets = jaoDatasets.map(describeDataset);
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
          describeSteps(dataset),
          describeDue(dataset),
          dataset.firstBusinessDay,
          dataset.description,
        ]),
      );
      break;
  }
  return exitCodes.done;
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

/** `D-1 10:30`: on which day, counted from the business day, and when in the dataset's zone. */
function describeDue({ publication: { dueDayOffset, dueLocalTime } }: DatasetReport): string {
  const offset = dueDayOffset === 0 ? '' : dueDayOffset > 0 ? `+${dueDayOffset}` : dueDayOffset;
  return `D${offset} ${dueLocalTime}`;
}
