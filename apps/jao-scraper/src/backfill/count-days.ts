import type { BackfillReport, DatasetContract } from '@sluice/schemas/jao';

import { adviseOn } from '../collect/advise.ts';
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
  readonly #notes: NonNullable<BackfillReport['notes']>[number][] = [];
  readonly #open: Map<string, WantedDay>;

  /** Days that the run is to come to. */
  constructor(days: readonly WantedDay[]) {
    this.#open = new Map(days.map((wanted) => [nameOf(wanted), wanted]));
    for (const { contract } of days) {
      this.#countsOf(contract);
    }
  }

  add(
    { contract, day }: Pick<WantedDay, 'contract' | 'day'>,
    result: DayCollected | 'skipped',
  ): void {
    if (result !== 'skipped' && result.outcome === 'cancelled') {
      // Stopped before it came to an end: as if it had not begun.
      return;
    }
    const { days, observations } = this.#countsOf(contract);
    this.#open.delete(nameOf({ contract, day }));
    days.requested += 1;
    if (result === 'skipped') {
      days.skipped += 1;
      return;
    }
    const { written, quarantined } = result;
    observations.quarantined += quarantined;
    if (written === undefined) {
      days.failed += 1;
      this.#failures.push({
        dataset: contract.name,
        businessDay: day,
        outcome: result.outcome,
        message: result.message ?? '',
        advice: adviseOn(result) ?? 'run the same backfill again to ask for it',
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
    for (const message of written.notes) {
      this.#notes.push({ dataset: contract.name, businessDay: day, message });
    }
  }

  /** Days that the run did not come to, as it was stopped. */
  get left(): number {
    return this.#open.size;
  }

  /** What a person may look at, in the order in which it was met. */
  get notes(): readonly NonNullable<BackfillReport['notes']>[number][] {
    const left = Map.groupBy(this.#open.values(), ({ contract }) => contract.name);
    return [
      ...this.#notes,
      ...[...left].map(([dataset, days]) => ({
        dataset,
        message: `stopped on request, before it came to ${days.length === 1 ? '1 day' : `${days.length} days`}`,
      })),
    ];
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
