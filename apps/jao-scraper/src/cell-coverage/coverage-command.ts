import { CommandError, readPastInstant, say } from '@sluice/command-line';
import type { CellValue, Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { coverageStates } from '@sluice/schemas/jao';
import type { CoverageState } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import type { CommandContext } from '../command-context.ts';
import { readPeriod } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { columnsNamed, printRows } from '../reading/print-rows.ts';
import { refuseUnknownKeys } from '../reading/unknown-keys.ts';
import { streamRanges, sumStates, wasEverAskedFor } from './coverage-query.ts';
import type { CoverageQuestion, CoverageRange, CoverageSum } from './coverage-query.ts';
import { joinDays } from './join-days.ts';

/** The options of `coverage`. */
export interface CoverageOptions {
  readonly dataset?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly key?: readonly string[];
  readonly state?: readonly string[];
  readonly asOf?: string;
  readonly summary?: boolean;
  readonly format: Format;
}

/** What is due and not there, whoever's fault it is. */
const shortStates: readonly CoverageState[] = ['quarantined', 'not_collected', 'not_provided'];

const rangeColumns = columnsNamed([
  'region',
  'dataset',
  'key',
  'business_day',
  'state',
  'delivery_start',
  'delivery_end',
  'cells',
  'due_at',
  'since',
  'reason',
]);
const sumColumns = columnsNamed([
  'region',
  'dataset',
  'state',
  'cells',
  'keys',
  'first_business_day',
  'last_business_day',
]);

/**
 * `jao-scraper coverage`: which expected cells are in which state, by key and range, now or as of a
 * past time. Exits with 3 where any of them is due and not there; a key that nobody knows is refused,
 * as a check that nothing can fail.
 */
export async function coverageCommand(
  context: CommandContext,
  options: CoverageOptions,
): Promise<ExitCode> {
  const questions = readQuestions(context, options);
  const short = new ShortCells();
  await readDatabase(context, async (tx) => {
    await refuseUnknownKeys(tx, questions);
    const never = await neverAskedFor(tx, questions);
    const rows = await (options.summary === true
      ? printSums(context, tx, questions, { format: options.format, short })
      : printRanges(context, tx, questions, { format: options.format, short }));
    for (const name of never) {
      short.never.push(name);
      say(context, `nothing of ${name} was ever asked for; run jao-scraper backfill`);
    }
    if (rows === 0 && never.length === 0) {
      say(context, 'no expected cell is among what was asked for');
    }
  });
  for (const line of short.lines()) {
    say(context, line);
  }
  return short.isEmpty ? exitCodes.done : exitCodes.fellShort;
}

interface PrintOptions {
  readonly format: Format;
  readonly short: ShortCells;
}

function readQuestions(context: CommandContext, options: CoverageOptions): CoverageQuestion[] {
  const now = context.now();
  const asOf = readPastInstant('--as-of', options.asOf, now);
  const states = readStates(options.state);
  return selectDatasets(options.dataset).flatMap((contract) => {
    const days = readPeriod(contract, options, asOf ?? now);
    const [from] = days;
    const to = days.at(-1);
    return from === undefined || to === undefined
      ? []
      : { contract, from, to, keys: options.key, states, asOf };
  });
}

function readStates(names: readonly string[] | undefined): readonly CoverageState[] | undefined {
  return names?.map((name) => {
    const state = coverageStates.find((known) => known === name);
    if (state === undefined) {
      throw new CommandError(
        `--state: there is no ${JSON.stringify(name)}; choose ${coverageStates.join(', ')}`,
        { exitCode: exitCodes.usage },
      );
    }
    return state;
  });
}

async function neverAskedFor(
  tx: PostgresTransaction,
  questions: readonly CoverageQuestion[],
): Promise<string[]> {
  const names: string[] = [];
  for (const question of questions) {
    if (!(await wasEverAskedFor(tx, question))) {
      names.push(question.contract.name);
    }
  }
  return names;
}

async function printSums(
  context: CommandContext,
  tx: PostgresTransaction,
  questions: readonly CoverageQuestion[],
  { format, short }: PrintOptions,
): Promise<number> {
  const sums: CoverageSum[] = [];
  for (const question of questions) {
    sums.push(...(await sumStates(tx, question)));
  }
  for (const { state, cells } of sums) {
    short.add(state, cells);
  }
  return printRows(context, format, sumColumns, oneBatch(sums.map(sumCells)));
}

async function printRanges(
  context: CommandContext,
  tx: PostgresTransaction,
  questions: readonly CoverageQuestion[],
  { format, short }: PrintOptions,
): Promise<number> {
  async function* read(): AsyncGenerator<CoverageRange[]> {
    for (const question of questions) {
      for await (const ranges of streamRanges(tx, question)) {
        for (const { state, cells } of ranges) {
          short.add(state, cells);
        }
        yield ranges;
      }
    }
  }
  async function* cells(): AsyncGenerator<CellValue[][]> {
    // For people, days in a row that are alike are one range.
    for await (const ranges of format === 'table' ? joinDays(read()) : read()) {
      yield ranges.map(rangeCells);
    }
  }
  return printRows(context, format, rangeColumns, cells());
}

function rangeCells(range: CoverageRange): CellValue[] {
  return [
    range.region,
    range.dataset,
    range.key,
    range.businessDay,
    range.state,
    range.deliveryStart.toISOString(),
    range.deliveryEnd.toISOString(),
    range.cells,
    range.dueAt.toISOString(),
    range.since?.toISOString() ?? null,
    range.reason,
  ];
}

function sumCells(sum: CoverageSum): CellValue[] {
  return [
    sum.region,
    sum.dataset,
    sum.state,
    sum.cells,
    sum.keys,
    sum.firstBusinessDay,
    sum.lastBusinessDay,
  ];
}

async function* oneBatch(rows: CellValue[][]): AsyncGenerator<CellValue[][]> {
  yield await Promise.resolve(rows);
}

/** Counts the cells that are due and not there. */
class ShortCells {
  /** Datasets of which nothing was ever asked for. */
  readonly never: string[] = [];
  readonly #cells = new Map<CoverageState, number>();

  add(state: CoverageState, cells: number): void {
    if (shortStates.includes(state)) {
      this.#cells.set(state, (this.#cells.get(state) ?? 0) + cells);
    }
  }

  get isEmpty(): boolean {
    return this.#cells.size === 0 && this.never.length === 0;
  }

  lines(): string[] {
    return [...this.#cells].map(([state, cells]) => `${cells} due cells are ${state}`);
  }
}
