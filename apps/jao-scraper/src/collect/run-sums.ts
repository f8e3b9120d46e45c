import { bumpCounters } from '@sluice/warehouse/postgres';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import { findWrongSums, findWrongTotals } from '../store/wrong-sums.ts';
import type { WrongSum } from '../store/wrong-sums.ts';
import { onDatabase } from './collect-context.ts';
import type { RunContext } from './collect-context.ts';

/** How many differences a message names. */
const namedSums = 5;
/** A full history is counted within seconds. */
const statementTimeoutMs = 60_000;
/** Whoever is told to stop waits no longer than this. */
const stoppingTimeoutMs = 2_000;

/**
 * Compares what a run says that it did with what is stored. What differs is told at once, counted in
 * `sluice_ledger_differences_total` by dataset, and makes the run fail.
 */
export class RunSums {
  readonly #context: RunContext;
  readonly #named: string[] = [];
  #count = 0;

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** Why the run is no success; undefined while all sums are right. */
  get problem(): string | undefined {
    const more = this.#count - this.#named.length;
    return this.#count === 0
      ? undefined
      : `what is stored is not what was counted: ${this.#named.join('; ')}` +
          (more > 0 ? ` and ${more} more` : '') +
          '. Rows never just vanish: run jao-scraper verify on these days; reparse stores again what ' +
          'the payloads say';
  }

  /** Compares these attempts, which have just ended; without them all of the run. */
  async compareAttempts(attemptIds?: readonly number[]): Promise<void> {
    const { runId, db, onNotice } = this.#context;
    const wrong = await this.#read((tx) => findWrongSums(tx, { runId, attemptIds }));
    for (const sum of wrong) {
      this.#note(describeSum(sum));
      onNotice('what is stored is not what was counted', { ...sum });
    }
    if (wrong.length > 0) {
      await this.#harmless(() => db.transaction((tx) => bumpCounters(tx, countsOf(wrong))));
    }
  }

  /**
   * Compares the totals of the run with those of its attempts. A run that is stopped may have stored
   * what it was not told of any more, and is not compared.
   */
  async compareTotals(): Promise<void> {
    const { runId, totals, signal, onNotice } = this.#context;
    if (signal.aborted) {
      return;
    }
    const wrong = await this.#read((tx) => findWrongTotals(tx, { runId, totals: totals.value }));
    for (const { what, counted, stored } of wrong) {
      this.#note(`${counted} cells ${what} in the run, ${stored} in its attempts`);
      onNotice('the totals of the run are not those of its attempts', { what, counted, stored });
    }
  }

  async #read<Row>(work: (tx: PostgresTransaction) => Promise<Row[]>): Promise<Row[]> {
    const { db, signal } = this.#context;
    const timeoutMs = signal.aborted ? stoppingTimeoutMs : statementTimeoutMs;
    const rows = await this.#harmless(() => db.read(work, { statementTimeoutMs: timeoutMs }));
    return rows ?? [];
  }

  /** All that was stored is stored: whatever goes wrong from here on is a line in the log. */
  async #harmless<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await onDatabase(this.#context, work);
    } catch (error) {
      this.#context.onNotice('what is stored could not be compared with what was counted', {
        error: String(error),
      });
      return undefined;
    }
  }

  #note(sentence: string): void {
    this.#count += 1;
    if (this.#named.length < namedSums) {
      this.#named.push(sentence);
    }
  }
}

function describeSum({ attemptId, dataset, businessDay, what, counted, stored }: WrongSum): string {
  const place = [dataset, businessDay].filter((part) => part !== null).join(' ');
  return `${place}, attempt ${attemptId}: ${stored} ${what} stored, ${counted} counted`;
}

function countsOf(wrong: readonly WrongSum[]) {
  return wrong.map(({ dataset }) => ({
    name: 'sluice_ledger_differences_total',
    labels: { dataset },
    by: 1,
  }));
}
