import { printJson, printSuggestions, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { ColumnProfile, SeriesProfile } from '@sluice/schemas/expectations';

import type { CommandContext } from '../command-context.ts';
import { takePeriod } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { profileSeries } from './profile-series.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The options of `profile`. */
export interface ProfileOptions {
  readonly dataset?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly suggest?: boolean;
  readonly format: Format;
}

/**
 * `jao-scraper profile`: what the columns of `jao.latest` hold for a period, and the values by groups of
 * keys; with `--suggest` also what they suggest to expect of them. All of one moment of the database.
 */
export async function profileCommand(
  context: CommandContext,
  options: ProfileOptions,
): Promise<ExitCode> {
  const now = context.now();
  const questions = selectDatasets(options.dataset).flatMap((contract) => {
    const days = takePeriod(context, { contract, options, now });
    const [from, to] = [days.at(0), days.at(-1)];
    return from === undefined || to === undefined ? [] : { contract, from, to };
  });
  const profiles = await readDatabase(context, async (tx) => {
    const found: SeriesProfile[] = [];
    for (const question of questions) {
      found.push(await profileSeries(tx, { ...question, suggest: options.suggest === true }));
    }
    return found;
  });
  if (options.format === 'json') {
    printJson(context, profiles);
    return exitCodes.done;
  }
  for (const profile of profiles) {
    printProfile(context, profile);
  }
  return exitCodes.done;
}

function printProfile(context: CommandContext, profile: SeriesProfile): void {
  const { dataset, from, to, rows, columns, groups, suggestions } = profile;
  context.output.write(`${dataset}, ${from} to ${to}: ${rows} values\n`);
  if (rows === 0) {
    say(context, `there is no value of ${dataset} in these days; see jao-scraper coverage`);
    return;
  }
  printTable(
    context,
    [
      'column',
      'filled',
      'nulls',
      'distinct',
      'min',
      'lower quarter',
      'middle',
      'upper quarter',
      'max',
      'mean',
      'zeros',
      'steps',
    ],
    columns.map(columnCells),
  );
  printTable(
    context,
    [
      'keys of',
      'keys',
      'a day',
      'values',
      'nulls',
      'distinct',
      'min',
      'lower quarter',
      'middle',
      'upper quarter',
      'max',
      'mean',
      'zeros',
      'sentinels',
      'first',
      'last',
    ],
    groups.map((group) => [
      group.group,
      group.keys,
      span(group.keysPerDay),
      ...[group.rows, group.nulls, group.distinct],
      ...[group.min, group.q25, group.median, group.q75, group.max, rounded(group.mean)],
      group.zeros,
      percent(group.sentinelShare),
      ...[group.first, group.last],
    ]),
  );
  if (suggestions !== undefined) {
    printSuggestions(context, suggestions);
  }
}

function columnCells(column: ColumnProfile): (string | number | bigint | null)[] {
  const { name, filled, nulls, distinct, min, eighths, max, mean, zeros } = column;
  const cells = [min, eighths[1] ?? null, eighths[3] ?? null, eighths[5] ?? null, max];
  return [
    name,
    ...[filled, nulls, distinct],
    ...cells.map((cell) => (typeof cell === 'boolean' ? String(cell) : cell)),
    rounded(mean),
    zeros,
    stepsText(column),
  ];
}

/** The commonest steps; of times that are no steps at all, such as when we learned, none. */
function stepsText({ type, steps }: ColumnProfile): string | null {
  const texts = steps
    .filter(({ step }) => type === 'integer' || step % minuteMs === 0)
    .slice(0, 3)
    .map(({ step, times }) => `${type === 'integer' ? step : lengthText(step)} (${times} times)`);
  return texts.length === 0 ? null : texts.join(', ');
}

function lengthText(ms: number): string {
  return ms % hourMs === 0 ? `${ms / hourMs} h` : `${ms / minuteMs} min`;
}

function span({ min, max }: { readonly min: number; readonly max: number }): string {
  return min === max ? String(min) : `${min} to ${max}`;
}

function rounded(number: number | null): number | null {
  return number === null ? null : Number(number.toPrecision(6));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
