import type { BackfillReport, DatasetContract } from '@sluice/schemas/jao';

import type { DayCollected } from '../collect/collect-day.ts';
import type { WantedDay } from './day-queue.ts';

type DatasetCounts = BackfillReport['datasets'][number];
type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] };

/** Counts what became of the days of a run. */
export class DayCounter {
  readonly #byDataset = new Map<
    string,
    {
      readonly contract: DatasetContract;
      readonly days: Mutable<DatasetCounts['days']>;
      readonly observations: Mutable<DatasetCounts['observations']>;
    }
  >();
  readonly #failures: NonNullable<BackfillReport['failures']>[number][] = [];
  readonly #open: Map<string, WantedDay>;

  /** Days that are asked for; every other count is a part of them. */
  constructor(days: readonly WantedDay[]) {
    this.#open = new Map(days.map((wanted) => [nameOf(wanted), wanted]));
    for (const { contract } of days) {
      this.#countsOf(contract).days.requested += 1;
    }
  }

  add(
    { contract, day }: Pick<WantedDay, 'contract' | 'day'>,
    result: DayCollected | 'skipped',
  ): void {
    const { days, observations } = this.#countsOf(contract);
    this.#open.delete(nameOf({ contract, day }));
    if (result === 'skipped') {
      days.skipped += 1;
      return;
    }
    const { written } = result;
    if (written === undefined) {
      days.failed += 1;
      this.#failures.push({
        dataset: contract.name,
        businessDay: day,
        outcome: result.outcome,
        message: result.message ?? '',
      });
      return;
    }
    if (written.outcome === 'stored') {
      days.stored += 1;
    } else if (written.outcome === 'empty') {
      days.empty += 1;
    } else {
      days.unchanged += 1;
    }
    observations.added += written.added;
    observations.revised += written.revised;
    observations.withdrawn += written.withdrawn;
    observations.unchanged += written.unchanged;
    observations.quarantined += written.quarantined;
  }

  /** Counts what nobody came to as failed: the run was stopped. */
  finish(): void {
    for (const wanted of this.#open.values()) {
      this.add(wanted, { outcome: 'cancelled', written: undefined, message: 'stopped on request' });
    }
  }

  get datasets(): DatasetCounts[] {
    return [...this.#byDataset.values()].map(({ contract, days, observations }) => ({
      region: contract.region,
      dataset: contract.dataset,
      days: { ...days },
      observations: { ...observations },
    }));
  }

  /** Days that could not be fetched, in the order they were given up. */
  get failures(): readonly NonNullable<BackfillReport['failures']>[number][] {
    return this.#failures;
  }

  #countsOf(contract: DatasetContract) {
    const counts = this.#byDataset.get(contract.name) ?? {
      contract,
      days: { requested: 0, stored: 0, unchanged: 0, empty: 0, failed: 0, skipped: 0 },
      observations: { added: 0, revised: 0, withdrawn: 0, unchanged: 0, quarantined: 0 },
    };
    this.#byDataset.set(contract.name, counts);
    return counts;
  }
}

function nameOf({ contract, day }: Pick<WantedDay, 'contract' | 'day'>): string {
  return `${contract.name} ${day}`;
}
