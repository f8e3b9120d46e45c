import type { DatasetContract, ReparseReport } from '@sluice/schemas/jao';

import type { WantedDay } from '../backfill/day-queue.ts';
import type { DayReparsed } from './reparse-day.ts';

type DatasetCounts = ReparseReport['datasets'][number];

/** Counts what became of the days of a re-reading. */
export class ReparseCounter {
  readonly #byDataset = new Map<string, DatasetCounts>();
  readonly #open: Map<string, WantedDay>;
  /** Days that could not be read again. */
  readonly failures: NonNullable<ReparseReport['failures']> = [];

  constructor(days: readonly WantedDay[]) {
    this.#open = new Map(days.map((wanted) => [nameOf(wanted), wanted]));
    for (const { contract } of days) {
      this.#countsOf(contract).days.requested += 1;
    }
  }

  add(wanted: WantedDay, { kind, versions, quarantine }: DayReparsed): void {
    const counts = this.#countsOf(wanted.contract);
    this.#open.delete(nameOf(wanted));
    counts.days[kind] += 1;
    counts.versions[kind === 'rebuilt' ? 'rebuilt' : 'corrected'] += versions;
    counts.quarantine.replayed += quarantine.replayed;
    counts.quarantine.added += quarantine.added;
  }

  fail(wanted: WantedDay, message: string): void {
    const { contract, day } = wanted;
    this.#open.delete(nameOf(wanted));
    this.#countsOf(contract).days.failed += 1;
    this.failures.push({ dataset: contract.name, businessDay: day, message });
  }

  /** Counts what nobody came to as failed: the run was stopped. */
  finish(): void {
    for (const wanted of this.#open.values()) {
      this.fail(wanted, 'stopped on request');
    }
  }

  get datasets(): DatasetCounts[] {
    return [...this.#byDataset.values()];
  }

  #countsOf({ name, region, dataset }: DatasetContract): DatasetCounts {
    const counts = this.#byDataset.get(name) ?? {
      region,
      dataset,
      days: { requested: 0, rebuilt: 0, corrected: 0, unchanged: 0, failed: 0 },
      versions: { rebuilt: 0, corrected: 0 },
      quarantine: { replayed: 0, added: 0 },
    };
    this.#byDataset.set(name, counts);
    return counts;
  }
}

function nameOf({ contract, day }: WantedDay): string {
  return `${contract.name} ${day}`;
}
