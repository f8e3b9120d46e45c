import type { PostgresRunTotals } from '@sluice/warehouse/postgres';

import type { DayWritten } from '../store/write-day.ts';

/** The control totals of a run: cells of answers, and what became of them. */
export class RunTotals {
  #accepted = 0;
  #quarantined = 0;
  #unchanged = 0;

  add({
    added,
    revised,
    unchanged,
    quarantined,
  }: Pick<DayWritten, 'added' | 'revised' | 'unchanged' | 'quarantined'>): void {
    this.#accepted += added + revised;
    this.#quarantined += quarantined;
    this.#unchanged += unchanged;
  }

  get value(): PostgresRunTotals {
    return {
      read: this.#accepted + this.#quarantined + this.#unchanged,
      accepted: this.#accepted,
      duplicate: 0,
      conflicting: 0,
      quarantined: this.#quarantined,
      refused: 0,
      unchanged: this.#unchanged,
    };
  }
}
