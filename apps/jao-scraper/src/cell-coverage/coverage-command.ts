import { CommandError, readPastInstant, say } from '@sluice/command-line';
import type { CellValue, Format } from '@sluice/command-line';
import { completenessOf, exitCodes } from '@sluice/schemas';
import type { Completeness, ExitCode } from '@sluice/schemas';
import { coverageStates } from '@sluice/schemas/jao';
import type { CoverageAction, CoverageState } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import type { CommandContext } from '../command-context.ts';
import { takePeriod } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { columnsNamed, printRows } from '../reading/print-rows.ts';
import { refuseUnknownKeys } from '../reading/refuse-unknown-keys.ts';
import { actionsOf, statesWith } from './coverage-actions.ts';
import type { CoverageActions } from './coverage-actions.ts';
import { streamDays, streamRanges, sumStates, wasEverAskedFor } from './coverage-query.ts';
import type {
  CoverageQuestion,
  CoverageRange,
  CoverageSum,
  DayCompleteness,
} from './coverage-query.ts';
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
  readonly completeness?: boolean;
  readonly format: Format;
}

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
  'actions',
]);
const sumColumns = columnsNamed([
  'region',
  'dataset',
  'state',
  'cells',
  'keys',
  'first_business_day',
  'last_business_day',
  'actions',
  'completeness',
  'collection_rate',
]);
const dayColumns = columnsNamed([
  'region',
  'dataset',
  'business_day',
  'cells',
  ...coverageStates,
  'completeness',
  'collection_rate',
]);

/**
 * `jao-scraper coverage`: which expected cells are in which state, by key and range, now or as of a
 * past time. What is to alert comes first, and exits with 3: unless configured, what is due and not
 * there. A key that nobody knows is refused, as a check that nothing can fail.
 */
export async function coverageCommand(
  context: CommandContext,
  options: CoverageOptions,
): Promise<ExitCode> {
  const print = readForm(options);
  const questions = readQuestions(context, options);
  const actions = context.config.coverageActions;
  const short = new ShortCells(actions);
  await readDatabase(context, async (tx) => {
    await refuseUnknownKeys(tx, {
      keys: options.key,
      datasets: questions.map(({ contract }) => contract.name),
    });
    const never = await neverAskedFor(tx, questions);
    const rows = await print(context, tx, questions, { format: options.format, short, actions });
    for (const name of never) {
      short.never.push(name);
      say(
        context,
        options.asOf === undefined
          ? `nothing of ${name} was ever asked for; run jao-scraper backfill`
          : `nothing of ${name} had been asked for by ${options.asOf}`,
      );
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
  readonly actions: CoverageActions;
}

/** Prints what was asked for, and gives how many rows there were. */
type Print = (
  context: CommandContext,
  tx: PostgresTransaction,
  questions: readonly CoverageQuestion[],
  options: PrintOptions,
) => Promise<number>;

function readForm({ summary, completeness, state }: CoverageOptions): Print {
  if (completeness === true && (summary === true || state !== undefined)) {
    throw new CommandError(
      `--completeness: has all states of each day; leave out ${summary === true ? '--summary' : '--state'}`,
      { exitCode: exitCodes.usage },
    );
  }
  return completeness === true ? printDays : summary === true ? printSums : printRanges;
}

function readQuestions(context: CommandContext, options: CoverageOptions): CoverageQuestion[] {
  const now = context.now();
  const asOf = readPastInstant('--as-of', options.asOf, now);
  const states = readStates(options.state);
  return selectDatasets(options.dataset).flatMap((contract) => {
    const days = takePeriod(context, { contract, options, now: asOf ?? now });
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
  { format, short, actions }: PrintOptions,
): Promise<number> {
  const rows: { readonly cells: CellValue[]; readonly isShort: boolean }[] = [];
  for (const question of questions) {
    const { contract, states } = question;
    const sums = await sumStates(tx, { ...question, states: undefined });
    const rate = completenessOf(new Map(sums.map(({ state, cells }) => [state, cells])));
    for (const sum of sums.filter(({ state }) => states?.includes(state) !== false)) {
      const follows = actionsOf(actions, contract.name, sum.state);
      short.add(contract.name, sum.state, sum.cells);
      rows.push({
        cells: sumCells(sum, follows, rate, format),
        isShort: follows.includes('alert'),
      });
    }
  }
  // Stable: within what alerts, and within the rest, by dataset and state.
  const sorted = rows.toSorted((left, right) => Number(right.isShort) - Number(left.isShort));
  return printRows(context, format, sumColumns, oneBatch(sorted.map(({ cells }) => cells)));
}

async function printDays(
  context: CommandContext,
  tx: PostgresTransaction,
  questions: readonly CoverageQuestion[],
  { format, short }: PrintOptions,
): Promise<number> {
  async function* cells(): AsyncGenerator<CellValue[][]> {
    for (const question of questions) {
      for await (const days of streamDays(tx, question)) {
        for (const day of days) {
          for (const [state, count] of day.cells) {
            short.add(question.contract.name, state, count);
          }
        }
        yield days.map(dayCells);
      }
    }
  }
  return printRows(context, format, dayColumns, cells());
}

async function printRanges(
  context: CommandContext,
  tx: PostgresTransaction,
  questions: readonly CoverageQuestion[],
  { format, short, actions }: PrintOptions,
): Promise<number> {
  async function* read(isShort: boolean): AsyncGenerator<CoverageRange[]> {
    for (const question of questions) {
      const { name } = question.contract;
      const alerting = statesWith(actions, name, 'alert');
      const states = (question.states ?? coverageStates).filter(
        (state) => alerting.includes(state) === isShort,
      );
      if (states.length === 0) {
        continue;
      }
      for await (const ranges of streamRanges(tx, { ...question, states })) {
        for (const { state, cells } of ranges) {
          short.add(name, state, cells);
        }
        yield ranges;
      }
    }
  }
  async function* cells(): AsyncGenerator<CellValue[][]> {
    for (const isShort of [true, false]) {
      // For people, days in a row that are alike are one range.
      for await (const ranges of format === 'table' ? joinDays(read(isShort)) : read(isShort)) {
        yield ranges.map((range) => {
          const name = `${range.region}/${range.dataset}`;
          return rangeCells(range, actionsOf(actions, name, range.state), format);
        });
      }
    }
  }
  return printRows(context, format, rangeColumns, cells());
}

function rangeCells(
  range: CoverageRange,
  actions: readonly CoverageAction[],
  format: Format,
): CellValue[] {
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
    actionsCell(actions, format),
  ];
}

function sumCells(
  sum: CoverageSum,
  actions: readonly CoverageAction[],
  { completeness, collectionRate }: Completeness,
  format: Format,
): CellValue[] {
  return [
    sum.region,
    sum.dataset,
    sum.state,
    sum.cells,
    sum.keys,
    sum.firstBusinessDay,
    sum.lastBusinessDay,
    actionsCell(actions, format),
    completeness,
    collectionRate,
  ];
}

function dayCells({ region, dataset, businessDay, cells }: DayCompleteness): CellValue[] {
  const { completeness, collectionRate } = completenessOf(cells);
  const counts = coverageStates.map((state) => cells.get(state) ?? 0);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return [region, dataset, businessDay, all, ...counts, completeness, collectionRate];
}

function actionsCell(actions: readonly CoverageAction[], format: Format): CellValue {
  return format === 'json' ? [...actions] : actions.join(' ');
}

async function* oneBatch(rows: CellValue[][]): AsyncGenerator<CellValue[][]> {
  yield await Promise.resolve(rows);
}

/** Counts the cells that are to alert. */
class ShortCells {
  /** Datasets of which nothing was ever asked for. */
  readonly never: string[] = [];
  readonly #actions: CoverageActions;
  readonly #cells = new Map<CoverageState, number>();

  constructor(actions: CoverageActions) {
    this.#actions = actions;
  }

  add(dataset: string, state: CoverageState, cells: number): void {
    if (actionsOf(this.#actions, dataset, state).includes('alert')) {
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
